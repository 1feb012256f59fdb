"""A whole study in one process, from a frame to the findings of its first page.

It calls the functions that the workflow's scripts call, in their order, without files between them:
a fault can be planted in the data, in the split or in the predictions, and what a reader would be
told is looked at. The workflow itself is tested in tests/workflow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from samples import raw
from tables import trial

from boxloop.analyses.audit.compute import compute as audit
from boxloop.analyses.calibration.compute import compute as calibration
from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.exploration.overview import explore_all, explore_training
from boxloop.analyses.findings import findings_of, gravest
from boxloop.analyses.groups.compute import compute as groups
from boxloop.analyses.scores.compute import choice, evaluate, group_columns, known_truth
from boxloop.analyses.shift.compute import compute as shift
from boxloop.data.assemble import assemble, assemble_target
from boxloop.evaluate.predict import predict_sets
from boxloop.prepare import assign_folds, assign_split, make_recipes
from boxloop.search import SearchTask, best_predictions, cross_validate, run_probe, select_models
from boxloop.store import Table
from boxloop.study.judging import Probes
from boxloop.study.parts import Columns
from boxloop.study.splitting import Split
from boxloop.train import fit_final

#: Fits that a study makes beside its search, few of them: a study here is one of many.
PROBES = Probes(shuffled=1, learning_curve=[0.5], seeds=1)


@dataclass
class Planted:
    """A study and the fault in it.

    Attributes
    ----------
    frame : pandas.DataFrame
        The labelled objects as a file would hold them.
    columns, split : dict
        Sections of the study file.
    models : sequence of trial
        As `tables.trial` makes them, simple to complex.
    target : pandas.DataFrame, optional
        The objects the model is for.
    after_split : callable, optional
        (split, folds, table) -> (split, folds): a hand in the files of *prepare*.
    on_predictions : callable, optional
        predictions -> predictions: a model that says something else.
    openings : int
        Entries of the ledger about the test set.
    """

    frame: pd.DataFrame
    columns: dict[str, Any]
    models: Sequence[dict[str, Any]]
    task: str = "regression"
    metric: str = "rmse"
    margin: float = 0.0
    split: dict[str, Any] = field(default_factory=dict)
    groups: Sequence[Any] = ()
    target: pd.DataFrame | None = None
    files: Sequence[str] | None = None
    after_split: Callable[..., Any] | None = None
    on_predictions: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    openings: int = 1
    probes: Sequence[str] = ("shuffled",)
    seed: int = 0


def first_page(planted: Planted) -> list[dict[str, Any]]:
    """Return the findings on the first page of the study's report."""
    contents = run(planted)
    return gravest(findings_of(contents), contents["target"])


def run(planted: Planted) -> dict[str, Any]:
    """Run a final study and return the contents of its files by their short names."""
    p = planted
    columns = Columns.model_validate(p.columns).model_dump(mode="json", by_alias=True)
    split_section = Split.model_validate({"folds": 3, **p.split}).model_dump(mode="json")
    sample = raw(p.frame)
    if p.files is not None:
        sample.file[:] = p.files
    assembled = assemble([sample], columns=columns, split=split_section, task=p.task, seed=p.seed)
    table, name = assembled.table, columns["target"]["name"]
    group = split_section["group"]
    about = {
        "group": group,
        "together": [group] if group else [],
        "stratify": split_section["stratify"],
        "task": p.task,
        "seed": p.seed,
    }
    calibration, folds = split_section["calibration"], split_section["folds"]
    split = assign_split(table, assembled.sealed["id"], calibration=calibration, **about)
    dealt = assign_folds(table, split, folds=folds, **about)
    if p.after_split:
        split, dealt = p.after_split(split, dealt, table)
    target = None
    if p.target is not None:
        target = assemble_target(raw(p.target, "target"), columns=columns)
    contents: dict[str, Any] = {
        "target": name,
        "explore": explore_all(table, assembled.summary, target, seed=p.seed),
        "training": explore_training(table, split, task=p.task, seed=p.seed, group=group),
    }
    return contents | _judged(p, assembled, columns, split, dealt, group, target)


def _judged(
    p: Planted,
    assembled: Any,
    columns: dict[str, Any],
    split: pd.DataFrame,
    folds: pd.DataFrame,
    group: str | None,
    target: Table | None,
) -> dict[str, Any]:
    table, names = assembled.table, [m["model"] for m in p.models]
    sections = [
        {"name": m["model"], "kind": m["kind"], "function": None, "inputs": None} for m in p.models
    ]
    recipes, task = make_recipes(table, sections, columns), SearchTask(p.task, p.metric, p.seed)
    done = [cross_validate([m], recipes, table, folds, task) for m in p.models]
    _, selected = select_models([r for results, _ in done for r in results], p.metric, names)
    out_of_fold = best_predictions([found for _, found in done], selected)
    fitted = [
        fit_final(n, selected, recipes[n], table, split, task=p.task, seed=p.seed) for n in names
    ]
    predictions = predict_sets(fitted, [table], split, final=True)
    if p.on_predictions:
        out_of_fold, predictions = p.on_predictions(out_of_fold), p.on_predictions(predictions)
    grouped = group_columns(p.groups)
    truth = known_truth(table, assembled.sealed, group=group, groups=grouped)
    found = evaluate(
        predictions,
        out_of_fold,
        truth,
        study="planted",
        provenance="simulated",
        status="final",
        task=p.task,
        metric=p.metric,
        margin=p.margin,
        published=[],
        seed=p.seed,
        **choice(selected),
    )
    openings = [{"key": str(i), "opened": str(i)} for i in range(p.openings)]
    probes = {
        purpose: run_probe(
            purpose,
            selected,
            recipes,
            table,
            folds,
            task,
            out_of_fold=out_of_fold,
            settings=PROBES.model_dump(),
            group=group,
            time=columns["time"],
            target=target,
        )
        for purpose in p.probes
    }
    evaluated = Evaluated(
        metrics=found.metrics,
        truth=truth,
        cross_validated=out_of_fold,
        predictions=predictions,
        table=table,
        labelled=[table],
        target=None if target is None else [target],
        split=split,
        folds=folds,
        models={model.name: model for model in fitted},
        selection=selected,
        openings=openings,
        probes=probes,
    )
    return {
        "metrics": found.metrics,
        "calibration": calibration(evaluated, recalibrate="none", conformal=0.9, seed=p.seed),
        "groups": groups(evaluated, groups=p.groups, protected=[], margin=p.margin, seed=p.seed),
        "shift": shift(evaluated, prevalence="train", group=group, seed=p.seed),
        "audit": audit(evaluated, together=[group] if group else [], margin=p.margin, seed=p.seed),
    }


REGRESSION = [trial("dummy"), trial("linear"), trial("tree", min_samples_leaf=10)]


CLASSIFICATION = [trial("dummy"), trial("logistic"), trial("tree", min_samples_leaf=10)]


def galaxies(n: int = 600, seed: int = 0) -> pd.DataFrame:
    """A redshift from three magnitudes, with noise, a night and a field that say nothing."""
    rng = np.random.default_rng(seed)
    redshift = rng.gamma(6, 0.08, n)
    bands = {
        band: 19 + slope * redshift + rng.normal(0, 0.3, n)
        for band, slope in (("g", 2.0), ("r", 1.2), ("i", 0.7))
    }
    return pd.DataFrame(
        {
            "name": [f"g{i:05d}" for i in range(n)],
            **bands,
            "size": rng.lognormal(0, 0.2, n),
            "mjd": np.sort(rng.uniform(55_000, 56_000, n)),
            "field": rng.integers(0, 40, n),
            "redshift": redshift,
        }
    )


def stars(n: int = 600, seed: int = 0) -> pd.DataFrame:
    """Stars and quasars by two colours; two in three are stars."""
    rng = np.random.default_rng(seed)
    quasar = rng.random(n) < 1 / 3
    return pd.DataFrame(
        {
            "name": [f"s{i:05d}" for i in range(n)],
            "u_g": rng.normal(1.2 - 0.9 * quasar, 0.5),
            "g_r": rng.normal(0.5 - 0.3 * quasar, 0.4),
            "r_mag": rng.normal(19, 1, n),
            "field": rng.integers(0, 40, n),
            "kind": np.where(quasar, "QSO", "STAR"),
        }
    )


def columns(*features: str, target: str = "redshift", **more: Any) -> dict[str, Any]:
    named = {f: {} for f in features or ("g", "r", "i", "size")}
    return {"id": "name", "features": named, "target": target, **more}


def regression(frame: pd.DataFrame, **more: Any) -> Planted:
    return Planted(frame, **{"columns": columns(), "models": REGRESSION, "margin": 0.005, **more})


def classification(frame: pd.DataFrame, **more: Any) -> Planted:
    about = {
        "columns": columns("u_g", "g_r", "r_mag", target="kind", keep=["field"]),
        "models": CLASSIFICATION,
        "task": "classification",
        "metric": "log_loss",
        "margin": 0.02,
    }
    return Planted(frame, **{**about, **more})
