"""Predict the objects of each set with every final model."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from boxloop.fitting import Fitted
from boxloop.store import Table


def predict_sets(
    models: Sequence[Fitted],
    batches: Iterable[Table],
    split: pd.DataFrame,
    *,
    final: bool,
    outer: Iterable[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Predict with every model, batch by batch.

    Parameters
    ----------
    models : sequence of Fitted
    batches : iterable of Table
        The labelled objects; their targets are not looked at.
    split : pandas.DataFrame
        ``id, set``.
    final : bool
        Predict the test objects too.
    outer : iterable of pandas.DataFrame
        Predictions of outer folds by models that never saw them: they are the test then.

    Returns
    -------
    pandas.DataFrame
        ``model, id, set, prediction``, ``p_<class>`` and the columns of mixtures.
    """
    sets = split.set_index("id")["set"]
    parts = []
    for batch in batches:
        mine = sets.reindex(batch.ids).to_numpy(object)
        wanted = np.isin(mine.astype(str), ["train", "calibration", *(["test"] if final else [])])
        if not wanted.any():
            continue
        rows = batch.take(wanted)
        for model in models:
            found = model.predict(rows)
            found.insert(0, "model", model.name)
            found.insert(2, "set", mine[wanted])
            parts.append(found)
    order = {m.name: i for i, m in enumerate(models)}
    together = pd.concat([*parts, *outer], ignore_index=True)
    return together.sort_values(
        "model", key=lambda s: s.map(order), kind="stable", ignore_index=True
    )
