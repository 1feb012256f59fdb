"""Scores of degraded data: all models at every strength, and what becomes of the selected one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from boxloop import metrics
from boxloop.findings import known
from boxloop.metrics import REGISTRY, Judged, Resamples, scores
from boxloop.metrics.interval import COVERAGE, FEWEST, RESAMPLES, Distribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.common import Limits, Score
    from boxloop.results.degraders import DegraderCurve, DegraderMeaning, Overtaken


@dataclass(frozen=True)
class Judge:
    """How models are scored and compared.

    Attributes
    ----------
    metric, task, selected : str
    margin : float
        Smaller differences do not matter.
    models : tuple of str
        Simple to complex.
    simpler : tuple of str
        Candidates that are simpler than the selected model.
    dummy : str or None
        The model that has learnt nothing.
    resamples : Resamples
    looks : int
        At how many differences one looks in all.
    """

    metric: str
    task: str
    selected: str
    margin: float
    models: tuple[str, ...]
    simpler: tuple[str, ...]
    dummy: str | None
    resamples: Resamples
    looks: int

    @property
    def sign(self) -> float:
        """Turn scores so that larger is better."""
        return 1.0 if REGISTRY[self.metric].larger_is_better else -1.0


#: Scores and their resampled values of every model.
Scored = tuple[dict[str, "Score"], dict[str, Distribution]]


def score_models(steps: Sequence[Mapping[str, Judged]], judge: Judge) -> list[Scored]:
    """Score the predictions of all models for the same objects, several times over.

    The resamples are drawn once for all of them.

    Parameters
    ----------
    steps : sequence of mapping
        Of each strength, the predictions by model.
    """
    metric = judge.metric
    together = {f"{i} {name}": pair for i, of in enumerate(steps) for name, pair in of.items()}
    found, kept = scores(together, judge.resamples, judge.task, names=[metric])
    scored: list[Scored] = []
    for i, of in enumerate(steps):
        plain = {name: _plain(found[f"{i} {name}"][metric]) for name in of}
        keys = {name: (f"{i} {name}", metric) for name in of}
        scored.append((plain, {n: kept[key] for n, key in keys.items() if key in kept}))
    return scored


def _plain(score: metrics.Score) -> "Score":
    return {
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "n_units": score.n_units,
        "reason": score.reason,
    }


def curve(steps: Sequence[tuple[float, Scored]], judge: Judge) -> "DegraderCurve":
    """Say what the scores at increasing strengths mean.

    Parameters
    ----------
    steps : sequence of (strength, scores)
        The first has strength 0.

    Returns
    -------
    dict
        ``strengths``; ``scores.<model>`` [{value, low, high, n_units, reason}];
        ``differences.<model>`` [{value, low, high}], the selected model over another, positive
        where it is better; ``falls``, what the selected model loses against strength 0; and
        ``fallen``, ``at_dummy``, ``overtaken`` (see `read`).
    """
    others = [name for name in judge.models if name != judge.selected]
    differences = {
        name: [
            _difference(spread.get(judge.selected), spread.get(name), judge)
            for _, (_, spread) in steps
        ]
        for name in others
    }
    whole = steps[0][1][1].get(judge.selected)
    falls = [_difference(whole, spread.get(judge.selected), judge) for _, (_, spread) in steps]
    strengths = [strength for strength, _ in steps]
    return {
        "strengths": strengths,
        "scores": {name: [plain[name] for _, (plain, _) in steps] for name in judge.models},
        "differences": differences,
        "falls": falls,
        **read(strengths, differences, falls, judge),
    }


def read(
    strengths: Sequence[float],
    differences: Mapping[str, Sequence["Limits"]],
    falls: Sequence["Limits"],
    judge: Judge,
) -> "DegraderMeaning":
    """Return the strengths from which on the selected model is no longer what it was.

    Returns
    -------
    dict
        ``fallen``: the first strength at which its score has fallen by more than the margin.
        ``at_dummy``: the first at which it is no better than the dummy, which it was before.
        ``overtaken``: {strength, by, difference, low, high}: the first at which a simpler
        candidate, which was not better before, is better by more than the margin; of several the
        best. Each is None where that is not shown, all limits taken together.
    """
    fallen = at_dummy = None
    overtaken: Overtaken | None = None
    better_before = judge.dummy is not None and _shown(differences[judge.dummy][0], judge.margin)
    rivals = [n for n in judge.simpler if not _shown(_turned(differences[n][0]), 0.0)]
    for i, strength in enumerate(strengths):
        if i == 0:
            continue
        if fallen is None and _shown(falls[i], judge.margin):
            fallen = strength
        if at_dummy is None and better_before and judge.dummy is not None:
            left = differences[judge.dummy][i]["value"]
            if left is not None and left <= judge.margin and _shown(falls[i], 0.0):
                at_dummy = strength
        ahead = [n for n in rivals if _shown(_turned(differences[n][i]), judge.margin)]
        if overtaken is None and ahead:
            best = min(ahead, key=lambda n: known(differences[n][i]["value"]))
            overtaken = {"strength": strength, "by": best, **differences[best][i]}
    return {"fallen": fallen, "at_dummy": at_dummy, "overtaken": overtaken}


def _shown(difference: "Limits", margin: float) -> bool:
    """Whether a difference is positive for certain, and larger than the margin."""
    low, value = difference["low"], difference["value"]
    return low is not None and low > 0 and value is not None and value > margin


def _turned(difference: "Limits") -> "Limits":
    value, low, high = difference["value"], difference["low"], difference["high"]
    return {
        "value": None if value is None else -value,
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }


def _difference(first: Distribution | None, second: Distribution | None, judge: Judge) -> "Limits":
    """Return how much better the first is, with limits that hold together for all looks.

    The limits are those of a t distribution with the standard deviation of the paired resampled
    differences, at a level divided by the number of looks (Bonferroni): tails so far out cannot be
    read from a thousand resamples.
    """
    if first is None or second is None:
        return {"value": None, "low": None, "high": None}
    value = judge.sign * (first.value - second.value)
    if not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    limits: Limits = {"value": float(value), "low": None, "high": None}
    width = _half_width(first.resampled, second.resampled, judge)
    if width is not None:
        limits["low"], limits["high"] = float(value - width), float(value + width)
    return limits


def _half_width(
    first: "NDArray[np.float64]", second: "NDArray[np.float64]", judge: Judge
) -> float | None:
    from scipy.stats import t

    if judge.resamples.n_units < FEWEST or not len(first) or not len(second):
        return None
    apart = first - second
    finite = apart[np.isfinite(apart)]
    if len(finite) < 0.9 * RESAMPLES:
        return None
    tail = (1 - COVERAGE) / (2 * max(judge.looks, 1))
    return float(t.isf(tail, judge.resamples.n_units - 1) * finite.std(ddof=1))
