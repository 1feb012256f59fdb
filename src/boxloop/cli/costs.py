"""What a fit costs, from constants that were measured once (benchmarks/fit_costs.py).

Those of `autoencoder`, `cnn`, `cnn1d` and `gru` were measured side by side with `dense` on a busy
machine, and stand here as its constants times the ratios.
"""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boxloop.study.known_models import GIVEN
from boxloop.study.rungs import rungs_of


@dataclass(frozen=True)
class Size:
    """What a model is fitted to.

    Attributes
    ----------
    rows : float
    columns : int
    classes : int
        1 for a number.
    shape : tuple of int
        Of an image (height, width, channels) or a light curve (epochs, channels), for networks
        that see one.
    """

    rows: float
    columns: int
    classes: int = 1
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cost:
    """Seconds of the smallest fit, per million units (see `units`), and per step of a network."""

    start: float
    unit: float
    step: float = 0.0


@dataclass(frozen=True)
class Stacked:
    """What a network costs that is trained as one with others.

    Attributes
    ----------
    trace : float
        Seconds until the first step, once for all networks of an architecture.
    start : float
        Seconds for each network before and after its training.
    step : float
        A step of each network, as a share of one alone.
    """

    trace: float
    start: float
    step: float


#: By kind of network; dense, cnn and gru from single runs of benchmarks/search_ways.py, read off by
#: hand, the others by likeness.
STACKED: dict[str, Stacked] = {
    "dense": Stacked(3.0, 0.06, 0.1),
    "mdn": Stacked(5.0, 0.08, 0.1),
    "autoencoder": Stacked(4.0, 0.08, 0.1),
    "cnn": Stacked(4.0, 0.1, 0.6),
    "cnn1d": Stacked(4.0, 0.1, 0.6),
    "gru": Stacked(12.0, 0.1, 0.7),
}
#: Hyperparameters in which networks of one stack may differ.
APART = ("learning_rate", "schedule", "epochs", "patience", "weight_decay", "dropout")

#: Seconds that reading predictions from the table takes: nothing is fitted.
READ = 0.001

COSTS: dict[str, Cost] = {
    "dummy": Cost(0.00024, 0.008),
    "linear": Cost(0.00074, 0.0084),
    "logistic": Cost(0.0015, 0.029),
    "tree": Cost(0.0011, 0.064),
    "forest": Cost(0.1, 0.048),
    "boosting": Cost(0.026, 0.0051),
    "svm": Cost(0.0025, 0.0016),
    "dense": Cost(0.42, 5.6e-05, 0.001),
    "mdn": Cost(0.68, 2.6e-05, 0.0017),
    "autoencoder": Cost(0.58, 7.1e-05, 0.001),
    "cnn": Cost(0.65, 4.6e-05, 0.013),
    "cnn1d": Cost(0.42, 4.3e-05, 0.0017),
    "gru": Cost(0.68, 5.3e-05, 0.0032),
}

#: Seconds until a job begins its first fit.
JOB_SECONDS: dict[str, float] = {"estimator": 1.8, "network": 4.5}
#: Seconds of a run besides the search and the final fits: most of a demo's (overhead.json).
RUN_SECONDS = 60.0
#: Memory of a job without data, and of one that uses TensorFlow [byte].
JOB_BYTES: dict[str, float] = {"estimator": 2.3e8, "network": 9e8}
#: Peak memory of the largest job by bytes of the table.
MEMORY_FACTOR = 4.4


def fit_seconds(kind: str, values: Mapping[str, Any], size: Size) -> float:
    """Return the seconds of one fit of a registered model on one core.

    Parameters
    ----------
    kind : str
    values : mapping
        Its hyperparameters.
    size : Size
    """
    if kind == GIVEN:
        return READ
    cost = COSTS[kind]
    work = cost.unit * units(kind, values, size) / 1e6
    return cost.start + work + cost.step * steps(values, size)


def search_seconds(
    kind: str,
    trials: Sequence[Mapping[str, Any]],
    folds: int,
    size: Size,
    halving: tuple[int | None, int] | None = None,
) -> float:
    """Return the seconds of all folds of some trials of a registered model on one core.

    Parameters
    ----------
    kind : str
    trials : sequence of mapping
        Hyperparameters of each.
    folds : int
    size : Size
        Of what is fitted in a fold.
    halving : tuple, optional
        After how many epochs the worse networks stop first (None: a default), and one of how many
        goes on.
    """
    if not is_network(kind):
        return folds * sum(fit_seconds(kind, values, size) for values in trials)
    stacked, cost = STACKED[kind], COSTS[kind]
    alike = {json.dumps({k: v for k, v in t.items() if k not in APART}) for t in trials}
    found = stacked.trace * len(alike) + stacked.start * folds * len(trials)
    for values in trials:
        share = share_of_epochs(values["epochs"], *halving) if halving else 1.0
        work = cost.unit * units(kind, values, size) / 1e6
        found += folds * share * (work + stacked.step * cost.step * steps(values, size))
    return found


def share_of_epochs(epochs: int, first: int | None, factor: int) -> float:
    """Return the mean share of its epochs that a network trains under successive halving."""
    ends = [*rungs_of(epochs, first, factor), epochs]
    trained = (e - b for b, e in itertools.pairwise([0, *ends]))
    return sum(length / factor**i for i, length in enumerate(trained)) / epochs


def is_network(kind: str) -> bool:
    """Whether a registered model is trained in epochs."""
    return kind != GIVEN and COSTS[kind].step > 0


def units(kind: str, values: Mapping[str, Any], size: Size) -> float:
    """Return how much work a fit is, in the unit that its kind of model is measured by."""
    cells = size.rows * size.columns
    if "epochs" in values:
        return float(size.rows * values["epochs"] * multiplications(kind, values, size))
    if kind in ("tree", "forest"):
        return _tree_cells(kind, values, size) * float(values.get("n_estimators") or 1)
    if kind == "boosting":
        trees = size.classes if size.classes > 2 else 1
        return float(cells * values["max_iter"] * trees)
    if kind == "svm":
        return cells * size.rows
    return cells * size.classes if kind != "dummy" else size.rows


def steps(values: Mapping[str, Any], size: Size) -> float:
    """Return the number of batches that a network is shown; 0 for any other model."""
    if "epochs" not in values:
        return 0.0
    return float(values["epochs"] * math.ceil(size.rows / values["batch_size"]))


def multiplications(kind: str, values: Mapping[str, Any], size: Size) -> int:
    """Return how often a network multiplies by a weight to predict one object."""
    units = values["units"]
    if kind == "autoencoder":
        latent = values["latent_dim"]
        coding = _connections([size.columns, *units, latent])
        return 2 * coding + latent * size.classes
    if kind == "gru":
        epochs, channels = size.shape
        layers = itertools.pairwise([channels, *units])
        return epochs * sum(3 * (a + b) * b for a, b in layers) + units[-1] * size.classes
    if kind in ("cnn", "cnn1d"):
        found, channels = _convolutions(values, size.shape)
        pooled = 2 * channels if kind == "cnn1d" else channels  # average and maximum
        return found + _connections([pooled, *units, size.classes])
    outputs = 3 * values.get("components", 0) or size.classes
    return _connections([size.columns, *units, outputs])


def _connections(widths: list[int]) -> int:
    return sum(a * b for a, b in itertools.pairwise(widths))


def _convolutions(values: Mapping[str, Any], shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the multiplications of convolutions that halve what they see, and the last width."""
    *sides, channels = shape
    found = 0
    for width in values["filters"]:
        found += math.prod(sides) * values["kernel_size"] ** len(sides) * channels * width
        sides, channels = [math.ceil(side / 2) for side in sides], width
    return found, channels


def _tree_cells(kind: str, values: Mapping[str, Any], size: Size) -> float:
    """Return rows by columns tried by levels of one tree."""
    tried = values.get("max_features")
    columns = float(size.columns)
    if tried == "sqrt" or (tried == "default" and kind == "forest" and size.classes > 1):
        columns = math.sqrt(size.columns)
    elif tried == "log2":
        columns = max(1.0, math.log2(size.columns))
    elif isinstance(tried, int) and not isinstance(tried, bool):
        columns = min(tried, size.columns)
    elif isinstance(tried, float):
        columns = tried * size.columns
    levels = math.log2(max(size.rows, 2))
    return size.rows * columns * min(levels, values.get("max_depth") or levels)
