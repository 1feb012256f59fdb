"""Logistic recalibration: which line of their logits would the probabilities have to follow?"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats

#: Probabilities nearer to 0 or 1 count as this near: no data tell a millionth from a thousandth.
NEAREST = 1e-4
_STEPS, _STEEPEST = 60, 50.0


def logits(probability: "Floats") -> "Floats":
    """Return log(p / (1 - p)) of probabilities (n,), which are kept off 0 and 1."""
    safe = np.clip(probability, NEAREST, 1 - NEAREST)
    found: Floats = np.log(safe / (1 - safe))
    return found


def fit_line(x: "Floats", member: "Floats") -> tuple[float, float] | str:
    """Return intercept and slope of a logistic regression of membership on logits.

    Slope 1 and intercept 0 are calibrated; a slope below 1 says that probabilities are too near to
    0 and 1, one above that they are too far.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Logits.
    member : ndarray, shape (n,)
        0 or 1.

    Returns
    -------
    (intercept, slope) or str
        The reason why there is none.

    References
    ----------
    Cox, D. R. (1958), Two further applications of a model for binary regression, Biometrika 45,
    562. Van Calster, B. et al. (2019), Calibration: the Achilles heel of predictive analytics, BMC
    Med. 17, 230.
    """
    if not 0 < member.mean() < 1:
        return "all objects are members, or none is"
    if np.ptp(x) < 1e-9:
        return "the probabilities are all equal"
    line = np.array([0.0, 0.0])
    for _ in range(_STEPS):
        step = newton_step(terms(x, member, *line).sum(axis=0))
        step *= min(1.0, 2.0 / float(np.abs(step).max() or 1.0))
        line = line + step
        if not np.isfinite(line).all() or np.abs(line[1]) > _STEEPEST:
            break
        if np.abs(step).max() < 1e-10:
            return float(line[0]), float(line[1])
    return "the probabilities separate members from others without an exception"


def terms(x: "Floats", member: "Floats", intercept: float, slope: float) -> "Floats":
    """Return what each object adds (n, 5) to the gradient (2) and the Hessian (3) of the line."""
    mean = 1 / (1 + np.exp(-np.clip(intercept + slope * x, -500, 500)))
    off, curve = member - mean, mean * (1 - mean)
    return np.stack([off, off * x, curve, curve * x, curve * x**2], axis=1)


def newton_step(sums: "Floats") -> "Floats":
    """Return the step (..., 2) in intercept and slope from sums (..., 5) of `terms`; NaN if none.

    From the line of all objects one step gives that of a resample but for second order.
    """
    g0, g1, h0, h1, h2 = np.moveaxis(sums, -1, 0)
    determinant = h0 * h2 - h1**2
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.stack([h2 * g0 - h1 * g1, h0 * g1 - h1 * g0], axis=-1) / determinant[..., None]
    return np.where((determinant > 0)[..., None], step, np.nan)
