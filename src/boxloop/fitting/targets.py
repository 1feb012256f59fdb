"""Targets as numbers or codes, and predictions put beside the truth for the metrics."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting.external import TRAINED_ON
from boxloop.fitting.mixtures import mixture_from
from boxloop.metrics import Judged
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def encoded(table: Table, task: str) -> tuple["NDArray[Any]", tuple[str, ...]]:
    """Return the target of a table as numbers, or as codes of its sorted classes."""
    return task_of(task).encode(table.column(table.named("target") or "target"))


def target_error(table: Table) -> "NDArray[np.float64] | None":
    """Return the target's standard error (rows, 2), downwards and upwards, or None."""
    columns = table.of_role("target_error")
    if not columns:
        return None
    return np.column_stack([table.column(c).astype(float) for c in columns])


def judged(
    predicted: pd.DataFrame,
    truth: "NDArray[Any]",
    classes: tuple[str, ...],
    error: "NDArray[np.float64] | None" = None,
) -> Judged:
    """Put predictions beside the truth.

    Parameters
    ----------
    predicted : pandas.DataFrame
        ``prediction``; for classes ``p_<class>``; the columns of a mixture where there is one.
    truth : ndarray, shape (n,)
        Numbers, or codes of `classes`.
    error : ndarray, shape (n, 2), optional
        Of the truth, downwards and upwards.
    """
    known = _known(predicted)
    if not classes:
        point = pd.to_numeric(predicted["prediction"]).to_numpy(float)
        mixture = mixture_from(predicted, partly=known is not None)
        return Judged(truth, point, error=error, mixture=mixture, known=known)
    codes = pd.Index(classes).get_indexer(pd.Index(predicted["prediction"]))
    if known is not None:
        # A class that no object has here is wrong, whatever it is counted as.
        codes = np.where(known & (codes < 0), (truth + 1) % len(classes), codes)
    probability = _probability(predicted, classes, partly=known is not None)
    return Judged(truth, codes, probability, classes, known=known)


def _known(predicted: pd.DataFrame) -> "NDArray[np.bool_] | None":
    """Return which objects somebody else's predictions are judged by; None for our own models."""
    if TRAINED_ON not in predicted or predicted[TRAINED_ON].isna().all():
        return None
    trained_on = predicted[TRAINED_ON].eq(True).to_numpy(bool)
    known: NDArray[np.bool_] = predicted["prediction"].notna().to_numpy() & ~trained_on
    return known


def _probability(
    predicted: pd.DataFrame, classes: tuple[str, ...], *, partly: bool = False
) -> "NDArray[Any] | None":
    """Return the probabilities, (n, k), or None where the model gives none.

    With `partly` some objects may lack them; their rows are NaN.

    A class that was not there to be learnt has no column, or an empty one beside those of other
    models; its probability is 0.
    """
    given = [c for c in predicted if str(c).startswith("p_") and predicted[c].notna().any()]
    lacking = predicted[given].isna().any(axis=1).to_numpy()
    if not given or (lacking.any() and not partly):
        return None
    found = predicted.reindex(columns=[f"p_{c}" for c in classes]).fillna(0.0).to_numpy(float)
    return np.where(lacking[:, None], np.nan, found)
