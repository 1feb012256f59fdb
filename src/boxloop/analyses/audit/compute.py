"""Is the result what it seems: sets apart, chance at chance, the test set opened seldom?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.audit.leakage import check_leakage
from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.findings import Finding, Severity, ranked
from boxloop.metrics.null import permutation_null
from boxloop.sampling.shuffle import Shuffler
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from boxloop.results.audit import Audit, Chance, Seeds
    from boxloop.results.details import Opening
    from boxloop.results.metrics import Metrics

#: Probability by chance up to which a model has learnt something.
LEARNT = 0.01
#: Part of the way from chance to the score that has to be lost before time order is remarked on,
#: and from which that is grave.
LOST, GRAVE = 0.05, 0.25
#: Openings of a test set from which they are remarked on, and from which that is grave.
OPENED, OFTEN = 2, 5


def compute(evaluated: Evaluated, *, together: Sequence[str], margin: float, seed: int) -> "Audit":
    """Return the content of ``evaluate/audit.json``.

    Parameters
    ----------
    evaluated : Evaluated
    together : sequence of str
        Columns of which no value may stand in two sets or folds.
    margin : float
    seed : int
    """
    metrics, probes = evaluated.metrics, evaluated.probes
    apart, found = check_leakage(evaluated.table, evaluated.split, evaluated.folds, together)
    chance = _chance(evaluated.cross_validated, evaluated.truth, metrics, seed)
    size = _size(chance)
    order = _time_order(probes.get("time_order"), metrics, size, margin)
    spread = _seeds(probes.get("seeds"))
    found += [
        *_nothing_learnt(chance, metrics),
        *_null_beaten(probes.get("shuffled"), metrics, margin),
        *order,
        *_unstable(spread, metrics, size, margin),
        *_opened(evaluated.openings),
    ]
    return {
        "model": metrics["selected"],
        "metric": metrics["metric"],
        "apart": apart,
        "chance": chance,
        "probes": {name: dict(probe) for name, probe in probes.items()},
        "seeds": spread,
        "openings": len(evaluated.openings),
        "findings": ranked(found),
    }


def _chance(
    cross_validated: pd.DataFrame, truth: Truth, metrics: "Metrics", seed: int
) -> "Chance | None":
    """Score the selected model's out-of-fold predictions against shuffled truths."""
    name = metrics["selected"]
    rows = cross_validated[cross_validated["model"] == name]
    objects, judged = judged_by_model(rows, [name], truth)
    order = Shuffler(objects["id"].to_numpy(), objects["unit"].to_numpy(), np.arange(len(objects)))
    rng = generator(seed, "audit", "chance")
    null = permutation_null(metrics["metric"], judged[name], order.draw, rng)
    return None if null is None else null.record()


def _size(chance: "Chance | None") -> float | None:
    """Return how far the score is from chance: what a loss is measured by."""
    return abs(chance["score"] - chance["median"]) if chance else None


def _nothing_learnt(chance: "Chance | None", metrics: "Metrics") -> list[Finding]:
    if chance is None or chance["p"] <= LEARNT:
        return []
    message = (
        f"Nothing is learnt: out of fold, {metrics['selected']} scores {chance['score']:.4g} in "
        f"{metrics['metric']}, and the same predictions score {chance['low']:.4g} to "
        f"{chance['high']:.4g} when the targets are shuffled. The features say nothing of the "
        "target, or the targets are mixed up"
    )
    return [Finding("high", "nothing_learnt", None, message, {"p": chance["p"]})]


def _null_beaten(
    probe: Mapping[str, Any] | None, metrics: "Metrics", margin: float
) -> list[Finding]:
    """Remark on shuffled labels that were predicted better than any further shuffle explains."""
    runs = [r for r in (probe or {}).get("runs", []) if r.get("score") is not None]
    beaten = [
        r
        for r in runs
        if r["p"] * len(runs) <= 1 / (r["shuffles"] + 1) and abs(r["score"] - r["median"]) > margin
    ]
    if not beaten:
        return []
    run = beaten[0]
    message = (
        f"On shuffled labels {metrics['selected']} scores {run['score']:.4g} in "
        f"{metrics['metric']}, where chance gives {run['low']:.4g} to {run['high']:.4g}: "
        "the answers reach it another way, for example by objects that stand in two folds"
    )
    return [Finding("high", "null_beaten", None, message, {"p": run["p"]})]


def _time_order(
    probe: Mapping[str, Any] | None,
    metrics: "Metrics",
    size: float | None,
    margin: float,
) -> list[Finding]:
    for run in (probe or {}).get("runs", []):
        loss = -run["gain"]
        if run["high"] is None or run["high"] >= 0 or loss <= max(margin, LOST * (size or 0.0)):
            continue
        message = (
            f"{metrics['metric']} is {run['past']:.4g} where the past predicts the future and "
            f"{run['any_time']:.4g} where the model learns from as many objects of any time, for "
            "the same objects: a part of the score comes from neighbours in time. If the model is "
            "for later objects, take split.by: time"
        )
        grave: Severity = "high" if loss > GRAVE * (size or np.inf) else "medium"
        return [Finding(grave, "time_leak", None, message, {"loss": loss, "rows": run["n_units"]})]
    return []


def _seeds(probe: Mapping[str, Any] | None) -> "Seeds | None":
    """Return the spread of the cross-validated score over seeds of the training."""
    runs = (probe or {}).get("runs", [])
    if not probe or not runs:
        return None
    scores = [probe["score"], *(run["mean"] for run in runs)]
    return {"scores": scores, "std": float(np.std(scores, ddof=1)), "n": len(scores)}


def _unstable(
    spread: "Seeds | None",
    metrics: "Metrics",
    size: float | None,
    margin: float,
) -> list[Finding]:
    if spread is None or spread["std"] <= max(margin, LOST * (size or 0.0)):
        return []
    message = (
        f"{metrics['metric']} of {metrics['selected']} varies by {spread['std']:.2g} (standard "
        f"deviation of {spread['n']} trainings from other seeds): the intervals of the scores do "
        "not contain that"
    )
    return [Finding("medium", "unstable", None, message, {"std": spread["std"]})]


def _opened(openings: Sequence["Opening"]) -> list[Finding]:
    times = len(openings)
    if times < OPENED:
        return []
    message = (
        f"The test set was opened {times} times: choices made after the first look are no longer "
        "tested by it. The ledger says when, and by which study"
    )
    grave: Severity = "high" if times >= OFTEN else "medium"
    return [Finding(grave, "opened_often", None, message, {"openings": times})]
