"""The search done again without each outer fold, which is then predicted: an honest score."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.fitting import chosen_trial, fit_model
from boxloop.fitting.targets import encoded
from boxloop.metrics import point_for
from boxloop.search.plan import SearchTask
from boxloop.search.progress import Progress
from boxloop.search.rounds import search_in_rounds
from boxloop.search.select import select_models
from boxloop.store import Table

if TYPE_CHECKING:
    from boxloop.results.prepare import Recipes
    from boxloop.results.search import OuterFold
    from boxloop.study.rounds import Rounds
    from boxloop.study.trials import Trial


def nested_fold(
    number: int,
    trials: "Sequence[Trial]",
    recipes: "Recipes",
    table: Table,
    plan: pd.DataFrame,
    task: SearchTask,
    *,
    models: list[str],
    candidates: list[str],
    choose: str = "best",
    rounds: "Rounds | None" = None,
    progress: Progress | None = None,
) -> "tuple[pd.DataFrame, OuterFold]":
    """Search without one outer fold, fit every model's best trial there, predict the fold.

    Parameters
    ----------
    number : int
        The outer fold.
    trials : sequence of Trial
        All trials that the study file gives.
    recipes : dict
        Unfitted recipe of each model.
    table : Table
    plan : pandas.DataFrame
        ``prepare/outer.parquet``.
    task : SearchTask
    models, candidates : list of str
        Names, simple to complex; those that may be selected.
    choose : {"best", "one_standard_error"}
    rounds : Rounds, optional
        What the rounds of a search are planned from, as of `boxloop.search.rounds`.
    progress : Progress, optional

    Returns
    -------
    predictions : pandas.DataFrame
        Of the outer fold, by every model: columns of predictions, ``set`` (test), ``outer``.
    found : OuterFold
    """
    folds = inner_folds(plan, number)
    results = search_in_rounds(trials, rounds, recipes, table, folds, task, progress)
    _, selected = select_models(results, task.metric, models, candidates, choose)
    ids = pd.Index(table.ids)
    training = table.take(ids.get_indexer(pd.Index(folds["id"])))
    scored = table.take(ids.get_indexer(pd.Index(plan["id"][plan["outer"] == number])))
    target, classes = encoded(training, task.name)
    parts = []
    for name in models:
        chosen = selected["models"][name]
        fitted = fit_model(
            chosen_trial(name, chosen),
            recipes[name],
            training,
            target,
            task=task.name,
            classes=classes,
            seed=(task.seed, "nested", number, chosen["trial"]),
            point=point_for(task.metric),
            epochs=chosen["epochs"],
            user_code=task.user_code,
            threads=task.threads,
        )
        predicted = fitted.predict(scored)
        predicted.insert(0, "model", name)
        predicted.insert(2, "set", "test")
        parts.append(predicted.assign(outer=np.int8(number)))
    found: OuterFold = {
        "outer": number,
        "selected": selected["selected"],
        "rows": len(scored),
        "models": {
            name: {
                "trial": chosen["trial"],
                "mean": chosen["mean"],
                "hyperparameters": chosen["hyperparameters"],
            }
            for name, chosen in selected["models"].items()
        },
    }
    return pd.concat(parts, ignore_index=True), found


def inner_folds(plan: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return ``id, fold, slice`` of the objects outside an outer fold."""
    outside = plan[plan["outer"] != number]
    return pd.DataFrame(
        {
            "id": outside["id"].to_numpy(),
            "fold": outside[f"fold_{number}"].to_numpy(),
            "slice": outside[f"slice_{number}"].to_numpy(),
        }
    )
