"""Write docs/outputs.md and the JSON schema of the files of results/ from their records."""

import ast
import inspect
import json
import re
import textwrap
import types
import typing
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Required, Union

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import get_original_bases, get_type_hints, is_typeddict

from boxloop.results import common
from boxloop.results.registry import FILES, File

#: The page without what follows from records: a line ``[records STAGE]`` is where a stage's go.
TEMPLATE = Path(__file__).with_name("outputs.md")
_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True)


def content_of(file: File) -> Any:
    """Return the type of a file's content."""
    module, _, name = file.record.partition(":")
    record = getattr(import_module(module), name)
    if file.many == "list":
        return types.GenericAlias(list, (record,))
    return types.GenericAlias(dict, (str, record)) if file.many else record


def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what validates lists of a type (pydantic takes no settings for a bare TypedDict).

    A key that the type does not name is an error.
    """
    return TypeAdapter(list[kind], config=_CONFIG)


def schema_text() -> str:
    """Return the JSON schema: a property for each file, by its path in results/<study>/."""
    kinds = {file.path: content_of(file) for file in FILES}
    found, shared = TypeAdapter.json_schemas(
        [(path, "validation", adapter(kind)) for path, kind in kinds.items()]
    )
    for record in records_in(list(kinds.values())):
        own = shared["$defs"][record.__name__]["properties"]
        for key, (_, text) in keys_of(record).items():
            own[key].setdefault("description", text)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "JSON files of results/<study>/",
        "type": "object",
        "properties": {path: found[path, "validation"]["items"] for path in kinds},
        "$defs": shared["$defs"],
    }
    return json.dumps(schema, indent=2) + "\n"


def outputs_page() -> str:
    """Return the page that lists every file of results/ with its keys, in Markdown."""
    lines: list[str] = []
    for line in TEMPLATE.read_text(encoding="utf-8").splitlines():
        if line.startswith("[records "):
            named = line.strip("[]").split()[1]
            lines += _parts() if named == "parts" else _files(named)
        else:
            lines.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _files(stage: str) -> Iterator[str]:
    for file in FILES:
        if file.path.startswith(f"{stage}/"):
            kind = content_of(file)
            last, path = _inside(kind)
            many = f" (`{path}`)" if path else ""
            yield f"### {file.path.removeprefix(f'{stage}/')}\n"
            yield f"{inspect.getdoc(last)}{many}\n"
            yield from [*_keys(last, "", set()), ""]


def _keys(record: Any, indent: str, told: set[Any], only: Collection[str] = ()) -> Iterator[str]:
    """Yield a line for each key of a record, and below it those of records not `told` so far."""
    for key, (kind, text) in keys_of(record).items():
        if only and key not in only:
            continue
        absent = " (may be missing)" if key in record.__optional_keys__ else ""
        inside, path = _inside(kind)
        members = [(key + path + end, m) for m, end in _members(inside)]
        records = [(at, m) for at, m in members if is_typeddict(m)]
        like = "".join(f" {_braces(m)}" for _, m in records if _is_shared(m, told))
        words = [
            f"`{w}`" for _, m in members if typing.get_origin(m) is Literal for w in m.__args__
        ]
        like += f" ({', '.join(words)})" if words else ""
        null = " or null" if any(m is type(None) for _, m in members) else ""
        yield f"{indent}- `{key}{path}`{like}{null}{absent}: {text}"
        for at, inner in records:
            if _is_shared(inner, told):
                continue
            several = len(records) > 1
            if several:
                yield f"{indent}  - `{at}`: {inspect.getdoc(inner)}"
            told.add(inner)
            yield from _keys(inner, indent + "  " * (1 + several), told)


def _is_shared(record: Any, told: set[Any]) -> bool:
    """Whether the keys of a record are told elsewhere."""
    return record.__module__ == common.__name__ or record in told


def _braces(record: Any) -> str:
    return "{" + ", ".join(f"`{key}`" for key in keys_of(record)) + "}"


def _parts() -> Iterator[str]:
    for record in vars(common).values():
        if is_typeddict(record) and record.__module__ == common.__name__:
            yield f"- {_braces(record)}: {inspect.getdoc(record)}"
            yield from _keys(record, "  ", {record}, list(_described(record)))


def _inside(kind: Any) -> tuple[Any, str]:
    """Return what lies in lists and mappings, and the path that leads to it."""
    origin, members = typing.get_origin(kind), typing.get_args(kind)
    if origin in (NotRequired, Required, Annotated):
        return _inside(members[0])
    if origin is list:
        last, path = _inside(members[0])
        return last, f"[]{path}"
    if origin is dict:
        last, path = _inside(members[1])
        name = typing.get_args(members[0])
        return last, f".<{name[1] if name else 'name'}>{path}"
    if origin in (Union, types.UnionType):
        inner = [m for m in members if m is not type(None)]
        if len(inner) == 1:
            last, path = _inside(inner[0])
            return Union[last, None], path  # noqa: UP007
    return kind, ""


def _members(kind: Any) -> Iterator[tuple[Any, str]]:
    """Yield what a value may be, each with the path that leads into it."""
    if typing.get_origin(kind) not in (Union, types.UnionType):
        yield kind, ""
        return
    for member in typing.get_args(kind):
        inner, path = _inside(member)
        yield from ((last, path + end) for last, end in _members(inner))


def records_in(kinds: list[Any]) -> list[Any]:
    """Return all records in some types, each once."""
    found: dict[Any, None] = {}
    left = list(kinds)
    while left:
        kind = left.pop()
        if is_typeddict(kind) and kind not in found:
            found[kind] = None
            left += [inner for inner, _ in keys_of(kind).values()]
        left += typing.get_args(kind)
    return list(found)


def keys_of(record: Any) -> dict[str, tuple[Any, str]]:
    """Return type and description of each key of a record; those of what it extends come first."""
    found: dict[str, tuple[Any, str]] = {}
    for base in get_original_bases(record):
        if is_typeddict(base):
            found |= keys_of(base)
    kinds = get_type_hints(record, include_extras=True)
    return found | {key: (kinds[key], text) for key, text in _described(record).items()}


@cache
def _described(record: Any) -> dict[str, str]:
    """Return the text below each key that a record itself has.

    Keys that are words of Python stand in a call, where the text is the last word of their type.
    """
    try:
        source = inspect.getsource(record)
    except OSError:
        kinds = get_type_hints(record, include_extras=True)
        return {key: str(kind.__metadata__[-1]) for key, kind in kinds.items()}
    body = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for key, text in pairwise(body.body):
        if isinstance(key, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(key.target, ast.Name) and isinstance(text.value, ast.Constant)
            found[key.target.id] = inspect.cleandoc(str(text.value.value)).replace("\n", " ")
    return found
