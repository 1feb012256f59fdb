"""The columns of ``folds.parquet`` where objects are dealt into folds several times."""

from collections.abc import Container
from itertools import count, takewhile


def columns_of_repeat(repeat: int) -> tuple[str, str]:
    """Return the columns of folds and slices of one repeat, the first being 1."""
    more = "" if repeat == 1 else f"_{repeat}"
    return f"fold{more}", f"slice{more}"


def repeats_in(columns: Container[str]) -> list[tuple[str, str]]:
    """Return the columns of folds and slices of every repeat that there is."""
    return list(takewhile(lambda names: names[0] in columns, map(columns_of_repeat, count(1))))
