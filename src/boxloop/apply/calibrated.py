"""Beside the predictions of new objects: calibrated probabilities, sets and intervals that hold."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting.mixtures import mixture_from
from boxloop.metrics.conformal import central, lac_scores, sets_of, widths
from boxloop.metrics.recalibrate import apply_map

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats
    from boxloop.results.apply import AppliedCalibration

#: Between the classes of a set.
SEPARATOR = "|"


def with_calibration(
    frames: Iterable[pd.DataFrame], about: Mapping[str, Any], classes: tuple[str, ...]
) -> Iterator[pd.DataFrame]:
    """Add what evaluate/calibration.json has learnt to tables of predictions.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
        As `apply_model` yields them: ``prediction``, and ``p_<class>`` or the columns of a mixture.
    about : mapping
        ``apply`` of evaluate/calibration.json.
    classes : tuple of str
        Empty for a regression.

    Yields
    ------
    pandas.DataFrame
        With ``calibrated_<class>`` where the study recalibrates; with ``set``, names of classes
        joined by ``|``, or ``low`` and ``high`` [unit of the target], which hold the truth with the
        probability that the study states. What was not learnt has no column.
    """
    for frame in frames:
        added = _of_classes(frame, about, classes) if classes else _of_numbers(frame, about)
        yield frame.assign(**added)


def told(about: Mapping[str, Any]) -> "AppliedCalibration":
    """Return what ``apply/summary.json`` says of it."""
    mend = about["recalibration"]
    return {
        "recalibrated": None if mend is None else mend["method"],
        "conformal": about["conformal"],
    }


def _of_classes(
    frame: pd.DataFrame, about: Mapping[str, Any], classes: tuple[str, ...]
) -> "dict[str, Floats | pd.Series[Any]]":
    given = frame.reindex(columns=[f"p_{c}" for c in classes])
    probability = given.fillna(0.0).to_numpy(float)
    found: dict[str, Floats | pd.Series[Any]] = {}
    if about["recalibration"] is not None:
        probability = apply_map(about["recalibration"], probability)
        found = {f"calibrated_{c}": probability[:, i] for i, c in enumerate(classes)}
    quantile = about["conformal"]["quantile"]
    if quantile is not None:
        kept = sets_of(lac_scores(probability), probability, quantile)
        names = np.array(classes, dtype=object)
        joined = [SEPARATOR.join(names[row]) for row in kept]
        found["set"] = pd.Series(joined, index=frame.index, dtype=object)
    return found


def _of_numbers(frame: pd.DataFrame, about: Mapping[str, Any]) -> "dict[str, Floats]":
    conformal = about["conformal"]
    if conformal["quantile"] is None:
        return {}
    low = high = frame["prediction"].to_numpy(float)
    mixture = mixture_from(frame) if conformal["method"] == "cqr" and len(frame) else None
    if mixture is not None:
        low, high = central(mixture, conformal["level"])
    # An interval that was narrowed to nothing is one value, its middle.
    by = conformal["quantile"] * widths(low, high)
    low, high = low - by, high + by
    middle = (low + high) / 2
    return {"low": np.minimum(low, middle), "high": np.maximum(high, middle)}
