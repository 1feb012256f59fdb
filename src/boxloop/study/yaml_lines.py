"""Read YAML and remember the line of every key, so that an error can point at it."""

import re
from pathlib import Path
from typing import Any

import yaml

from boxloop.errors import BoxloopError

KeyPath = tuple[str | int, ...]


class Loader(yaml.SafeLoader):
    """YAML 1.2 scalars: ``1e-3`` is a number, ``no`` and ``on`` are words, dates stay text."""


Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+0123456789.",
    ),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _integer(loader: Loader, node: yaml.ScalarNode) -> int:
    """Read a whole number in base ten: PyYAML would read 010 as eight and fail at 08."""
    return int(node.value)


def _number(loader: Loader, node: yaml.ScalarNode) -> float:
    return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))


Loader.add_constructor("tag:yaml.org,2002:int", _integer)
Loader.add_constructor("tag:yaml.org,2002:float", _number)


def read_yaml(path: Path) -> tuple[Any, dict[KeyPath, int]]:
    """Read a YAML file.

    Returns
    -------
    content : dict, list or scalar
    lines : dict
        Line number (from 1) of every key path, for example ``("models", 2, "name")``.

    Raises
    ------
    BoxloopError
        The file is missing, is not UTF-8, is not valid YAML, or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BoxloopError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise BoxloopError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise BoxloopError(f"{path}: cannot be read: {error.strerror}") from None
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        lines: dict[KeyPath, int] = {}
        if node is None:
            return {}, lines
        _walk(node, (), lines, path)
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}" if mark else ""
        raise BoxloopError(f"{path}{where}: not valid YAML: {error.problem}") from None
    except RecursionError:
        raise BoxloopError(f"{path}: not valid: nested too deeply, or an alias of itself") from None
    except yaml.YAMLError as error:
        raise BoxloopError(f"{path}: not valid YAML: {error}") from None
    finally:
        loader.dispose()


def _walk(node: yaml.Node, at: KeyPath, lines: dict[KeyPath, int], path: Path) -> None:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise BoxloopError(
                    f"{path}:{line}: expected a word as key; found a list or mapping"
                )
            if key.value in seen:
                raise BoxloopError(
                    f"{path}:{line}: the key {key.value!r} stands here and in line "
                    f"{seen[key.value]}; keep one"
                )
            seen[key.value] = line
            lines[(*at, key.value)] = line
            _walk(value, (*at, key.value), lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _walk(value, (*at, i), lines, path)
