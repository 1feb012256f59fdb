"""What does the model rest on, where does it go wrong, and does it break a rule?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.evaluate.dependence import dependences
from boxloop.evaluate.external import own_models
from boxloop.evaluate.importance import importances
from boxloop.evaluate.plausible import plausibility, shown_predictions
from boxloop.evaluate.plausible_findings import implausible
from boxloop.evaluate.scores import Truth, judged_by_model
from boxloop.evaluate.worst_errors import worst_errors
from boxloop.findings import ranked
from boxloop.metrics import REGISTRY

if TYPE_CHECKING:
    from boxloop.fitting import Fitted
    from boxloop.store import Table


def models_to_understand(metrics: Mapping[str, Any]) -> list[str]:
    """Return the selected model and, where there is one, the best simpler candidate.

    Which one is best, cross-validation says; a model that has learnt nothing, ``dummy``, has
    nothing to be understood.

    Parameters
    ----------
    metrics : mapping
        evaluate/metrics.json; its models stand from simple to complex.
    """
    metric, selected = metrics["metric"], metrics["selected"]
    names = own_models(metrics)
    scores = {
        n: (metrics["models"][n].get("cv", {}).get(metric) or {}).get("value")
        for n in names[: names.index(selected)]
        if n in metrics["candidates"] and n != "dummy"
    }
    known = {n: v for n, v in scores.items() if v is not None}
    best = max if REGISTRY[metric].larger_is_better else min
    return [selected, *([best(known, key=lambda n: known[n])] if known else [])]


def make_understanding(
    table: "Table",
    models: "Mapping[str, Fitted]",
    *,
    split: pd.DataFrame,
    truth: pd.DataFrame,
    cross_validated: pd.DataFrame,
    predictions: pd.DataFrame,
    metrics: Mapping[str, Any],
    columns: Mapping[str, Any],
    plausible: Sequence[Mapping[str, Any]],
    seed: int,
    user_code: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the content of ``evaluate/understanding.json``.

    Parameters
    ----------
    table : Table
        All labelled objects; its targets are not looked at.
    models : mapping of str to Fitted
        Those of `models_to_understand`, the selected model first.
    split : pandas.DataFrame
        ``id, set``.
    truth : pandas.DataFrame
        ``evaluate/truth.parquet``: in a draft without the test objects.
    cross_validated, predictions : pandas.DataFrame
        ``search/predictions.parquet`` and ``evaluate/predictions.parquet``.
    metrics : mapping
        ``evaluate/metrics.json``.
    columns, plausible
        Sections of the study.
    user_code : sequence of str
        Paths of the study's own modules.

    Returns
    -------
    dict
        ``importance``, ``dependence``, ``worst``, ``plausible``, each with a ``reason`` where it is
        empty, and ``findings``.
    """
    known = Truth(truth, tuple(metrics["classes"]))
    ids = table.column(table.named("id") or "id")
    sets = split.set_index("id")["set"].reindex(ids).to_numpy(object).astype(str)
    selected, shown = models[metrics["selected"]], metrics["shown"]
    derived = columns.get("derived") or {}
    options: dict[str, Any] = {"derived": derived, "seed": seed, "user_code": user_code}
    importance = importances(
        models,
        table,
        sets,
        known,
        final=metrics["status"] == "final",
        metric=metrics["metric"],
        **options,
    )
    blocks = _features(importance, selected, table, sets)
    rows = cross_validated if shown == "cv" else predictions[predictions["set"] == shown]
    names = own_models(metrics)
    objects, by_model = judged_by_model(rows, names, known)
    found = shown_predictions(rows, names, table, objects)
    training = truth["id"].isin(ids[sets == "train"])
    targets = np.array([]) if known.classes else truth.loc[training, "target"].to_numpy(float)
    rules = plausibility(
        plausible,
        targets,
        replace(found, classes=known.classes),
        split=shown,
        seed=seed,
        user_code=user_code,
    )
    return {
        "importance": importance,
        "dependence": dependences(selected, table, sets == "train", blocks, **options),
        "worst": worst_errors(
            selected,
            table,
            sets,
            known,
            objects,
            by_model[selected.name],
            split=shown,
            seed=seed,
        ),
        "plausible": rules,
        "findings": ranked(implausible(rules, selected.name)),
    }


def _features(
    importance: Mapping[str, Any], selected: "Fitted", table: "Table", sets: Any
) -> list[list[str]]:
    """Return the blocks of features that the selected model is shown, the most important first."""
    from boxloop.evaluate.blocks import feature_blocks, sees

    if importance["models"]:
        found = importance["models"][selected.name]["groups"]
        pairs = zip(importance["groups"], found, strict=True)
        return [g["columns"] for g, of in pairs if g["kind"] == "table" and of["seen"]]
    # Without held-out objects nothing is known of importance: blocks stand in table order.
    blocks = [b for b in feature_blocks(table, sets == "train") if b.kind == "table"]
    follow = table.of_role("derived")
    return [list(b.columns) for b in blocks if sees(selected, {*b.moves, *follow}, b)]
