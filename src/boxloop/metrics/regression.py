"""Metrics for a predicted number: functions of truth (n,), prediction (n,) and weights (..., n)."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

#: A redshift counts as an outlier where |dz| / (1 + z) exceeds this (a convention of the field).
OUTLIER = 0.15
#: Standard deviation of a normal distribution over its median absolute deviation.
NORMAL = 1.4826


def mse(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Mean squared error, in the square of the target's unit."""
    return weighted.mean((prediction - truth) ** 2, weight)


def rmse(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Root of the mean squared error, in the target's unit."""
    return np.sqrt(mse(truth, prediction, weight))


def mae(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Mean absolute error, in the target's unit."""
    return weighted.mean(np.abs(prediction - truth), weight)


def median_squared_error(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Median squared error, in the square of the target's unit."""
    return weighted.median((prediction - truth) ** 2, weight)


def mad(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Median absolute deviation of the errors from their median, in the target's unit."""
    return weighted.median_deviation(prediction - truth, weight)


def r2(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Coefficient of determination: 1 is perfect, 0 is the mean of the truth; no unit."""
    centred = truth - truth.mean()
    spread = weighted.mean(centred**2, weight) - weighted.mean(centred, weight) ** 2
    return 1 - mse(truth, prediction, weight) / spread


def nmad(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Normalised median absolute deviation, 1.4826 median |d - median d|, d = dz / (1 + z)."""
    return NORMAL * weighted.median_deviation(relative(truth, prediction), weight)


def bias(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Mean of dz / (1 + z)."""
    return weighted.mean(relative(truth, prediction), weight)


def outlier_fraction(truth: "Floats", prediction: "Floats", weight: "Floats") -> "Floats":
    """Fraction of objects with abs(dz) / (1 + z) above 0.15."""
    return weighted.mean((np.abs(relative(truth, prediction)) > OUTLIER).astype(float), weight)


def chi2(truth: "Floats", prediction: "Floats", weight: "Floats", *, error: "Floats") -> "Floats":
    """Mean squared residual in units of the truth's own error: 1 where nothing else adds to it.

    Parameters
    ----------
    error : ndarray, shape (n, 2)
        Standard error of the truth downwards and upwards; that on the side of the prediction
        counts. Objects without a positive one on both sides are left out, whatever is predicted:
        else a prediction on the unknown side would cost nothing.
    """
    squared, known = in_errors(truth, prediction, error)
    return (weight @ squared) / (weight @ known)


def in_errors(truth: "Floats", prediction: "Floats", error: "Floats") -> tuple["Floats", "Floats"]:
    """Return squared residuals (n,) in units of the error, and 1 where it is known; else both 0."""
    sigma, known = error_towards(truth, prediction, error)
    squared = ((prediction - truth) / np.where(known, sigma, 1.0)) ** 2
    return np.where(known, squared, 0.0), known.astype(float)


def error_towards(
    truth: "Floats", prediction: "Floats", error: "Floats"
) -> tuple["Floats", "NDArray[np.bool_]"]:
    """Return the truth's error on the side of the prediction, and where both are positive."""
    sigma = np.where(prediction < truth, error[:, 0], error[:, 1])
    known: NDArray[np.bool_] = np.all(np.isfinite(error) & (error > 0), axis=1)
    return sigma, known


def relative(truth: "Floats", prediction: "Floats") -> "Floats":
    """Return the error (n,) of each redshift relative to 1 + z: dz / (1 + z)."""
    return (prediction - truth) / (1 + truth)
