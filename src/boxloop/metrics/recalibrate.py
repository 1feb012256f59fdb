"""Maps from probabilities to calibrated ones: plain data, learnt on some objects, used on others.

A map is a dictionary that JSON can hold: ``method`` (none, temperature, isotonic), ``prior`` (a
factor of each class, or null), and what the method learnt.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import ClassSteps, ProbabilityMap

    Codes = NDArray[np.intp]

METHODS = ("none", "temperature", "isotonic")
#: Temperatures that are looked at: beyond them nothing, or everything, is certain.
_COLDEST, _HOTTEST = 0.02, 50.0
_EPSILON = float(np.finfo(float).eps)


def learn_map(
    method: str,
    truth: "Codes",
    probability: "Floats",
    prior: "Floats | None" = None,
) -> "ProbabilityMap":
    """Learn how to mend probabilities.

    *temperature* divides the logarithms of the probabilities by one number, which makes all of them
    more or less certain and never changes their order. *isotonic* gives each class the increasing
    step function of its probability that is nearest to the outcomes, each class against the rest;
    a frequency of 0 or 1 in n objects becomes 1/(n + 2) or 1 - 1/(n + 2), for n objects without an
    event do not make it impossible.

    Parameters
    ----------
    method : {"none", "temperature", "isotonic"}
    truth : ndarray, shape (n,)
        Codes of the classes; n > 0.
    probability : ndarray, shape (n, k)
    prior : ndarray, shape (k,), optional
        Factors of the classes by which the probabilities are multiplied before anything else, for
        models that were trained as if classes had another frequency.

    Returns
    -------
    dict
        Plain data for `apply_map`.

    References
    ----------
    Guo, C., Pleiss, G., Sun, Y. & Weinberger, K. Q. (2017), On calibration of modern neural
    networks, ICML. Zadrozny, B. & Elkan, C. (2002), Transforming classifier scores into accurate
    multiclass probability estimates, KDD. Saerens, M., Latinne, P. & Decaestecker, C. (2002),
    Adjusting the outputs of a classifier to new a priori probabilities, Neural Comput. 14, 21.

    Raises
    ------
    ValueError
        There is no object to learn from, or no such method.
    """
    if method not in METHODS or not len(truth):
        raise ValueError(f"expected objects and one of {METHODS}; found {len(truth)} and {method}")
    found: ProbabilityMap = {
        "method": method,
        "prior": None if prior is None else [float(f) for f in prior],
    }
    given = apply_map({**found, "method": "none"}, probability)
    if method == "temperature":
        found["temperature"] = _temperature(truth, given)
    if method == "isotonic":
        found["floor"] = 1.0 / (len(truth) + 2)
        found["steps"] = [_steps(given[:, c], truth == c) for c in range(given.shape[1])]
    return found


def apply_map(mend: "ProbabilityMap", probability: "Floats") -> "Floats":
    """Return probabilities (n, k) mended by a map of `learn_map`; each row adds up to 1."""
    found = np.asarray(probability, dtype=float)
    if mend["prior"] is not None:
        found = _normalised(found * np.asarray(mend["prior"], dtype=float))
    if mend["method"] == "temperature":
        return _softened(np.log(np.clip(found, _EPSILON, None)), 1 / mend["temperature"])
    if mend["method"] == "isotonic":
        columns = [np.interp(found[:, c], s["at"], s["is"]) for c, s in enumerate(mend["steps"])]
        floor = mend["floor"]
        return _normalised(np.clip(np.stack(columns, axis=1), floor, 1 - floor))
    return found


def prior_of_balanced(counts: "Floats") -> "Floats":
    """Return the factors that bring a model trained with balanced classes back to their frequency.

    Parameters
    ----------
    counts : ndarray, shape (k,)
        Training objects of each class. Balanced weights are n / (k counts), so their inverse.
    """
    total = counts.sum()
    return counts * len(counts) / total if total > 0 else np.ones(len(counts))


def _normalised(values: "Floats") -> "Floats":
    total = values.sum(axis=1, keepdims=True)
    even = np.full_like(values, 1 / values.shape[1])
    return np.where(total > 0, values / np.where(total > 0, total, 1.0), even)


def _softened(logits: "Floats", inverse: float) -> "Floats":
    scaled = logits * inverse
    share = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    found: Floats = share / share.sum(axis=1, keepdims=True)
    return found


def _temperature(truth: "Codes", probability: "Floats") -> float:
    """Return the temperature of the least log loss, which is convex in the inverse of it."""
    from scipy.optimize import brentq

    logits = np.log(np.clip(probability, _EPSILON, None))
    of_truth = logits[np.arange(len(truth)), truth]

    def slope(inverse: float) -> float:
        share = _softened(logits, inverse)
        return float(np.mean((share * logits).sum(axis=1) - of_truth))

    coldest, hottest = 1 / _COLDEST, 1 / _HOTTEST
    if slope(hottest) >= 0:
        return _HOTTEST
    if slope(coldest) <= 0:
        return _COLDEST
    return float(1 / brentq(slope, hottest, coldest, xtol=1e-13))


def _steps(probability: "Floats", member: "NDArray[np.bool_]") -> "ClassSteps":
    """Return the corners of the isotonic function of one class."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    fitted.fit(probability, member.astype(float))
    return {"at": fitted.X_thresholds_.tolist(), "is": fitted.y_thresholds_.tolist()}
