"""Say what is wrong with a study in words: expected, found, nearest valid name."""

import re
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from boxloop.errors import listed, suggest
from boxloop.study.yaml_lines import KeyPath

#: What pydantic's kinds of error expect, in the words of somebody who writes YAML.
_EXPECTED: dict[str, str] = {
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "too_short": "at least {min_length} entry",
    "too_long": "at most {max_length} entries",
}

#: What the patterns of the study format mean, by a text that matches them.
_PATTERNS: dict[str, str] = {
    "name_1": "a name of letters, digits and underscores that begins with a letter",
    "module:function": "module:function",
    "0" * 64: "a SHA-256 checksum: 64 digits and small letters a to f (sha256sum FILE)",
    "2000-01-01": "a date as YYYY-MM-DD, in quotes or not",
    "a/b.json 0123456789ab": "files and hashes as boxloop answer writes them",
    "https://host": "an address that begins with https://, http:// or file://",
}


@dataclass(frozen=True)
class Fault:
    """One thing to mend: where it is, as a key path, and what to do."""

    at: KeyPath
    message: str


@dataclass
class _Found:
    """An error of pydantic with its location in the user's file."""

    at: KeyPath
    error: Any
    expected: list[str]


def faults_of(error: ValidationError, content: Any, root: type[BaseModel]) -> list[Fault]:
    """Translate the errors of a validation.

    Parameters
    ----------
    error : pydantic.ValidationError
    content : dict
        What was validated.
    root : type
        The model that it was validated as.
    """
    found: list[_Found] = []
    for e in error.errors():
        at = locate(e, content)
        same = next((f for f in found if f.at == at and f.expected and _expected(e)), None)
        if same:
            same.expected += [x for x in _expected(e) if x not in same.expected]
        else:
            found.append(_Found(at, e, _expected(e)))
    deeper = [f.at for f in found]
    return [_say(f, root) for f in found if not (f.expected and _inside(f.at, deeper))]


def _inside(at: KeyPath, others: Iterable[KeyPath]) -> bool:
    """Whether another fault lies deeper: then this is a member of a union that was not meant."""
    return any(len(o) > len(at) and o[: len(at)] == at for o in others)


def locate(error: Any, content: Any) -> KeyPath:
    """Return the key path of an error, without what pydantic adds to it (names of types)."""
    at: list[str | int] = []
    value, loc = content, error["loc"]
    for i, key in enumerate(loc):
        if isinstance(value, dict):
            mine = next((k for k in value if str(k) == str(key)), None)
            if mine is not None:
                at.append(str(mine))
                value = value[mine]
                continue
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            at.append(key)
            value = value[key]
            continue
        if error["type"] == "missing" and i == len(loc) - 1:
            at.append(key)
    return tuple(at)


def _expected(error: Any) -> list[str]:
    kind, ctx = error["type"], error.get("ctx", {})
    if kind in _EXPECTED:
        return [_EXPECTED[kind].format(**{k: _number(v) for k, v in ctx.items()})]
    if kind == "literal_error":
        return [re.sub(r"'([^']*)'", r"\1", ctx["expected"])]
    if kind == "string_pattern_mismatch":
        meant = [w for text, w in _PATTERNS.items() if re.match(ctx["pattern"], text)]
        return [meant[0] if meant else f"text like {ctx['pattern']}"]
    return []


def _say(fault: _Found, root: type[BaseModel]) -> Fault:
    at, error = fault.at, fault.error
    kind, found = error["type"], error.get("input")
    if kind == "extra_forbidden":
        known = keys_at(root, at[:-1])
        wanted = f"expected one of {listed(known, 30)}"
        return Fault(at, f"unknown key; {wanted}{suggest(str(at[-1]), known)}")
    if kind == "missing":
        if isinstance(at[-1], int):
            return Fault(at[:-1], f"expected at least {at[-1] + 1} entries; found {at[-1]}")
        return Fault(at[:-1], f"the key {at[-1]!r} is missing")
    if not fault.expected:
        message = error["msg"].removeprefix("Value error, ")
        return Fault(at, message if kind == "value_error" else f"{message}; found {kind_of(found)}")
    choices = re.split(r", | or ", " or ".join(fault.expected)) if kind == "literal_error" else []
    if kind in ("too_short", "too_long"):
        found = f"{len(found)}" if isinstance(found, list | dict) else found
        return Fault(at, f"expected {' or '.join(fault.expected)}; found {found}")
    return Fault(
        at,
        f"expected {' or '.join(fault.expected)}; found {kind_of(found)}"
        f"{suggest(str(found), choices) if isinstance(found, str) else ''}",
    )


def kind_of(value: Any) -> str:
    """Return a value as the user wrote it, or what kind of thing it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"{value!r}"


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def keys_at(root: type[BaseModel], at: Sequence[str | int]) -> list[str]:
    """Return the valid keys of the mapping at a key path."""
    kind: Any = root
    for key in at:
        kind = _model_in(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {f.alias or n: f for n, f in kind.model_fields.items()}
            kind = fields[str(key)].annotation if str(key) in fields else None
        elif typing.get_origin(kind) in (dict, list):
            kind = typing.get_args(kind)[-1]
    kind = _model_in(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [f.alias or n for n, f in kind.model_fields.items()]
    return []


def _model_in(kind: Any) -> Any:
    """Strip Optional and Annotated; of a union take the model."""
    if typing.get_origin(kind) is typing.Annotated:
        return _model_in(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        members = [_model_in(a) for a in typing.get_args(kind) if a is not type(None)]
        models = [m for m in members if isinstance(m, type) and issubclass(m, BaseModel)]
        return (models or members or [None])[0]
    return kind
