"""Decide what kind of target a column is, and whether a study of it can run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.draft.looks import Look
from boxloop.draft.markers import find_markers
from boxloop.errors import BoxloopError, listed, suggest

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Whole numbers of so many values at the most are taken for codes of classes.
CLASSES = 20
#: Text of more values than this is no class.
MOST_CLASSES = 100


@dataclass(frozen=True)
class Target:
    """What is to be predicted.

    Attributes
    ----------
    look : Look
    task : str
    why : str
        Evidence for the task.
    where : dict
        Limits that leave out rows whose target is a marker.
    classes : dict
        Objects by class; empty for a regression.
    """

    look: Look
    task: str
    why: str
    where: dict[str, float]
    classes: dict[str, int]

    @property
    def folds(self) -> int:
        """Folds that every class has objects for; five, if it can be."""
        return max(2, min(5, *self.classes.values())) if self.classes else 5

    @property
    def balanced(self) -> bool:
        """Whether the largest class has not twice the objects of the smallest."""
        return max(self.classes.values()) < 2 * min(self.classes.values())


def understand_target(name: str, looks: Sequence[Look], task: str | None, unit: str) -> Target:
    """Look at the target.

    Raises
    ------
    BoxloopError
        There is no such column, it is made of neither numbers nor classes, or nothing can be learnt
        of it: one class, a class of one object, too many classes.
    """
    known = {look.name: look for look in looks}
    if name not in known:
        raise BoxloopError(
            f"--target: the table has no column {name!r}{suggest(name, known)}; it has "
            f"{listed(known, 40)}"
        )
    look = known[name]
    _refuse_useless(look)
    markers = find_markers(look, unit) if look.number else {}
    where = _limits(look, markers)
    kept = _kept(look.values, where) if look.number else look.values
    if task is None:
        task, why = _task_of(look, kept)
    else:
        why = "as asked for"
    if task == "regression":
        if not look.number:
            raise BoxloopError(
                f"--task regression: {name!r} is made of {look.kind} ({_example(look)}); expected "
                "numbers, or take --task classification"
            )
        return Target(look, task, why, where, {})
    classes = _classes(look, kept)
    _refuse_classes(name, classes)
    return Target(look, task, why, where, classes)


def _refuse_useless(look: Look) -> None:
    if look.kind in ("empty", "list", "date", "mixed"):
        found = {
            "empty": "it has no value in any row",
            "list": "it holds a list in each row",
            "date": "it holds dates",
            "mixed": f"{look.strange[0]} of its values are not numbers, for example "
            f"{listed(map(repr, look.strange[1]))}; mend or remove them in a copy of the file",
        }[look.kind]
        raise BoxloopError(f"--target: {look.name!r} cannot be predicted: {found}")
    if look.distinct < 2:
        raise BoxloopError(
            f"--target: {look.name!r} is {_example(look)} in all {look.rows - look.missing} rows "
            "that have it; there is nothing to learn. Name another column"
        )


def _task_of(look: Look, values: "NDArray[Any]") -> tuple[str, str]:
    if not look.number:
        return "classification", f"text of {look.distinct} values"
    finite = values[np.isfinite(values)]
    distinct = len(np.unique(finite))
    if look.whole and distinct <= min(CLASSES, max(2, len(finite) // 10)):
        return "classification", f"whole numbers of {distinct} values, taken for classes"
    return "regression", f"numbers of {distinct} different values"


def _limits(look: Look, markers: dict[float, tuple[str, int]]) -> dict[str, float]:
    """Return limits that keep the values of a target and not its markers."""
    rest = look.finite if look.number else np.array([])
    for value in markers:
        rest = rest[~np.isclose(rest, value, rtol=1e-7, atol=0)]
    if not len(rest) or not markers:
        return {}
    where = {}
    if any(value < rest.min() for value in markers):
        where["low"] = float(rest.min())
    above = [value for value in markers if value > rest.max()]
    if above and np.isfinite(min(above)):
        where["below"] = float(min(above))
    return where


def _kept(values: "NDArray[Any]", where: dict[str, float]) -> "NDArray[Any]":
    low, below = where.get("low", -np.inf), where.get("below", np.inf)
    return values[(values >= low) & (values < below)] if where else values


def _classes(look: Look, values: "NDArray[Any]") -> dict[str, int]:
    if look.number:
        counts = pd.Series(values[np.isfinite(values)]).value_counts()
        whole = {v: int(v) if float(v).is_integer() else v for v in counts.index}
        return {f"{whole[value]}": int(n) for value, n in counts.items()}
    text = pd.Series(values, dtype=object).dropna().astype(str).str.strip()
    return {str(value): int(n) for value, n in text[text != ""].value_counts().items()}


def _refuse_classes(name: str, classes: dict[str, int]) -> None:
    single = [c for c, n in classes.items() if n == 1]
    if len(classes) > MOST_CLASSES:
        raise BoxloopError(
            f"--target: {name!r} has {len(classes)} values in {sum(classes.values())} rows, for "
            f"example {listed(list(classes), 3)}; expected classes of many objects each, at most "
            f"{MOST_CLASSES} of them. Name another column"
        )
    if len(classes) < 2:
        raise BoxloopError(f"--target: {name!r} has one class only, {listed(classes)}")
    if single:
        counts = listed((f"{c} {n}" for c, n in classes.items()), 30)
        raise BoxloopError(
            f"--target: {len(single)} classes of {name!r} have a single object ({listed(single)}): "
            "nobody can learn a class from one object and be judged on it. Join them, or "
            f"take their rows out, in a copy of the file. Objects by class: {counts}"
        )


def _example(look: Look) -> str:
    values = [v for v in look.values if v is not None and v == v]
    return repr(values[0].item() if hasattr(values[0], "item") else values[0])
