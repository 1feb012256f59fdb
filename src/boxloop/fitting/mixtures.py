"""What the outputs of a mixture density network mean: its loss, and what it predicts."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics import Mixture

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: Least width of a component, in units of the target's spread: without one a network that sees an
#: object twice makes it infinitely certain.
LEAST = 1e-3
_NAMES = ("pdf_weight_", "pdf_mean_", "pdf_sigma_")


def negative_log_likelihood(truth: Any, outputs: Any) -> Any:
    """Negative log-likelihood of the truth (n,) or (n, 1) under outputs (n, 3 k), by object.

    The truth is scaled to mean 0 and spread 1. Weights and exponents meet as logarithms only, so
    that a truth far from all components has a large loss and not an infinite one.
    """
    from keras import ops

    logits, means, widths = ops.split(outputs, 3, axis=-1)
    sigma = ops.softplus(widths) + LEAST
    pull = (ops.reshape(truth, (-1, 1)) - means) / sigma
    exponent = ops.log_softmax(logits) - ops.log(sigma) - 0.5 * ops.square(pull)
    return 0.5 * math.log(2 * math.pi) - ops.logsumexp(exponent, axis=-1)


def mixture_of(outputs: "NDArray[Any]", centre: float, scale: float) -> Mixture:
    """Return the distributions that outputs (n, 3 k) stand for, in the unit of the target.

    Parameters
    ----------
    centre, scale : float
        Mean and spread that the target was scaled by.
    """
    logits, means, widths = np.split(np.asarray(outputs, float), 3, axis=1)
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    sigma = np.logaddexp(0.0, widths) + LEAST
    weight = share / share.sum(axis=1, keepdims=True)
    return Mixture(weight, means * scale + centre, sigma * scale)


def mixture_columns(components: int | None) -> list[str]:
    """Return the names of the columns of predictions that hold a mixture."""
    return [f"{name}{k}" for k in range(components or 0) for name in _NAMES]


def columns_of(mixture: Mixture) -> dict[str, "NDArray[np.float64]"]:
    """Return a mixture as columns of predictions."""
    parts = (mixture.weight, mixture.mean, mixture.sigma)
    k = mixture.weight.shape[1]
    return {f"{n}{i}": part[:, i] for i in range(k) for n, part in zip(_NAMES, parts, strict=True)}


def mixture_from(predicted: "pd.DataFrame", *, partly: bool = False) -> Mixture | None:
    """Read the mixtures of predictions, or None where they have none.

    Models with fewer components than another have empty columns. With `partly` some objects may
    lack a mixture; theirs is NaN.
    """
    every = [c for c in predicted if str(c).startswith(_NAMES[0]) and predicted[c].notna().any()]
    if not every:
        return None
    ends = [str(c).removeprefix(_NAMES[0]) for c in every]
    parts = [predicted[[f"{n}{e}" for e in ends]].to_numpy(float) for n in _NAMES]
    lacking = any(np.isnan(p).any() for p in parts)
    return None if lacking and not partly else Mixture(*parts)
