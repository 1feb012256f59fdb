"""Make the target what the task needs: numbers, or the text of classes."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def clean_target(
    table: Table, target: str, task: str
) -> tuple["NDArray[Any]", "NDArray[np.bool_]"]:
    """Return the target as float64 or as text, and where it is missing or not finite."""
    values = table.column(target)
    return _CLEANERS[task_of(task).kind_of_target](values, target)


def _numbers(values: "NDArray[Any]", target: str) -> tuple["NDArray[Any]", "NDArray[np.bool_]"]:
    """Return the target as float64, and where it is missing or not finite."""
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.isnan(numbers) & ~np.asarray(pd.isna(values))
    if wrong.any() and values[wrong].astype(str).astype(bool).any():
        raise BoxloopError(
            f"columns.target: {int(wrong.sum())} values of {target!r} are not numbers, for example "
            f"{values[wrong][0]!r}; is this task: classification?"
        )
    return numbers, ~np.isfinite(numbers)


def class_text(values: "NDArray[Any]") -> tuple["NDArray[Any]", "NDArray[np.bool_]"]:
    """Return classes as text, numbers of classes as whole ones, and where none is given."""
    if values.dtype.kind == "f":
        gone = ~np.isfinite(values)
        whole = (values[~gone] == np.floor(values[~gone])).all()
        values = values.astype(object)
        values[~gone] = [int(v) if whole else float(v) for v in values[~gone]]
    else:
        gone = np.asarray(pd.isna(values))
    text = pd.Series(values).astype(str).str.strip().to_numpy(dtype=object)
    gone = gone | (text == "")
    text[gone] = None
    return text, gone


_CLEANERS = {"classes": lambda values, target: class_text(values), "number": _numbers}
