"""Other frequencies of the classes than among the training objects: to estimate and to allow for.

It is assumed that objects of a class look the same in both samples, so that only the frequencies
differ. Then calibrated probabilities say all that is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Smallest probability whose logarithm is taken.
FLOOR = 1e-4
#: A confusion matrix with a larger condition number cannot be inverted in earnest.
WORST_CONDITION = 100.0


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling with a bias of each class.

    Attributes
    ----------
    slope : float
        The inverse temperature.
    bias : ndarray, shape (k,)
    """

    slope: float
    bias: "Floats"

    def __call__(self, probability: "Floats") -> "Floats":
        """Return calibrated probabilities (n, k)."""
        return _softmax(self.slope * _logarithm(probability) + self.bias)


@dataclass(frozen=True)
class Adjustment:
    """From a model's probabilities to those at other frequencies of the classes.

    Attributes
    ----------
    classes : tuple of str
    calibration : Calibration
    ratio : ndarray, shape (k,)
        Frequency where the model is used over that among the objects it was calibrated on.
    """

    classes: tuple[str, ...]
    calibration: Calibration
    ratio: "Floats"

    def __call__(self, probability: "Floats") -> "Floats":
        """Return adjusted probabilities (n, k); rows that are not finite stay so."""
        weighted = self.calibration(probability) * self.ratio
        found: Floats = weighted / weighted.sum(axis=1, keepdims=True)
        return np.where(np.isfinite(probability).all(axis=1, keepdims=True), found, np.nan)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Adjustment":
        """Rebuild it from ``prevalence.adjustment`` of ``evaluate/shift.json``."""
        bias, ratio = (np.array(content[k], float) for k in ("bias", "ratio"))
        return cls(tuple(content["classes"]), Calibration(float(content["slope"]), bias), ratio)


def adjustment_of(shift: Mapping[str, Any]) -> Adjustment | None:
    """Return the adjustment that ``evaluate/shift.json`` asks for, or None."""
    content = (shift.get("prevalence") or {}).get("adjustment")
    return Adjustment.from_content(content) if content else None


def calibrate(
    probability: "Floats",
    truth: "NDArray[np.intp]",
    weight: "Floats | None" = None,
) -> Calibration:
    """Fit temperature and biases by maximum likelihood, by Newton's method (it is convex).

    With the biases, mean probabilities equal the frequencies of the classes, whatever class
    weights the model was trained with.

    Parameters
    ----------
    probability : ndarray, shape (n, k)
        Of objects the model has not learnt from.
    truth : ndarray of int, shape (n,)
    weight : ndarray, shape (n,), optional

    References
    ----------
    Alexandari, A., Kundaje, A. & Shrikumar, A. (2020), Maximum likelihood with bias-corrected
    calibration is hard-to-beat at label shift adaptation, ICML.
    """
    n, k = probability.shape
    weight = np.ones(n) if weight is None else weight
    log = _logarithm(probability)
    hit = np.eye(k)[truth]
    ridge, first = _prior(k)
    now = first

    def loss(at: "Floats") -> float:
        p = _softmax(at[0] * log + at[1:])
        likelihood = float((weight * np.log(np.maximum((p * hit).sum(axis=1), 1e-300))).sum())
        return -likelihood + 0.5 * float((ridge * (at - first) ** 2).sum())

    value = loss(now)
    for _ in range(50):
        p = _softmax(now[0] * log + now[1:])
        gradient = weight @ _gradients(p, hit, log) + ridge * (now - first)
        step = np.linalg.solve(_hessian(p, log, weight) + np.diag(ridge), gradient)
        length = 1.0
        while loss(now - length * step) > value and length > 1e-6:
            length /= 2
        new = loss(now - length * step)
        if new > value:
            break
        now, gain, value = now - length * step, value - new, new
        if gain < 1e-10 * max(abs(value), 1.0):
            break
    return Calibration(float(now[0]), now[1:])


class Recalibration:
    """Calibrations of resamples of the same objects, each by one Newton step from that of all.

    Parameters
    ----------
    probability, truth : ndarray
        As for `calibrate`.
    calibration : Calibration
        That of all objects.
    """

    def __init__(
        self, probability: "Floats", truth: "NDArray[np.intp]", calibration: Calibration
    ) -> None:
        k = probability.shape[1]
        log, p = _logarithm(probability), calibration(probability)
        ridge, first = _prior(k)
        self._at = np.array([calibration.slope, *calibration.bias])
        hessian = _hessian(p, log, np.ones(len(p))) + np.diag(ridge)
        self._steps = np.linalg.solve(hessian, _gradients(p, np.eye(k)[truth], log).T).T
        self._pull = np.linalg.solve(hessian, ridge * (self._at - first))

    def __call__(self, weight: "Floats") -> Calibration:
        """Return the calibration for whole weights (n,) that add up to about n."""
        at = self._at - (weight @ self._steps + self._pull)
        return Calibration(float(at[0]), at[1:])


def expectation_maximisation(
    likelihood: "Floats",
    start: "Floats",
    weight: "Floats | None" = None,
    *,
    tolerance: float = 1e-9,
    steps: int = 2_000,
) -> "Floats":
    """Return the frequencies of the classes that make a sample most likely.

    The fixed point of the expectation-maximisation of Saerens et al.; Newton steps between its
    own, taken where they raise the likelihood, bring it there sooner.

    Parameters
    ----------
    likelihood : ndarray, shape (n, k)
        Calibrated probabilities over the frequencies they were calibrated at: up to a factor of
        each object, its likelihood in each class.
    start : ndarray, shape (k,)
        Frequencies to begin with.
    weight : ndarray, shape (n,), optional

    References
    ----------
    Saerens, M., Latinne, P. & Decaestecker, C. (2002), Adjusting the outputs of a classifier to
    new a priori probabilities, Neural Computation 14, 21.
    """
    weight = np.ones(len(likelihood)) if weight is None else weight
    weight = weight / weight.sum()
    now = np.maximum(start, 1e-6)
    now = now / now.sum()
    for _ in range(steps):
        before = now
        now = now * ((weight / (likelihood @ now)) @ likelihood)
        newton = _newton(likelihood, now, weight)
        if newton is not None:
            now = newton
        if np.abs(now - before).max() < tolerance:
            break
    return now


def black_box(confusion: "Floats", predicted: "Floats") -> tuple["Floats | None", str]:
    """Return frequencies of the classes from a confusion matrix, or None and the reason.

    Parameters
    ----------
    confusion : ndarray, shape (k, k)
        Counts or weights of labelled objects; rows are the truth, columns the prediction.
    predicted : ndarray, shape (k,)
        Share of each predicted class in the other sample.

    Returns
    -------
    frequencies : ndarray, shape (k,), or None
        Those below 0 are set to 0, and the others to the sum 1.
    reason : str

    References
    ----------
    Lipton, Z. C., Wang, Y.-X. & Smola, A. (2018), Detecting and correcting for label shift with
    black box predictors, ICML.
    """
    members = confusion.sum(axis=1, keepdims=True)
    if (members <= 0).any():
        return None, "a class has no members"
    rates = (confusion / members).T
    if np.linalg.cond(rates) > WORST_CONDITION:
        return None, "the model confuses classes too much: its confusion matrix has no inverse"
    found = np.maximum(np.linalg.solve(rates, predicted), 0.0)
    return found / found.sum(), ""


def _newton(likelihood: "Floats", now: "Floats", weight: "Floats") -> "Floats | None":
    """Return a Newton step on the simplex where it raises the likelihood, else None."""
    mixed = likelihood @ now
    scaled = likelihood / mixed[:, None]
    hessian = (scaled * weight[:, None]).T @ scaled
    k = len(now)
    system = np.block([[hessian + 1e-12 * np.eye(k), np.ones((k, 1))], [np.ones((1, k)), 0.0]])
    try:
        step = np.linalg.solve(system, np.array([*(weight @ scaled), 0.0]))[:k]
    except np.linalg.LinAlgError:
        return None
    shrinking = step < 0
    room = float((now[shrinking] / -step[shrinking]).min()) if shrinking.any() else np.inf
    new: Floats = now + min(1.0, 0.9 * room) * step
    if not np.isfinite(new).all() or (new < 0).any():
        return None
    better = weight @ np.log(likelihood @ new) > weight @ np.log(mixed)
    return new / new.sum() if better else None


def _prior(k: int) -> tuple["Floats", "Floats"]:
    """Return how strongly slope and biases are held, and where: probabilities as they are."""
    return np.array([1e-2, *[1e-3] * k]), np.array([1.0, *[0.0] * k])


def _gradients(p: "Floats", hit: "Floats", log: "Floats") -> "Floats":
    """Return the gradient of each object's loss, (n, k + 1)."""
    residual = p - hit
    return np.column_stack([(residual * log).sum(axis=1), residual])


def _hessian(p: "Floats", log: "Floats", weight: "Floats") -> "Floats":
    """Return the Hessian of the loss, (k + 1, k + 1)."""
    k = p.shape[1]
    weighted = weight[:, None] * p
    centred = log - (p * log).sum(axis=1, keepdims=True)
    hessian = np.empty((k + 1, k + 1))
    hessian[0, 0] = (weighted * centred * log).sum()
    hessian[0, 1:] = hessian[1:, 0] = (weighted * centred).sum(axis=0)
    hessian[1:, 1:] = np.diag(weighted.sum(axis=0)) - weighted.T @ p
    return hessian


def _logarithm(probability: "Floats") -> "Floats":
    found: Floats = np.log(np.maximum(probability, FLOOR))
    return found


def _softmax(scores: "Floats") -> "Floats":
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found
