"""Which form of each metric a bootstrap uses: sums, a pass over sorted objects, or the plain one.

What is not listed here is evaluated as it is written.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics import classification as c
from boxloop.metrics import passes, weighted
from boxloop.metrics import regression as r
from boxloop.metrics.forms import Sorted, Summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Statistic = Callable[[Floats], Floats]

#: So many objects are worth compiling a loop for; fewer are sorted anew for each resample.
MANY = 3000
#: Scores of a class that are averaged, by metric.
_OF_LABELS = {
    "balanced_accuracy": "recall",
    "f1_macro": "f1",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
}


def classified(
    plain: "Mapping[str, Statistic]",
    truth: "NDArray[Any]",
    prediction: "NDArray[Any]",
    probability: "Floats | None",
    k: int,
) -> "dict[str, Statistic]":
    """Return the metrics of a classification in their fast forms.

    Parameters
    ----------
    plain : mapping of str to callable
        The metrics wanted, as functions of weights (..., n).
    truth, prediction : ndarray, shape (n,)
        Codes of the classes.
    probability : ndarray, shape (n, k), or None
    k : int
    """
    found: dict[str, Statistic] = dict(plain)
    columns = label_columns(truth, prediction, k)
    for name in plain:
        if name in _OF_LABELS:
            combine = partial(_macro, _OF_LABELS[name], k)
            found[name] = Summed(plain[name], columns, combine)
        elif name in ("accuracy", "mcc"):
            combine = partial(_accuracy if name == "accuracy" else _correlation, k)
            found[name] = Summed(plain[name], columns, combine)
    if probability is None:
        return found
    each = {"log_loss": c.negative_log_probability, "brier": c.squared_distance}
    for name in plain.keys() & each.keys():
        found[name] = mean_of(each[name](truth, probability, k), plain[name])
    if len(truth) < MANY:
        return found
    if wanted := plain.keys() & {"roc_auc", "average_precision"}:
        together = passes.ranking(truth, probability, k)
        for name in wanted:
            found[name] = Sorted(plain[name], together, int(name == "average_precision"))
    if "ece" in plain:
        found["ece"] = Sorted(plain["ece"], passes.calibration_error(truth, probability))
    return found


def measured(
    plain: "Mapping[str, Statistic]",
    truth: "Floats",
    prediction: "Floats",
    error: "Floats | None",
    each: "Mapping[str, Floats]",
) -> "dict[str, Statistic]":
    """Return the metrics of a regression in their fast forms.

    Parameters
    ----------
    plain : mapping of str to callable
        The metrics wanted, as functions of weights (..., n).
    truth, prediction : ndarray, shape (n,)
    error : ndarray, shape (n, 2), or None
    each : mapping of str to ndarray, shape (n,)
        What distributions say of each object, by metric.
    """
    found: dict[str, Statistic] = dict(plain)
    residual, scaled = prediction - truth, r.relative(truth, prediction)
    means = {
        "mse": residual**2,
        "mae": np.abs(residual),
        "bias": scaled,
        "outlier_fraction": (np.abs(scaled) > r.OUTLIER).astype(float),
        **{name: values for name, values in each.items() if name != "pit"},
    }
    for name in plain.keys() & means.keys():
        found[name] = mean_of(means[name], plain[name])
    centred = truth - truth.mean() if len(truth) else truth
    sums: dict[str, tuple[list[Floats], Any]] = {
        "rmse": ([residual**2], _root),
        "r2": ([residual**2, centred**2, centred], _explained),
    }
    if error is not None:
        sums["chi2"] = (list(r.in_errors(truth, prediction, error)), _ratio)
    for name in plain.keys() & sums.keys():
        parts, combine = sums[name]
        found[name] = Summed(plain[name], np.stack(parts, axis=1), combine)
    ordered: dict[str, Callable[[], passes.Pass]] = {}
    if np.isfinite(scaled).all():  # a model of the user's own may predict what is no number
        ordered = {
            "median_squared_error": partial(passes.median, residual**2),
            "mad": partial(passes.median_deviation, residual),
            "nmad": partial(passes.median_deviation, scaled),
        }
    if "pit" in each and len(truth) >= MANY:
        ordered["pit"] = partial(passes.distance_from_uniform, each["pit"])
    for name in plain.keys() & ordered.keys():
        together = ordered[name]()
        if name == "nmad":
            together = partial(_scaled, together)
        found[name] = Sorted(plain[name], together)
    return found


def label_columns(truth: "NDArray[Any]", prediction: "NDArray[Any]", k: int) -> "Floats":
    """Return the columns (n, 3 k) of hits, members and named of all classes."""
    members, named = np.eye(k)[truth], np.eye(k)[prediction]
    return np.concatenate([members * named, members, named], axis=1)


def mean_of(values: "Floats", plain: "Statistic | None" = None) -> Summed:
    """Return the weighted mean of values (n,) as a statistic."""
    return Summed(plain or partial(weighted.mean, values), values[:, None].astype(float), _mean)


def of_class(score: str, number: int, columns: "Floats") -> Summed:
    """Return a score of one class (precision, recall, f1, specificity) as a statistic.

    It is not defined where nothing could be counted.

    Parameters
    ----------
    columns : ndarray, shape (n, 3 k)
        As `label_columns` gives them.
    """
    combine = partial(_class, score, number, columns.shape[1] // 3)

    def direct(weight: "Floats") -> "Floats":
        return combine(weight @ columns, weight.sum(axis=-1))

    return Summed(direct, columns, combine)


def _split(sums: "Floats", k: int) -> tuple["Floats", "Floats", "Floats"]:
    return sums[..., :k], sums[..., k : 2 * k], sums[..., 2 * k :]


def _macro(score: str, k: int, sums: "Floats", total: "Floats") -> "Floats":
    return c.macro(score, *_split(sums, k))


def _class(score: str, number: int, k: int, sums: "Floats", total: "Floats") -> "Floats":
    part, whole, _ = c.of_class(score, *_split(sums, k))
    return part[..., number] / whole[..., number]


def _correlation(k: int, sums: "Floats", total: "Floats") -> "Floats":
    return c.correlation(*_split(sums, k))


def _accuracy(k: int, sums: "Floats", total: "Floats") -> "Floats":
    return sums[..., :k].sum(axis=-1) / total


def _mean(sums: "Floats", total: "Floats") -> "Floats":
    return sums[..., 0] / total


def _root(sums: "Floats", total: "Floats") -> "Floats":
    return np.sqrt(_mean(sums, total))


def _ratio(sums: "Floats", total: "Floats") -> "Floats":
    return sums[..., 0] / sums[..., 1]


def _explained(sums: "Floats", total: "Floats") -> "Floats":
    spread = sums[..., 1] / total - (sums[..., 2] / total) ** 2
    return 1 - _mean(sums, total) / spread


def _scaled(together: "passes.Pass", draw: Any) -> "Floats":
    return r.NORMAL * together(draw)
