"""Probes: trials with the hyperparameters of the selected model that test the result itself.

They choose nothing. Each has a purpose: whether shuffled labels score like chance, what fewer
objects would give, what another seed would change, what weighting towards the target sample does,
and whether the past predicts the future as well as neighbours in time do.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.fitting import chosen_trial
from boxloop.fitting.reweight import domain_weights
from boxloop.fitting.targets import encoded
from boxloop.metrics.null import Null, permutation_null
from boxloop.sampling import deal_in_order, draw_fraction, fold_rows, scored_folds
from boxloop.sampling.shuffle import Shuffler
from boxloop.search.cross_validate import outcome_of, planned
from boxloop.search.plan import Fold, SearchTask, of_first_repeat
from boxloop.search.probed import Probed, paired
from boxloop.store import Table
from boxloop.study.seeds import generator, integer_seed
from boxloop.tasks import task_of

if TYPE_CHECKING:
    import pandas as pd

    from boxloop.results.prepare import Recipes
    from boxloop.results.search import (
        AgainTrained,
        FoldScores,
        LearningRun,
        Probe,
        Reweighted,
        ReweightRun,
        Runs,
        SeedRun,
        Selected,
        ShuffledRun,
        TimeOrderRun,
    )

#: Target objects that the training objects are weighted to look like, at the most.
MOST = 200_000


def run_probe(
    purpose: str,
    selected: "Selected",
    recipes: "Recipes",
    table: Table,
    folds: "pd.DataFrame",
    task: SearchTask,
    *,
    out_of_fold: "pd.DataFrame",
    settings: dict[str, Any],
    group: str | None = None,
    time: str | None = None,
    target: Table | None = None,
) -> "Probe":
    """Run the trials of one purpose.

    Parameters
    ----------
    purpose : {"shuffled", "learning_curve", "seeds", "reweight", "time_order"}
    selected : Selected
    recipes : dict
        Unfitted recipe of each model.
    table : Table
        All labelled objects; the training objects of `folds` are used.
    folds : pandas.DataFrame
        ``id, fold, slice``.
    task : SearchTask
    out_of_fold : pandas.DataFrame
        ``search/predictions.parquet``.
    settings : dict
        The study's section ``probes``.
    group : str or None
        Column of the independent unit.
    time : str or None
        Column of the time of observation.
    target : Table, optional
        The target sample, for ``reweight``.

    Returns
    -------
    Probe
        With ``reason`` and no runs where the probe failed.
    """
    name = selected["selected"]
    chosen = selected["models"][name]
    training, plan = planned(table, folds)
    plan = of_first_repeat(plan)
    units = training.column(group or training.id_name)
    probed = Probed(
        chosen_trial(name, chosen),
        recipes[name],
        training,
        plan,
        units,
        group,
        task,
        out_of_fold[out_of_fold["model"] == name],
        settings,
        time,
        target,
    )
    runs: Runs = []
    reason = ""
    try:
        runs = PURPOSES[purpose](probed)
    except BoxloopError as error:
        reason = str(error)
    except Exception as error:  # a user's model may raise anything, and the result stands without
        reason = f"{type(error).__name__}: {error}"[:300]
    return {
        "purpose": purpose,
        "model": name,
        "trial": chosen["trial"],
        "metric": task.metric,
        "score": chosen["mean"],
        "runs": runs,
        "reason": reason,
    }


def _shuffled(probed: Probed) -> "list[ShuffledRun]":
    """Learn from labels shuffled among units; only chance is left to score by."""
    target, _ = encoded(probed.training, probed.task.name)
    runs: list[ShuffledRun] = []
    for run in range(probed.settings["shuffled"]):
        rng = generator(probed.task.seed, "probe", "shuffled", run)
        labels = Shuffler(probed.ids, probed.units, target).draw(rng)
        fits, pair = probed.fits(("probe", "shuffled", str(run)), labels=labels)
        rows = fits.rows
        again = Shuffler(probed.ids[rows], probed.units[rows], np.arange(len(rows)))
        null = permutation_null(probed.task.metric, pair, again.draw, rng)
        runs.append(_scored(run, null))
    return runs


def _scored(run: int, null: Null | None) -> "ShuffledRun":
    if null is None:
        return {"run": run, "score": None}
    return {"run": run, **null.record()}


def _learning_curve(probed: Probed) -> "list[LearningRun]":
    """Learn from ever larger fractions of each fold's units."""
    target, _ = encoded(probed.training, probed.task.name)
    strata = task_of(probed.task.name).strata(target)
    runs: list[LearningRun] = []
    for fraction in sorted(probed.settings["learning_curve"]):
        plan = []
        for fold in probed.plan:
            kept = draw_fraction(
                probed.units[fold.inside],
                fraction,
                probed.task.seed,
                "learning curve",
                fold.number,
                strata=None if strata is None else strata[fold.inside],
                grouped=probed.grouped,
            )
            inside = fold.inside[kept]
            plan.append(replace(fold, inside=inside, stopping=fold.stopping[kept]))
        fits, _ = probed.fits(("probe", "learning_curve", str(fraction)), plan)
        rows = float(np.mean([len(fold.inside) for fold in plan]))
        outcome = outcome_of(fits, probed.task.metric)
        runs.append({"fraction": fraction, "rows": rows, **_told(outcome)})
    return runs


def _seeds(probed: Probed) -> "list[SeedRun]":
    """Train again from other seeds, on the same folds."""
    runs: list[SeedRun] = []
    for run in range(probed.settings["seeds"]):
        seed = integer_seed(probed.task.seed, "probe", "seeds", run)
        fits, _ = probed.fits(("probe", "seeds", str(run)), task=replace(probed.task, seed=seed))
        runs.append({"run": run, "seed": seed, **_told(outcome_of(fits, probed.task.metric))})
    return runs


def _told(outcome: "FoldScores") -> "AgainTrained":
    return {
        "scores": outcome["scores"],
        "mean": outcome["mean"],
        "std": outcome["std"],
        "train_mean": outcome["train_mean"],
        "epochs": outcome["epochs"],
    }


def _reweight(probed: Probed) -> "list[ReweightRun]":
    """Learn from objects weighted to look like the target sample; judge under the same weights.

    The weights of a fold's training part come from that part; those by which scores are weighted
    from all training objects. No label is looked at for either.
    """
    assert probed.target is not None
    plan, root = [], probed.task.seed
    for fold in probed.plan:
        found = domain_weights(
            probed.training.take(fold.inside),
            probed.target,
            seed=(root, "probe", "reweight", fold.number),
            groups=probed.group,
        )
        plan.append(replace(fold, weights=found.weights))
    alike = domain_weights(
        probed.training,
        probed.target,
        seed=(root, "probe", "reweight"),
        groups=probed.group,
    )
    fits, weighted = probed.fits(("search",), plan)
    pair = {"plain": probed.searched(fits.rows), "reweighted": weighted}
    plain, reweighted, gain = paired(probed, pair, fits.rows, alike.weights[fits.rows])
    scores: Reweighted = {
        "effective": alike.effective,
        "plain": plain,
        "reweighted": reweighted,
    }
    return [{**scores, **gain}]


def _time_order(probed: Probed) -> "list[TimeOrderRun]":
    """Predict stretches of time from the past, and from as many units drawn at random.

    Both learn from equally many units and are scored on the same objects, half of the stretch; the
    other half may be drawn to learn from. What the second gains, it gains from neighbours in time.
    """
    time = probed.training.column(str(probed.time)).astype(float)
    stretch = deal_in_order(probed.units, time, len(probed.plan))
    past: list[Fold] = []
    drawn: list[Fold] = []
    for number in scored_folds(stretch):
        before, inside = fold_rows(stretch, number)
        half = draw_fraction(
            probed.units[inside], 0.5, probed.task.seed, "time order", grouped=probed.grouped
        )
        scored = inside[half]
        others = np.setdiff1d(np.arange(len(stretch)), scored)
        wanted = len(before) / len(others)
        kept = draw_fraction(
            probed.units[others], wanted, probed.task.seed, "any time", grouped=probed.grouped
        )
        for plan, rows in ((past, before), (drawn, others[kept])):
            stopping = draw_fraction(
                probed.units[rows], 0.1, probed.task.seed, "stopping", grouped=probed.grouped
            )
            plan.append(Fold(number, rows, scored, stopping))
    first, from_past = probed.fits(("probe", "time_order"), past)
    _, from_any = probed.fits(("probe", "time_order"), drawn)
    pair = {"any_time": from_any, "past": from_past}
    chance, earlier, gain = paired(probed, pair, first.rows, np.ones(len(first.rows)))
    return [{"any_time": chance, "past": earlier, **gain}]


PURPOSES: dict[str, Callable[[Probed], "Runs"]] = {
    "shuffled": _shuffled,
    "learning_curve": _learning_curve,
    "seeds": _seeds,
    "reweight": _reweight,
    "time_order": _time_order,
}
