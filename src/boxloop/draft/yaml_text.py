"""Write a study file as a person would: short mappings on one line, comments beside the keys."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

KeyPath = tuple[str | int, ...]

WIDTH = 100
_PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_./*+()-]*( [A-Za-z0-9_./*+()=;-]+)*$")
_WORDS = re.compile(r"^(true|false|null|yes|no|on|off|y|n|nan|inf|\.nan|\.inf)$", re.I)
#: Mappings that stand on several lines, whatever their length.
_BLOCKS = (
    *("question", "samples", "columns", "columns.features", "columns.excluded", "columns.lineage"),
    *("models", "report"),
)


def study_text(
    content: Mapping[str, Any],
    notes: Mapping[KeyPath, str],
    *,
    head: Sequence[str] = (),
    left_out: Mapping[str, tuple[Any, str]] | None = None,
) -> str:
    """Return the text of a study file.

    Parameters
    ----------
    content : mapping
        The study, its sections in order.
    notes : mapping of key path to str
        What is said of a key: behind it where it fits into the line, else above it.
    head : sequence of str
        Comments at the top.
    left_out : mapping of str to (content, note), optional
        Features that are written as comments, to be taken in by taking the ``#`` away.
    """
    lines = [f"# {line}" for text in head for line in textwrap.wrap(clean(text), WIDTH - 2)]
    for key, value in content.items():
        if isinstance(value, Mapping | list) and key in _BLOCKS:
            lines.append("")
        lines += _entry((key,), value, notes, 0, left_out or {})
    return "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """Return text for a comment: on one line, and nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _entry(
    at: KeyPath,
    value: Any,
    notes: Mapping[KeyPath, str],
    indent: int,
    left_out: Mapping[str, tuple[Any, str]],
) -> list[str]:
    pad = " " * indent
    path = ".".join(str(p) for p in at)
    key = scalar(str(at[-1]))
    note = clean(notes.get(at, ""))
    if isinstance(value, Mapping) and value and (path in _BLOCKS or _wide(key, value, indent)):
        lines = _with_note(f"{pad}{key}:", note, indent)
        for name, part in value.items():
            lines += _entry((*at, name), part, notes, indent + 2, left_out)
        if path == "columns.features":
            lines += _commented(left_out, indent + 2)
        return lines
    if isinstance(value, list) and value and path in _BLOCKS:
        lines = _with_note(f"{pad}{key}:", note, indent)
        for i, part in enumerate(value):
            lines += _with_note(
                f"{pad}  - {flow(part)}", clean(notes.get((*at, i), "")), indent + 2
            )
        return lines
    return _with_note(f"{pad}{key}: {flow(value)}", note, indent)


def _commented(left_out: Mapping[str, tuple[Any, str]], indent: int) -> list[str]:
    """Write features that are left out, so that taking the sign away takes them in."""
    lines = []
    for name, (value, note) in left_out.items():
        lines += _with_note(f"{' ' * indent}# {scalar(name)}: {flow(value)}", clean(note), indent)
    return lines


def _wide(key: str, value: Mapping[str, Any], indent: int) -> bool:
    return indent < 4 and indent + len(key) + 2 + len(flow(value)) > WIDTH


def _with_note(line: str, note: str, indent: int) -> list[str]:
    if not note:
        return [line]
    if len(line) + len(note) + 4 <= WIDTH:
        return [f"{line}  # {note}"]
    above = textwrap.wrap(note, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
    return [*(f"{' ' * indent}# {part}" for part in above), line]


def flow(value: Any) -> str:
    """Return a value on one line, as YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    return scalar(str(value))


def scalar(text: str) -> str:
    """Return text as YAML reads it back: plain where it can be, else in double quotes."""
    if _PLAIN.fullmatch(text) and not _WORDS.match(text) and len(text) < 400:
        return text
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _number(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
