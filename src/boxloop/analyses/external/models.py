"""Somebody else's predictions among the models: which they are, and what they were trained on."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from boxloop.fitting.external import TRAINED_ON

if TYPE_CHECKING:
    from boxloop.results.metrics import Given, Scored

#: Split of metrics.json: objects that somebody else's predictions were trained on.
THEIR_TRAINING: Final = "their_training"


def own_models(metrics: "Scored") -> list[str]:
    """Return the models of metrics.json that are ours, from simple to complex."""
    given = metrics.get("given", {})
    return [name for name in metrics["models"] if name not in given]


def external_models(predicted: pd.DataFrame, shown: str) -> dict[str, "Given"]:
    """Count what somebody else's predictions are judged by.

    Parameters
    ----------
    predicted : pandas.DataFrame
        Predictions of all models and sets: ``model, id, set, prediction`` and, where a model is
        somebody else's, ``trained_on``.
    shown : str
        The split that is shown.

    Returns
    -------
    dict
        By model: ``objects`` of the split shown, of which ``missing`` have no prediction and, of
        the others, ``trained_on`` were among those it was trained on; ``judged`` is the rest.
        ``their_training`` counts the latter over all splits. Empty where all models are ours.
    """
    if TRAINED_ON not in predicted:
        return {}
    theirs = predicted[predicted[TRAINED_ON].notna()]
    found: dict[str, Given] = {}
    for name in dict.fromkeys(theirs["model"]):
        mine = theirs[(theirs["model"] == name) & (theirs["set"] == shown)]
        missing = mine["prediction"].isna()
        taught = mine[TRAINED_ON].eq(True) & ~missing
        found[name] = {
            "objects": len(mine),
            "missing": int(missing.sum()),
            "trained_on": int(taught.sum()),
            "judged": int((~missing & ~taught).sum()),
            THEIR_TRAINING: len(their_training(predicted, name)),
        }
    return found


def their_training(predicted: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the predictions for objects that a model of somebody else's was trained on, each once.

    They count as known there, for it is these that are judged.
    """
    mine = predicted[(predicted["model"] == name) & predicted[TRAINED_ON].eq(True)]
    mine = mine[mine["prediction"].notna()].drop_duplicates("id")
    return mine.assign(**{TRAINED_ON: False}).reset_index(drop=True)
