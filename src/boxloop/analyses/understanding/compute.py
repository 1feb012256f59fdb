"""What does the model rest on, where does it go wrong, and does it break a rule?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.external.models import own_models
from boxloop.analyses.understanding.dependence import dependences
from boxloop.analyses.understanding.findings import implausible
from boxloop.analyses.understanding.importance import importances
from boxloop.analyses.understanding.plausible import plausibility, shown_predictions
from boxloop.analyses.understanding.worst_errors import worst_errors
from boxloop.findings import ranked
from boxloop.metrics import REGISTRY

if TYPE_CHECKING:
    from boxloop.fitting import Fitted
    from boxloop.results.metrics import Metrics
    from boxloop.results.understanding import Importance, Understanding
    from boxloop.store import Table


def models_to_understand(metrics: "Metrics") -> list[str]:
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
    known = {}
    for name in names[: names.index(selected)]:
        score = metrics["models"][name].get("cv", {}).get(metric)
        value = score["value"] if score else None
        if name in metrics["candidates"] and name != "dummy" and value is not None:
            known[name] = value
    best = max if REGISTRY[metric].larger_is_better else min
    return [selected, *([best(known, key=lambda n: known[n])] if known else [])]


def compute(
    evaluated: Evaluated,
    *,
    columns: Mapping[str, Any],
    plausible: Sequence[Mapping[str, Any]],
    seed: int,
) -> "Understanding":
    """Return the content of ``evaluate/understanding.json``.

    Parameters
    ----------
    evaluated : Evaluated
        The targets of its table are not looked at.
    columns, plausible
        Sections of the study.
    seed : int

    Returns
    -------
    dict
        ``importance``, ``dependence``, ``worst``, ``plausible``, each with a ``reason`` where it is
        empty, and ``findings``.
    """
    metrics, known, table = evaluated.metrics, evaluated.truth, evaluated.table
    user_code = evaluated.user_code
    models = {name: evaluated.models[name] for name in models_to_understand(metrics)}
    ids = table.ids
    sets = evaluated.split.set_index("id")["set"].reindex(ids).to_numpy(object).astype(str)
    selected, shown, truth = models[evaluated.selected], evaluated.shown, known.frame
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
    objects, by_model = evaluated.judged()
    found = shown_predictions(evaluated.rows, evaluated.names, table, objects)
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
    importance: "Importance", selected: "Fitted", table: "Table", sets: Any
) -> list[list[str]]:
    """Return the blocks of features that the selected model is shown, the most important first."""
    from boxloop.analyses.understanding.blocks import feature_blocks, sees

    if importance["models"]:
        found = importance["models"][selected.name]["groups"]
        pairs = zip(importance["groups"], found, strict=True)
        return [g["columns"] for g, of in pairs if g["kind"] == "table" and of["seen"]]
    # Without held-out objects nothing is known of importance: blocks stand in table order.
    blocks = [b for b in feature_blocks(table, sets == "train") if b.kind == "table"]
    follow = table.of_role("derived")
    return [list(b.columns) for b in blocks if sees(selected, {*b.moves, *follow}, b)]
