"""The score of the whole procedure: in each outer fold, of the model selected without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop.analyses.scores.compute import Truth, judged_by_model, plain_score
from boxloop.metrics import Resamples, scores

if TYPE_CHECKING:
    from boxloop.results.metrics import Nested


def procedure(
    predictions: pd.DataFrame,
    folds: Sequence[dict[str, Any]],
    truth: Truth,
    *,
    task: str,
    seed: int,
) -> "Nested | None":
    """Score what each outer fold's own choice predicts.

    Parameters
    ----------
    predictions : pandas.DataFrame
        ``evaluate/predictions.parquet``; of the set test, with ``outer``.
    folds : sequence of dict
        ``search/outer/<n>.json``; empty under another protocol.
    truth : Truth
    task : str
    seed : int

    Returns
    -------
    dict or None
        ``selected`` (model of each outer fold), ``folds``, ``scores.<metric>`` {value, low, high,
        n_units, reason}. The intervals do not contain that another draw of the folds might choose
        other models.
    """
    if not folds:
        return None
    chosen = {fold["outer"]: fold["selected"] for fold in folds}
    test = predictions[predictions["set"] == "test"]
    mine = test[test["model"] == test["outer"].map(chosen)].assign(model="procedure")
    objects, judged = judged_by_model(mine, ["procedure"], truth)
    resamples = Resamples(objects["unit"].to_numpy(), seed, "test")
    found, _ = scores(judged, resamples, task)
    return {
        "selected": [chosen[number] for number in sorted(chosen)],
        "folds": [dict(fold) for fold in folds],
        "scores": {
            name: {**plain_score(score), "left_out": score.left_out}
            for name, score in found["procedure"].items()
        },
    }
