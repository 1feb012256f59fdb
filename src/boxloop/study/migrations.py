"""Bring the text of an older study file to the present version, and keep what it means."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from boxloop.errors import BoxloopError
from boxloop.study.yaml_lines import KeyPath, Loader

#: The version that this boxloop reads.
VERSION = 2

#: Keys that version 1 read and ignored and version 2 acts on, each with what it does now.
CAME_INTO_FORCE: dict[KeyPath, str] = {
    ("columns", "sky", "match"): "keeps rows closer than that together in one set and fold",
    ("columns", "image", "path"): "reads each object's image from a file of its own",
}


def upgraded(text: str, name: str) -> str:
    """Return the text of a study file in the present version; comments and layout stay.

    Keys that only now have an effect become comments, so that the study means what it meant.

    Parameters
    ----------
    text : str
        Content of the file.
    name : str
        What to call the file in messages.

    Raises
    ------
    BoxloopError
        The file has no version or a future one, is not valid YAML, or cannot be edited in place.
    """
    node = _root(text, name)
    if _version(node, name) == VERSION:
        return text
    pairs = dict(_pairs(node))
    edits = [_renumbered(pairs["schema",][1])]
    notes = {}
    for at, now in CAME_INTO_FORCE.items():
        if at in pairs:
            edits += _taken_out(text, pairs, at)
            notes[pairs[at][0].start_mark.line] = (
                f"boxloop upgrade: version 1 ignored {at[-1]}, version 2 {now}"
            )
    new = _applied(text, edits, notes, pairs)
    _verify(text, new, name)
    return new


def version_fault(version: Any, file: str) -> str | None:
    """Return why a version cannot be read, and what to do; None for one that can, or is none."""
    if isinstance(version, bool) or not isinstance(version, int) or version == VERSION:
        return None
    if version == 1:
        return f"this file has version 1, boxloop reads {VERSION}; run: boxloop upgrade {file}"
    if version > VERSION:
        return f"this file has version {version}, boxloop reads {VERSION}; install a newer boxloop"
    return None


Pair = tuple[yaml.Node, yaml.Node, yaml.MappingNode]
#: Replace text[start:end] by something.
Edit = tuple[int, int, str]


def _root(text: str, name: str) -> yaml.MappingNode:
    loader = Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}" if mark else ""
        raise BoxloopError(f"{name}{where}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BoxloopError(f"{name}: not valid YAML: {error}") from None
    finally:
        loader.dispose()
    if not isinstance(node, yaml.MappingNode):
        raise BoxloopError(f"{name}:1: expected a mapping (key: value), as every study file is one")
    return node


def _version(node: yaml.MappingNode, name: str) -> int:
    found = dict(_pairs(node)).get(("schema",))
    if found is None:
        raise BoxloopError(
            f"{name}:1: schema: expected the version the file was written for, schema: 1 or "
            f"schema: {VERSION}; found none; write it there"
        )
    line, value = found[1].start_mark.line + 1, found[1].value
    if str(value) not in [str(v) for v in range(1, VERSION + 1)]:
        fault = version_fault(int(value), name) if re.fullmatch(r"\d+", str(value)) else None
        raise BoxloopError(
            f"{name}:{line}: schema: {fault or f'expected 1 or {VERSION}; found {value!r}'}"
        )
    return int(value)


def _pairs(node: yaml.Node, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Pair]]:
    """Yield key, value and mapping of every key path that goes through mappings alone."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*at, str(key.value))
            yield path, (key, value, node)
            if len(path) < max(len(p) for p in CAME_INTO_FORCE):
                yield from _pairs(value, path)


def _renumbered(value: yaml.Node) -> Edit:
    return value.start_mark.index, value.end_mark.index, str(VERSION)


def _taken_out(text: str, pairs: dict[KeyPath, Pair], at: KeyPath) -> list[Edit]:
    """Edits that take a pair out of its mapping: lines become comments, a flow mapping shrinks."""
    key, value, mapping = pairs[at]
    start, end = key.start_mark.index, value.end_mark.index
    if mapping.flow_style:
        i = next(i for i, (k, _) in enumerate(mapping.value) if k is key)
        if i + 1 < len(mapping.value):
            end += len(re.match(r"\s*,[ \t]*", text[end:])[0])  # type: ignore[index]
        elif i > 0:
            start = mapping.value[i - 1][1].end_mark.index
        return [(start, end, "")]
    edits: list[Edit] = []
    first = text.rfind("\n", 0, start) + 1
    for line in re.finditer(r"[^\n]*\n?", text[first:end]):
        if line[0].strip():
            place = first + line.start() + len(line[0]) - len(line[0].lstrip(" "))
            edits.append((place, place, "# "))
    if len(mapping.value) == 1:
        colon = text.index(":", pairs[at[:-1]][0].end_mark.index) + 1
        edits.append((colon, colon, " {}"))
    return edits


def _applied(
    text: str, edits: list[Edit], notes: dict[int, str], pairs: dict[KeyPath, Pair]
) -> str:
    """Carry the edits out from the last to the first, with each note above its line."""
    lines = text.split("\n")
    for line, note in notes.items():
        start = sum(len(x) + 1 for x in lines[:line])
        indent = re.match(r" *", lines[line])[0]  # type: ignore[index]
        ending = "\r\n" if lines[line].endswith("\r") else "\n"
        said = f"{indent}# {note}{ending}"
        gone = [
            text[k.start_mark.index : v.end_mark.index]
            for at, (k, v, m) in pairs.items()
            if at in CAME_INTO_FORCE and m.flow_style and k.start_mark.line == line
        ]
        said += "".join(f"{indent}# {' '.join(g.split())}{ending}" for g in gone)
        edits.append((start, start, said))
    for start, end, new in sorted(edits, key=lambda e: (e[0], e[1], not e[2]), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _unshared(content: Any) -> Any:
    """Copy content so that what an alias repeats is there twice."""
    if isinstance(content, dict):
        return {key: _unshared(value) for key, value in content.items()}
    return [_unshared(value) for value in content] if isinstance(content, list) else content


def _verify(old: str, new: str, name: str) -> None:
    """Refuse an edit that changes anything but what it is meant to change."""
    expected = _unshared(yaml.load(old, Loader))
    expected["schema"] = VERSION
    for *path, last in CAME_INTO_FORCE:
        part = expected
        for key in path:
            part = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict):
            part.pop(last, None)
    try:
        same = yaml.load(new, Loader) == expected
    except yaml.YAMLError:
        same = False
    if not same:
        keys = ", ".join(".".join(str(k) for k in at) for at in CAME_INTO_FORCE)
        raise BoxloopError(
            f"{name}: cannot be edited in place, as it is written in an unusual way; write "
            f"schema: {VERSION} into it and take out {keys} yourself"
        )
