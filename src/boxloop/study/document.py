"""Write the JSON schema and the page docs/study.md from the typed study format."""

import json
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import annotated_types
from pydantic import BaseModel, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from boxloop.study.checklists import LINES, Item, items_of
from boxloop.study.examples import EXAMPLES
from boxloop.study.known_metrics import METRICS
from boxloop.study.known_model import FITTING
from boxloop.study.known_models import GIVEN, MODELS
from boxloop.study.model import Study
from boxloop.study.vocabulary import STAGES

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    type(None): "null",
    Any: "any value",
}

_INTRODUCTION = """\
<!-- Written by `boxloop docs` from src/boxloop/study; edit it there. -->
# The study file

One YAML file in `config/studies/` says all there is to say about a question: its data, what their
columns mean, how they are split, which models compete, and by which number they are judged. The
name of the file is the name of the study and of its results folder. `boxloop check FILE` names
everything that is wrong with it, each with its line; editors that know JSON schemas can do so while
you type, with `workflow/schemas/study.schema.json`.

Numbers are written as `0.001` or `1e-3`; `yes`, `no`, `on` and `off` are plain text; a key may
stand only once. A file that `extends` another takes over what it does not say itself: mappings
merge key by key, lists and single values are replaced.
"""


def schema_text() -> str:
    """Return the JSON schema of the study file."""
    schema = Study.model_json_schema(by_alias=True)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "boxloop study file",
    }
    return json.dumps(schema, indent=2) + "\n"


def study_page() -> str:
    """Return the page that explains every key of the study file, in Markdown."""
    parts = [_INTRODUCTION, "## Examples\n"]
    for text, example in EXAMPLES.values():
        parts.append(f"{text}\n\n```yaml\n{example.strip()}\n```\n")
    parts.append("## Keys\n")
    parts += [_table(path, model) for path, model in mappings_of_the_format()]
    parts += [_metrics(), _models(), _checklist(), _stages()]
    return "\n".join(parts)


def _sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every mapping of the format with its key path, from the top down."""
    yield path, model
    for name, field in model.model_fields.items():
        for suffix, inner in _mappings(field.annotation):
            yield from _sections(inner, f"{path}.{field.alias or name}{suffix}".lstrip("."))


def _mappings(kind: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    origin, members = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield "", kind
    elif origin is typing.Annotated:
        yield from _mappings(members[0])
    elif origin is dict:
        yield from ((f".<name>{s}", m) for s, m in _mappings(members[1]))
    elif origin is list:
        yield from ((f"[]{s}", m) for s, m in _mappings(members[0]))
    elif origin in (typing.Union, types.UnionType):
        for member in members:
            yield from _mappings(member)


def _table(path: str, model: type[BaseModel]) -> str:
    doc = (model.__doc__ or "").strip()
    title = f"`{path}`" if path else "At the top"
    lines = [f"### {title}\n", f"{doc}\n", "| key | type | default | meaning | example |"]
    lines.append("|---|---|---|---|---|")
    for name, field in model.model_fields.items():
        key = field.alias or name
        at = f"{path}.{key}".lstrip(".")
        cells = [f"`{key}`", _type(field), _default(field), field.description or "", _example(at)]
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if isinstance(value, BaseModel):
        return "see its keys"
    if value is None or value is PydanticUndefined:
        return "none"
    return "empty" if value in ([], {}, "") else f"`{json.dumps(value)}`"


def _type(field: FieldInfo) -> str:
    bounds = [_bound(m) for m in field.metadata]
    limits = ", ".join(b for b in bounds if b)
    short = next((m for m in field.metadata if isinstance(m, BeforeValidator)), None)
    return _kind(short.json_schema_input_type if short else field.annotation) + (
        f" ({limits})" if limits else ""
    )


def _bound(rule: Any) -> str:
    for kind, attribute, words in (
        (annotated_types.Gt, "gt", "above"),
        (annotated_types.Ge, "ge", "at least"),
        (annotated_types.Lt, "lt", "below"),
        (annotated_types.Le, "le", "at most"),
    ):
        if isinstance(rule, kind):
            return f"{words} {getattr(rule, attribute)}"
    return "not empty" if isinstance(rule, annotated_types.MinLen) else ""


def _kind(kind: Any) -> str:
    """Say a type in words."""
    origin, members = typing.get_origin(kind), typing.get_args(kind)
    if kind in _WORDS:
        return _WORDS[kind]
    if origin is typing.Annotated:
        pattern = next((m.pattern for m in members if isinstance(m, StringConstraints)), None)
        if pattern and ":" in str(pattern):
            return "`module:function`"
        return _kind(members[0])
    if origin is typing.Literal:
        return ", ".join(f"`{m}`" for m in members)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(m) for m in members if m is not type(None))
    if origin is list:
        return f"list of {_kind(members[0])}"
    if origin is tuple:
        return f"list of {len(members)} {_kind(members[0])}s"
    if origin is dict:
        return f"mapping of {_kind(members[1])}"
    return "mapping"


def mappings_of_the_format() -> list[tuple[str, type[BaseModel]]]:
    """Return every mapping of the format with its key path, from the top down."""
    return list(_sections(Study, ""))


def examples_of(path: str) -> list[Any]:
    """Return what the examples give for a key path such as ``models[].name``, but null."""
    keys = path.replace("[]", ".[]").split(".")
    found = (v for _, text in EXAMPLES.values() for v in _values(_parsed(text), keys))
    return [value for value in found if value is not None]


def _example(path: str) -> str:
    """Return a value that an example gives for a key, where it is short."""
    short = [v for v in examples_of(path) if len(json.dumps(v)) < 48]
    return f"`{json.dumps(short[0], ensure_ascii=False)}`" if short else ""


@cache
def _parsed(text: str) -> Any:
    import yaml

    from boxloop.study.yaml_lines import Loader

    return yaml.load(text, Loader)


def _values(content: Any, keys: list[str]) -> Iterator[Any]:
    if not keys:
        yield content
    elif keys[0] == "[]" and isinstance(content, list):
        for value in content:
            yield from _values(value, keys[1:])
    elif keys[0] == "<name>" and isinstance(content, dict):
        for value in content.values():
            yield from _values(value, keys[1:])
    elif isinstance(content, dict) and keys[0] in content:
        yield from _values(content[keys[0]], keys[1:])


def _metrics() -> str:
    lines = ["## Metrics\n", "| task | metric | better is |", "|---|---|---|"]
    lines += [
        f"| {known.task} | `{name}` | {'larger' if known.larger_is_better else 'smaller'} |"
        for name, known in METRICS.items()
    ]
    return "\n".join(lines) + "\n"


def _models() -> str:
    lines = [
        "## Models\n",
        "Every hyperparameter may stand in `parameters` (held fixed) or in `space` (searched).\n",
        "| model | for | sees | hyperparameters and their defaults |",
        "|---|---|---|---|",
    ]
    for name, model in MODELS.items():
        own = {k: v for k, v in model.defaults.items() if not model.network or k not in FITTING}
        shown = ", ".join(f"`{k}: {json.dumps(v)}`" for k, v in own.items()) or "none"
        seen = "nothing" if name in ("dummy", GIVEN) else model.sees or "table, or `inputs`"
        lines.append(f"| `{name}` | {model.task or 'both tasks'} | {seen} | {shown} |")
    shared = ", ".join(f"`{k}: {json.dumps(v)}`" for k, v in FITTING.items())
    lines.append(f"\nEvery network, your own too, takes besides: {shared}.")
    lines.append(
        f"\n`{GIVEN}` is none of ours: `column` names somebody else's classes or numbers in the "
        "file, which are judged beside our models, never trained and never selected "
        "([evaluate.md](evaluate.md))."
    )
    return "\n".join(lines) + "\n"


def _checklist() -> str:
    lines = ["## Checklist\n", "| item | question | answered by |", "|---|---|---|"]
    without = {
        "target": "has no target sample",
        "groups": "names no groups",
        "protected": "names no protected columns",
        "groups or classes": "is a regression without groups",
    }
    lines += [_item(item, without) for item in items_of(["boxloop"]).values()]
    lines += [
        "\nWith `checklists: [boxloop, deon]` these are asked as well. The other lines of "
        "[deon](https://deon.drivendata.org)'s list are answered by the items above.\n",
        "| line | title | question | answered by |",
        "|---|---|---|---|",
    ]
    for name, line in LINES.items():
        by = ", ".join(f"`{i}`" for i in line.by) or _item(line.item, without).split(" | ")[-1][:-2]
        lines.append(f"| `{name}` | {line.item.short} | {line.item.question} | {by} |")
    return "\n".join(lines) + "\n"


def _item(item: Item, without: dict[str, str]) -> str:
    by = "the pipeline" if item.measured else "you"
    if item.needs:
        by += f" (you, where the study {without[item.needs]})"
    return f"| `{item.id}` | {item.question} | {by} |"


def _stages() -> str:
    lines = [
        "## Which stage first uses which section\n",
        "A study that extends another computes the stages from the first section that differs, and",
        "reads all earlier ones from its base.\n",
        "| stage | sections |",
        "|---|---|",
    ]
    for stage, sections in STAGES.items():
        lines.append(f"| {stage} | {', '.join(f'`{s}`' for s in sections) or 'no further ones'} |")
    return "\n".join(lines) + "\n"
