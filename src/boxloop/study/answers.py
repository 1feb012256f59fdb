"""Write a person's answer into the text of a study file; comments and layout stay."""

import textwrap
from typing import Any

import yaml

from boxloop.errors import BoxloopError
from boxloop.study.yaml_lines import Loader

#: Replace text[start:end] by something.
Edit = tuple[int, int, str]
#: The fields of an answer in the order in which they are written.
FIELDS = ("answer", "not_applicable", "by", "date", "evidence")
#: Answers longer than this are folded over several lines.
_WIDTH = 96


def with_answer(text: str, item: str, answer: dict[str, Any], name: str) -> str:
    """Return the text of a study file with an answer under ``checklist``.

    A new answer stands after those that are there, one that is there has its fields replaced;
    nothing else changes.

    Parameters
    ----------
    text : str
        Content of the file.
    item : str
        Identifier of the item.
    answer : dict
        Fields of `boxloop.study.model.Answer`; those not given are left out of a new answer.
    name : str
        What to call the file in messages.

    Raises
    ------
    BoxloopError
        The file is not valid YAML, or is written so that it cannot be edited in place.
    """
    fields = {k: answer[k] for k in FIELDS if k in answer}
    try:
        new = _applied(text, _edits(_Document(text), item, fields))
        same = _content(new, item) == _content(text, item, fields)
    except (yaml.YAMLError, _UnusualError):
        same = False
    if not same:
        lines = "\n".join(_block({"checklist": {item: fields}}, 2, "\n"))
        raise BoxloopError(
            f"{name}: cannot be edited in place, as it is written in an unusual way; nothing is "
            f"written. Write the answer there yourself:\n{textwrap.indent(lines, '  ')}"
        )
    return new


class _UnusualError(Exception):
    """The file is written so that no edit is safe."""


class _Places(Loader):
    """Composes nodes for their places only: an alias is a node of its own, where it stands."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()
            return yaml.ScalarNode("alias", event.anchor, event.start_mark, event.end_mark)
        return super().compose_node(parent, index)


class _Document:
    """A study file: its text, its root, and how its lines end."""

    def __init__(self, text: str) -> None:
        loader = _Places(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
        if not isinstance(root, yaml.MappingNode) or root.flow_style or not root.value:
            raise _UnusualError
        self.text, self.root = text, root
        self.ending = "\r\n" if "\r\n" in text else "\n"

    def after(self, node: yaml.Node) -> int:
        """Return where the line after a node of a block begins: a comment behind it stays."""
        line = self.text.find("\n", self.end(node))
        return len(self.text) if line < 0 else line + 1

    def end(self, node: yaml.Node) -> int:
        """Return where the last thing said in a node ends; a block's own mark is further on."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            if not isinstance(last, tuple):
                return self.end(last)
            key, value = last
            return max(self.end(value), int(key.end_mark.index))
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self.text[:end].rstrip())
        return end

    def insert(self, at: int, lines: list[str]) -> Edit:
        """Return the edit that writes lines where a line begins, or at the end of the text."""
        before = self.ending if at and self.text[at - 1] != "\n" else ""
        return at, at, before + "".join(f"{line}{self.ending}" for line in lines)


def _edits(document: _Document, item: str, fields: dict[str, Any]) -> list[Edit]:
    """Return the edits: a new section, a new item in it, or new fields of the item."""
    root, ending = document.root, document.ending
    margin = root.value[0][0].start_mark.column
    section = _pair(root, "checklist")
    if section is None:
        lines = _block({"checklist": {item: fields}}, 2, ending, margin)
        return [document.insert(min(root.end_mark.index, len(document.text)), lines)]
    value = section[1]
    if _is_empty(value):
        lines = _block({item: fields}, 2, ending, margin + 2)
        return [*_emptied(document, value), document.insert(document.after(value), lines)]
    if not isinstance(value, yaml.MappingNode):
        raise _UnusualError
    found = _pair(value, item)
    if found is not None:
        return _replaced(document, found[1], fields)
    if value.flow_style:
        place = document.end(value.value[-1][1])
        return [(place, place, f", {_quoted_key(item)}: {_flow(fields)}")]
    first = value.value[0][0].start_mark
    lines = _block({item: fields}, _step(value), ending, first.column)
    return [document.insert(document.after(value), lines)]


def _replaced(document: _Document, value: yaml.Node, fields: dict[str, Any]) -> list[Edit]:
    """Return the edits that make an answer which is there another one, field by field."""
    if not isinstance(value, yaml.MappingNode) or not value.value or _anchored(document, value):
        start, end = value.start_mark.index, document.end(value)
        if end < start or "\n" in document.text[start:end]:
            raise _UnusualError
        space = "" if document.text[start - 1].isspace() else " "
        return [(start, end, space + _flow(fields))]
    edits: list[Edit] = []
    inside = value.value[0][0].start_mark.column
    for name in FIELDS:
        pair = _pair(value, name)
        if pair is None:
            continue
        said = fields.get(name, False if name == "not_applicable" else None)
        start, end = pair[1].start_mark.index, document.end(pair[1])
        written = _flow(said) if value.flow_style else _scalar(said, inside, document.ending)
        space = "" if document.text[start - 1].isspace() else " "
        edits.append((start, end, space + written))
    new = {k: v for k, v in fields.items() if _pair(value, k) is None}
    if new and value.flow_style:
        place = document.end(value.value[-1][1])
        edits.append((place, place, ", " + _flow(new)[1:-1]))
    elif new:
        edits.append(
            document.insert(document.after(value), _block(new, 2, document.ending, inside))
        )
    return edits


def _pair(mapping: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next(((k, v) for k, v in mapping.value if k.value == key), None)


def _is_empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        return not node.value
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _emptied(document: _Document, value: yaml.Node) -> list[Edit]:
    """Take ``{}`` or ``null`` away, with the space before it."""
    start, end = value.start_mark.index, value.end_mark.index
    if end <= start:
        return []
    while document.text[start - 1] == " ":
        start -= 1
    return [(start, end, "")]


def _anchored(document: _Document, node: yaml.Node) -> bool:
    return document.text[node.start_mark.index] in "&!"


def _step(mapping: yaml.MappingNode) -> int:
    """Return by how many columns the answers of a block are indented under their items."""
    for key, value in mapping.value:
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            return int(value.value[0][0].start_mark.column - key.start_mark.column)
    return 2


def _block(content: dict[str, Any], step: int, ending: str, margin: int = 0) -> list[str]:
    """Return the lines of a mapping in block style."""
    lines = []
    for key, value in content.items():
        start = f"{' ' * margin}{_quoted_key(key)}:"
        if isinstance(value, dict):
            lines += [start, *_block(value, step, ending, margin + step)]
        else:
            lines += f"{start} {_scalar(value, margin, ending)}".split(ending)
    return lines


def _scalar(value: Any, margin: int, ending: str) -> str:
    """Write a value of a block: long text is folded, other text quoted."""
    if not isinstance(value, str) or len(value) <= _WIDTH or not _folds(value):
        return _flow(value)
    lines = textwrap.wrap(value, _WIDTH - margin, break_long_words=False, break_on_hyphens=False)
    return f">-{ending}" + ending.join(" " * (margin + 2) + line for line in lines)


def _folds(text: str) -> bool:
    return text.isprintable() and text == text.strip() and "  " not in text


def _flow(value: Any) -> str:
    """Write a value on one line; all text is quoted, so that no word is taken for a number."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    written = yaml.safe_dump(str(value), default_style='"', width=float("inf"), allow_unicode=True)
    return str(written).rstrip("\n")


def _quoted_key(key: str) -> str:
    return key if key.replace("_", "").replace(".", "").isalnum() else _flow(key)


def _applied(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, key=lambda e: e[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _content(text: str, item: str, fields: dict[str, Any] | None = None) -> Any:
    """Return what a file says, once given fields are the item's; absent, false and null are one."""
    content = _unshared(yaml.load(text, Loader))
    section = content["checklist"] = content.get("checklist") or {}
    said = section.get(item) or {} if fields is None else fields
    section[item] = {k: v for k, v in said.items() if v is not None and v is not False}
    return content


def _unshared(content: Any) -> Any:
    """Copy content so that what an alias repeats is there twice."""
    if isinstance(content, dict):
        return {key: _unshared(value) for key, value in content.items()}
    return [_unshared(value) for value in content] if isinstance(content, list) else content
