"""Are predicted distributions as wide as they ought to be? For the figures of the evaluation."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.scores.compute import Evaluation
from boxloop.metrics import REGISTRY, Judged, Resamples, interval, weighted, wilson
from boxloop.metrics.interval import FEWEST, distributions
from boxloop.metrics.predictive import NOMINAL, covered, integral_transform

if TYPE_CHECKING:
    from boxloop.results.details import Example, Honesty, NominalCoverage

#: Most bins of the histogram of PIT values, and objects expected in a bin where there are fewer.
BINS, PER_BIN = 20, 30
#: Probabilities of the central intervals whose coverage is looked at.
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, NOMINAL, 0.8, 0.9, 0.95, 0.99)
#: Places of the example objects in the order of the width of their distributions.
EXAMPLES = (0.1, 0.5, 0.9)
#: Points at which the density of an example is given.
POINTS = 200


def predicted_distributions(found: Evaluation, *, seed: int) -> "Honesty":
    """Return PIT histogram, coverage and examples of the distributions that a model predicts.

    It is the selected model, or where that predicts none, the best candidate that does, or the
    best of the others. Empty where no model predicts distributions.
    """
    name = _model(found)
    if name is None:
        return {}
    judged = found.judged[name]
    assert judged.mixture is not None
    transform = integral_transform(judged.truth, judged.mixture)
    bins = min(BINS, max(5, len(transform) // PER_BIN))
    edges = np.linspace(0, 1, bins + 1)
    resamples = Resamples(found.objects["unit"].to_numpy(), seed, "coverage")
    return {
        "distribution": name,
        "pit": {
            "edges": edges.tolist(),
            "counts": np.histogram(transform, edges)[0].tolist(),
        },
        "coverage": _coverage(judged, resamples),
        "examples": _examples(judged, found.objects["id"].to_numpy()),
    }


def _model(found: Evaluation) -> str | None:
    giving = [n for n, pair in found.judged.items() if pair.mixture is not None and not pair.partly]
    selected, metric = found.metrics["selected"], found.metrics["metric"]
    if selected in giving or not giving:
        return selected if giving else None
    sign = 1 if REGISTRY[metric].larger_is_better else -1

    def rank(name: str) -> tuple[bool, float]:
        score = found.metrics["models"][name][found.shown][metric]["value"]
        worth = -np.inf if score is None else sign * score
        return name in found.metrics["candidates"], worth

    return max(giving, key=rank)


def _coverage(judged: Judged, resamples: Resamples) -> list["NominalCoverage"]:
    assert judged.mixture is not None
    inside = {p: covered(judged.truth, judged.mixture, p) for p in LEVELS}
    spread = distributions({p: partial(weighted.mean, x) for p, x in inside.items()}, resamples)
    rows: list[NominalCoverage] = []
    for level, of in spread.items():
        n = resamples.n_units
        row: NominalCoverage = {"nominal": level, "found": of.value, "low": None, "high": None}
        if n >= FEWEST:
            low, high = interval(of) or wilson(of.value * n, n)
            # Wilson's ends at 0 and 1 miss these values by a rounding.
            row["low"], row["high"] = min(low, of.value), max(high, of.value)
        rows.append(row)
    return rows


def _examples(judged: Judged, ids: Any) -> list["Example"]:
    """Return the densities of objects whose distributions are narrow, middling and wide."""
    assert judged.mixture is not None
    tail = (1 - NOMINAL) / 2
    wide = judged.mixture.quantile(1 - tail) - judged.mixture.quantile(tail)
    order = np.lexsort((ids.astype(str), wide))
    low, high = (judged.mixture.quantile(level) for level in (0.001, 0.999))
    rows: list[Example] = []
    for place in EXAMPLES:
        i = int(order[round(place * (len(order) - 1))])
        truth = float(judged.truth[i])
        at = np.linspace(min(low[i], truth), max(high[i], truth), POINTS)
        density = np.exp(judged.mixture.take(np.full(POINTS, i)).log_density(at))
        rows.append(
            {
                "id": str(ids[i]),
                "truth": truth,
                "at": at.tolist(),
                "density": density.tolist(),
            }
        )
    return rows
