"""Do classes occur as often as their probabilities say? Calibration error and Brier's parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Codes = NDArray[np.intp]

#: Most bins of the calibration error, and objects to a bin where there are fewer.
BINS, PER_BIN = 15, 20


def ece(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Debiased top-label expected calibration error: how far confidence is from accuracy.

    Objects are put into bins of equal mass (equal values stay together) by the largest of their
    probabilities. A bin adds its share of the objects times the distance of its mean confidence
    from its accuracy. Noise alone makes that distance positive; what noise adds is worked out for
    a normal distribution about each bin's accuracy and taken off. That is exact where a bin is
    off by more than its noise; of a perfectly calibrated model 2 - sqrt(2) = 0.59 of the plain
    estimate stays, which falls as the root of the number of objects. It may lie below zero.

    Weights count objects: doubling all of them is doubling the sample.

    Parameters
    ----------
    truth : ndarray, shape (n,)
        Codes of the classes.
    prediction : ndarray, shape (n, k)
        Probabilities.
    weight : ndarray, shape (..., n)
    k : int
        Number of classes.

    References
    ----------
    Kumar, A., Liang, P. & Ma, T. (2019), Verified uncertainty calibration, NeurIPS 32, and their
    package uncertainty-calibration (p = 1), which draws from the normal distributions; here the
    mean of the absolute value is in closed form.
    """
    confidence, hit = top_label(truth, prediction)
    order = np.argsort(confidence, kind="stable")
    return ece_sorted(confidence[order], hit[order], weight[..., order])


def top_label(truth: "Codes", probability: "Floats") -> tuple["Floats", "NDArray[np.bool_]"]:
    """Return the largest probability (n,) of each object, and whether its class is the true one."""
    named = probability.argmax(axis=1)
    return probability[np.arange(len(truth)), named], named == truth


def ece_sorted(confidence: "Floats", hit: "NDArray[np.bool_]", weight: "NDArray[Any]") -> "Floats":
    """Debiased calibration error of objects in increasing order of their confidence (n,)."""
    last = np.flatnonzero(np.append(np.diff(confidence) != 0, True))
    hits = hit.astype(float)
    rows = weight.reshape(-1, weight.shape[-1])
    found = np.array([float(debiased(*_bins(confidence, hits, last, row))) for row in rows])
    return found.reshape(weight.shape[:-1])


def ece_limits(
    truth: "Codes", probability: "Floats", error: float, z: float = 1.96
) -> tuple[float, float]:
    """Return an interval of the calibration error, for independent objects.

    How noise changes a distance cannot be taken off without knowing the distance, so that no
    estimate is free of bias and none alone carries an honest interval. The low end starts from an
    estimate that is not too high in the mean, the high end from the plain one, which is not too
    low: the interval covers at least as often as it says.

    Parameters
    ----------
    truth : ndarray, shape (n,)
        Codes of the classes.
    probability : ndarray, shape (n, k)
    error : float
        Standard error of the estimate.
    z : float
        Standard errors to either side: 1.96 for 95 %.

    Notes
    -----
    With a gap d of standard error s in a bin, sign(d + e) (d - e) with e of the same s is the
    product of two independent halves of the data, one giving the sign and one the size: its mean is
    the true distance times a number below 1, and 0 for none. Its mean over e, at given d, is
    E|N(d, s)| - 4 s phi(d / s).
    """
    confidence, hit = top_label(truth, probability)
    order = np.argsort(confidence, kind="stable")
    confidence, hits = confidence[order], hit[order].astype(float)
    last = np.flatnonzero(np.append(np.diff(confidence) != 0, True))
    n, gap, noise = _gaps(*_bins(confidence, hits, last, np.ones(len(hits))))
    ratio = gap / np.where(noise > 0, noise, np.inf)
    density = np.exp(-0.5 * ratio**2) / np.sqrt(2 * np.pi)
    cautious = _folded(gap, noise) - 4 * noise * density
    share = n / n.sum()
    return max(0.0, float(share @ cautious - z * error)), float(share @ np.abs(gap) + z * error)


def _bins(
    confidence: "Floats", hits: "Floats", last: "NDArray[np.intp]", weight: "NDArray[Any]"
) -> list["Floats"]:
    """Return weight, summed confidence and hits of each bin; `last` ends runs of equal values."""
    upto = np.cumsum(weight)
    if len(last) < len(weight):
        upto = upto[last]
    starts = np.append(0, last[_steps(upto)[:-1] - 1] + 1)
    return [np.add.reduceat(x * weight, starts) for x in (np.ones(len(hits)), confidence, hits)]


def debiased(n: "Floats", confidence: "Floats", hits: "Floats") -> "Floats":
    """Return the debiased error from the sums of all bins (..., bins): weight, confidence, hits."""
    n, gap, noise = _gaps(n, confidence, hits)
    each = n * (2 * np.abs(gap) - _folded(gap, noise))
    return np.asarray(each.sum(axis=-1) / n.sum(axis=-1))


def _gaps(n: "Floats", confidence: "Floats", hits: "Floats") -> tuple["Floats", "Floats", "Floats"]:
    """Return each bin's weight, confidence less accuracy, and the standard error of that."""
    filled = np.where(n > 0, n, 1.0)
    accuracy = hits / filled
    noise = np.sqrt(np.clip(accuracy * (1 - accuracy), 0, None) / filled)
    return n, (confidence - hits) / filled, noise


def _steps(upto: "NDArray[Any]") -> "NDArray[np.intp]":
    """Return how many steps lie below the upper edge of each bin, from cumulated weights.

    Equal values are one step, which lies in the bin of its middle.
    """
    total = float(upto[-1])
    bins = int(np.clip(total // PER_BIN, 1, BINS))
    edges = total * np.arange(1, bins + 1)
    at = np.minimum(np.searchsorted(upto, edges / bins), len(upto) - 1)
    # The first step that ends at the edge or beyond it may have its middle below.
    middle = upto[at] + np.where(at > 0, upto[at - 1], 0.0)
    at += middle * bins < 2 * edges
    return np.unique(np.append(at[at > 0], len(upto)))


def _folded(mean: "Floats", sigma: "Floats") -> "Floats":
    """Mean absolute value of a normal variable."""
    z = mean / np.where(sigma > 0, sigma, 1.0)
    density = np.exp(-0.5 * z**2) * np.sqrt(2 / np.pi)
    return np.where(sigma > 0, sigma * density + mean * (2 * ndtr(z) - 1), np.abs(mean))


@dataclass(frozen=True)
class BrierParts:
    """The Brier score taken apart; sums over the classes.

    ``brier = reliability - resolution + uncertainty + within_variance - within_covariance``,
    exactly. The first three are the Brier score of forecasts that are equal within a bin.

    Attributes
    ----------
    brier : float
    reliability : float
        Mean squared distance of the bins' mean probability from the frequency: 0 is calibrated.
    resolution : float
        Mean squared distance of the bins' frequency from that of the class: larger is better.
    uncertainty : float
        What the frequencies of the classes alone leave open; no model changes it.
    within_variance, within_covariance : float
        Spread of the probabilities within bins, and twice its covariance with the outcome.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float


def brier_decomposition(truth: "Codes", probability: "Floats", bins: int = BINS) -> BrierParts:
    """Take the Brier score apart into reliability, resolution and uncertainty.

    Each class against the rest: objects are put into bins of equal mass (equal values stay
    together) by the probability of the class; the parts of all classes are added up.

    Parameters
    ----------
    truth : ndarray, shape (n,)
        Codes of the classes; n > 0.
    probability : ndarray, shape (n, k)
    bins : int
        Most bins of a class.

    References
    ----------
    Murphy, A. H. (1973), A new vector partition of the probability score, J. Appl. Meteorol. 12,
    595. Stephenson, D. B., Coelho, C. A. S. & Jolliffe, I. T. (2008), Two extra components in the
    Brier score decomposition, Weather Forecast. 23, 752 (the terms within bins).

    Raises
    ------
    ValueError
        There is no object, or no bin.
    """
    n, k = probability.shape
    if not n or bins < 1:
        raise ValueError(f"expected objects and at least one bin, found {n} and {bins}")
    parts = np.zeros(6)
    for c in range(k):
        parts += _brier_of_class((truth == c).astype(float), probability[:, c], bins)
    return BrierParts(*(float(p) for p in parts))


def _brier_of_class(member: "Floats", probability: "Floats", bins: int) -> "Floats":
    """Return the parts for one class, in the order of `BrierParts`."""
    n = len(member)
    _, place = np.unique(equal_mass(probability, bins), return_inverse=True)
    size = np.bincount(place)
    mean, frequency = np.bincount(place, probability) / size, np.bincount(place, member) / size
    off, residual = probability - mean[place], member - frequency[place]
    overall = member.mean()
    return np.array(
        [
            np.mean((probability - member) ** 2),
            size @ (mean - frequency) ** 2 / n,
            size @ (frequency - overall) ** 2 / n,
            overall * (1 - overall),
            np.mean(off**2),
            2 * np.mean(off * residual),
        ]
    )


def equal_mass(values: "Floats", bins: int) -> "NDArray[np.intp]":
    """Return the bin (n,) of each value: bins hold equally many; equal values stay together."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    number = np.minimum(np.floor(middle / len(values) * bins), bins - 1)
    found: NDArray[np.intp] = number.astype(np.intp)[place]
    return found
