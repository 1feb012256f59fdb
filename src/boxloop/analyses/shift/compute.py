"""Are the training objects like those that the model is for?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.analyses.shift.findings import about_prevalence, about_samples
from boxloop.analyses.shift.prevalence import (
    Estimates,
    Predicted,
    estimate_prevalence,
    stated_prevalence,
)
from boxloop.analyses.shift.purity import purity_table
from boxloop.analyses.shift.two_sample import TwoSample, auc_interval, two_sample
from boxloop.findings import ranked
from boxloop.fitting.reweight import units_of
from boxloop.metrics import Resamples
from boxloop.sampling.drawn import draw_rows, in_set
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.metrics import Metrics
    from boxloop.results.shift import PriorAdjustment, RemainingAuc, Shift, Source, Used

#: Objects that are drawn of each sample at the most.
DRAWN = 20_000


def compute(
    evaluated: Evaluated, *, prevalence: str | Mapping[str, float], group: str | None, seed: int
) -> "Shift":
    """Compare training and target objects, and the frequency of their classes.

    Labels of training objects are not looked at for the former.

    Parameters
    ----------
    evaluated : Evaluated
    prevalence : str or mapping
        As the study has it.
    group : str or None
        Column of the independent unit.
    seed : int

    Returns
    -------
    dict
        Content of ``evaluate/shift.json``.
    """
    metrics, known = evaluated.metrics, evaluated.truth
    without = task_of(metrics["task"]).inapplicable.get("prevalence")
    keep = in_set(evaluated.split, "train")
    training = draw_rows(evaluated.labelled, DRAWN, seed, "shift", "training", keep=keep)
    assert training is not None
    target = predicted = None
    if evaluated.target is not None:
        target = draw_rows(evaluated.target, DRAWN, seed, "shift", "target")
    if target is not None and not without:
        predicted = evaluated.models[evaluated.selected].predict(target)
    samples = None
    if target is not None:
        samples = two_sample(training, target, group=group, seed=seed)
    found = about_samples(samples.content if samples else None)
    about: Shift = {
        "target": target is not None,
        "reason": None if target is not None else "the study has no target sample",
        "two_sample": samples.content if samples else None,
        "prevalence": {"reason": without or ""},
        "findings": [],
    }
    if without:
        return {**about, "findings": ranked(found)}
    classes, rows = evaluated.classes, evaluated.every
    labelled = _labelled(rows[rows["set"].isin(["cv", "calibration"])], metrics, known)
    there = None
    if target is not None and predicted is not None:
        there = _of_target(predicted, units_of(target, group), classes)
    estimates = estimate_prevalence(labelled, there, classes, seed=seed)
    remains = _remaining(training, samples, known, estimates)
    used = _used(prevalence, classes, estimates, rows, metrics, known, seed)
    about["prevalence"] = {**estimates.content, "remaining": remains, **used}
    found += about_prevalence(about["prevalence"], metrics["selected"])
    return {**about, "findings": ranked(found)}


def _labelled(rows: pd.DataFrame, metrics: "Metrics", truth: Truth) -> Predicted:
    """Return the selected model's predictions of objects it has not learnt from."""
    mine = rows[rows["model"] == metrics["selected"]].sort_values("id", kind="stable")
    objects, judged = judged_by_model(mine, [metrics["selected"]], truth)
    pair = judged[metrics["selected"]]
    return Predicted(pair.prediction, pair.probability, objects["unit"].to_numpy(), pair.truth)


def _of_target(
    predicted: pd.DataFrame, units: "NDArray[Any]", classes: tuple[str, ...]
) -> Predicted:
    # Sums in one order, whatever that of the rows.
    order = np.argsort(predicted["id"].astype(str).to_numpy(), kind="stable")
    predicted, units = predicted.iloc[order], units[order]
    codes = pd.Index(classes).get_indexer(pd.Index(predicted["prediction"]))
    columns = predicted.reindex(columns=[f"p_{c}" for c in classes])
    given = columns.notna().any(axis=0).any()
    probability = columns.fillna(0.0).to_numpy(float) if given else None
    return Predicted(codes, probability, units)


def _remaining(
    training: Table, samples: TwoSample | None, truth: Truth, estimates: Estimates
) -> "RemainingAuc | None":
    """Return how well samples are told apart once training objects have the estimated frequencies.

    Where only frequencies differ nothing remains: one half. Null without an estimate.
    """
    method = estimates.best
    if samples is None or samples.apart is None or method is None:
        return None
    ratio = estimates.values[method] / estimates.training
    ids = training.ids
    labels = truth.frame.set_index("id")["target"].reindex(ids)
    known = labels.notna().to_numpy()
    weight = np.ones(len(samples.domain))
    codes = truth.codes(labels[known].to_numpy())
    weight[: len(ids)][known] = ratio[codes]
    weight[: len(ids)][~known] = 0.0
    about = samples.apart.boosted, samples.domain, samples.apart.part, samples.units
    return {**auc_interval(*about, weight=weight), "method": method}


def _used(
    setting: str | Mapping[str, float],
    classes: tuple[str, ...],
    estimates: Estimates,
    rows: pd.DataFrame,
    metrics: "Metrics",
    truth: Truth,
    seed: int,
) -> "Used":
    """Return the frequencies that are used, the purities at them, and how to adjust to them."""
    source: Source = "training"
    used, note = estimates.training, ""
    if not isinstance(setting, str):
        source, used = "stated", stated_prevalence(setting, classes, estimates.training)
    elif setting == "estimate":
        method = estimates.best
        if method:
            source, used = method, estimates.values[method]
        else:
            note = "no estimate: the frequencies of training are used"
    shown = rows[(rows["set"] == metrics["shown"]) & (rows["model"] == metrics["selected"])]
    objects, judged = judged_by_model(
        shown.sort_values("id", kind="stable"), [metrics["selected"]], truth
    )
    resamples = Resamples(objects["unit"].to_numpy(), seed, "purity")
    adjustment: PriorAdjustment | None = None
    if source != "training" and estimates.calibration is not None:
        ratio = used / np.where(estimates.training > 0, estimates.training, 1.0)
        adjustment = {
            "classes": list(classes),
            "slope": estimates.calibration.slope,
            "bias": estimates.calibration.bias.tolist(),
            "ratio": np.where(estimates.training > 0, ratio, 0.0).tolist(),
        }
    return {
        "setting": setting if isinstance(setting, str) else "stated",
        "source": source,
        "note": note,
        "used": {c: float(v) for c, v in zip(classes, used, strict=True)},
        "purity": purity_table(judged[metrics["selected"]], resamples, used, estimates.training),
        "split": metrics["shown"],
        "adjustment": adjustment,
    }
