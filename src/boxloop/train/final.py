"""Fit a model's selected hyperparameters to all training objects."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from boxloop.fitting import Fitted, chosen_trial, fit_model
from boxloop.fitting.targets import encoded
from boxloop.metrics import point_for
from boxloop.store import Table

if TYPE_CHECKING:
    from boxloop.results.prepare import Recipe
    from boxloop.results.search import Selected


def fit_final(
    name: str,
    selected: "Selected",
    recipe: "Recipe",
    table: Table,
    split: pd.DataFrame,
    *,
    task: str,
    seed: int,
    checkpoint: Path | None = None,
    checkpoint_key: str = "",
    user_code: Sequence[str] = (),
    threads: int = 1,
) -> Fitted:
    """Fit one model for good: all training objects, networks for the folds' median of epochs.

    Parameters
    ----------
    name : str
        The model.
    selected : Selected
    recipe : Recipe
        The model's unfitted recipe.
    table : Table
    split : pandas.DataFrame
        ``id, set``.
    checkpoint : Path, optional
        Where the training of a network is kept while it lasts.
    checkpoint_key : str
        Hash of the code that trains.
    """
    mine = split.loc[split["set"] == "train", "id"]
    training = table.take(pd.Index(table.column("id")).isin(mine))
    target, classes = encoded(training, task)
    chosen = selected["models"][name]
    return fit_model(
        chosen_trial(name, chosen),
        recipe,
        training,
        target,
        task=task,
        classes=classes,
        seed=(seed, "train", chosen["trial"]),
        point=point_for(selected["metric"]),
        epochs=chosen["epochs"],
        checkpoint=checkpoint,
        checkpoint_key=checkpoint_key,
        user_code=user_code,
        threads=threads,
    )
