"""The query language of the Virtual Observatory: write a query, and tell what one asks for."""

import re
from collections.abc import Mapping
from typing import Any

_QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")
_COMMENT = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|--[^\n]*")


def query_of_vizier(vizier: Mapping[str, Any]) -> str:
    """Return the query for a table of VizieR; its names need quotes, for they hold slashes.

    Parameters
    ----------
    vizier : mapping
        ``catalogue``, ``columns`` (empty: all) and ``where`` {column: {low, below} or a value} of
        an entry of config/sources.yaml.
    """
    columns = ", ".join(_name(c) for c in vizier["columns"]) or "*"
    return f"SELECT {columns} {_from(vizier)}"


def count_of_vizier(vizier: Mapping[str, Any]) -> str:
    """Return the query for the number of rows that `query_of_vizier` must bring."""
    return f"SELECT COUNT(*) AS n {_from(vizier)}"


def says_order(adql: str) -> bool:
    """Whether a query itself, not one inside it, says the order of the rows."""
    text = _QUOTED.sub("x", _without_comments(adql))
    before = None
    while text != before:
        before, text = text, re.sub(r"\([^()]*\)", " ", text)
    return bool(re.search(r"\border\s+by\b", text, re.IGNORECASE))


def same_query(one: str, other: str) -> bool:
    """Whether two queries are one text, but for blanks, line ends and comments between words."""
    return _plain(one) == _plain(other)


def _plain(adql: str) -> str:
    parts = _QUOTED.split(_without_comments(adql))
    plain = [p if i % 2 else re.sub(r"\s+", " ", p) for i, p in enumerate(parts)]
    return "".join(plain).strip().removesuffix(";").strip()


def _without_comments(adql: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or " ", adql)


def _from(vizier: Mapping[str, Any]) -> str:
    conditions = [c for name, cut in vizier["where"].items() for c in _conditions(name, cut)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"FROM {_name(vizier['catalogue'])}{where}"


def _conditions(name: str, cut: Any) -> list[str]:
    column = _name(name)
    if not isinstance(cut, Mapping):
        return [f"{column} = {_value(cut)}"]
    signs = {"low": ">=", "below": "<"}
    return [f"{column} {s} {_value(cut[k])}" for k, s in signs.items() if cut.get(k) is not None]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value).upper()
