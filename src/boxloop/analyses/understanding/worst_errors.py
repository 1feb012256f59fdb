"""The worst errors, each beside the training objects that are most like it: is the truth odd?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.scores.compute import Truth
from boxloop.analyses.understanding.neighbours import Neighbourhood, numbers_of
from boxloop.analyses.understanding.thumbnails import thumbnail
from boxloop.metrics import Judged
from boxloop.metrics.regression import error_towards
from boxloop.sampling import unit_hashes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting import Fitted
    from boxloop.results.understanding import (
        Beside,
        Looks,
        NamedError,
        Neighbour,
        Ranked,
        WorstError,
        WorstErrors,
    )
    from boxloop.store import Table

    Floats = NDArray[np.float64]

#: Objects shown.
SHOWN = 6
#: Quantile of the usual distances beyond which an object is far from the training objects.
_FAR = 0.99


def worst_objects(
    objects: pd.DataFrame, found: Judged, seed: int
) -> tuple["NDArray[np.intp]", "Floats | None", "Ranked"]:
    """Choose the worst errors, one of a unit.

    Parameters
    ----------
    objects : pandas.DataFrame
        ``id`` and ``unit``, in the order of `found`.
    found : Judged

    Returns
    -------
    rows : ndarray of int
        The worst first.
    size : ndarray, shape (rows,), or None
        What they were ranked by.
    by : str
        ``residual``; ``residual_in_errors`` where the truth has errors; ``confidence``, the
        probability of a wrong class; ``chance`` where a model gives none.
    """
    ids = objects["id"].astype(str).to_numpy()
    by, size = _size(found, ids, seed)
    order = np.lexsort((ids, -size))
    order = order[np.isfinite(size[order])]
    units = objects["unit"].astype(str).to_numpy()[order]
    _, first = np.unique(units, return_index=True)
    rows = order[np.sort(first)][:SHOWN]
    return rows, None if by == "chance" else size[rows], by


def _size(found: Judged, ids: "NDArray[Any]", seed: int) -> tuple["Ranked", "Floats"]:
    if found.classes:
        wrong = found.prediction != found.truth
        if found.probability is None:
            hashes = unit_hashes(ids, seed, "worst").astype(float)
            return "chance", np.where(wrong, hashes, np.nan)
        sure = found.probability[np.arange(len(wrong)), found.prediction]
        return "confidence", np.where(wrong, sure, np.nan)
    residual = np.abs(found.prediction - found.truth)
    if found.error is None or not found.with_error().any():
        return "residual", residual
    sigma, known = error_towards(found.truth, found.prediction, found.error)
    return "residual_in_errors", np.where(known, residual / np.where(known, sigma, 1), np.nan)


def worst_errors(
    model: "Fitted",
    table: "Table",
    sets: "NDArray[Any]",
    truth: Truth,
    objects: pd.DataFrame,
    found: Judged,
    *,
    split: str,
    seed: int,
) -> "WorstErrors":
    """Return the section ``worst`` of ``evaluate/understanding.json``.

    Parameters
    ----------
    model : Fitted
        What it is shown are the coordinates in which neighbours are looked for.
    table : Table
        All labelled objects.
    sets : ndarray of str, shape (rows,)
    truth : Truth
        For the targets and units of training objects.
    objects : pandas.DataFrame
        The objects judged, in the order of `found`.
    found : Judged
        The model's predictions of them.
    split : str
        Which split they are.
    """
    rows, size, by = worst_objects(objects, found, seed)
    if not len(rows):
        return {
            "model": model.name,
            "split": split,
            "ranked_by": by,
            "columns": [],
            "objects": [],
            "reason": "no object is predicted wrongly",
        }
    place = pd.Index(table.ids)
    own = place.get_indexer(objects["id"].to_numpy()[rows])
    near = _Beside(model, table, sets == "train", truth)
    shown: list[WorstError] = [
        {
            **_named(objects, found, i),
            "size": None if size is None else float(size[j]),
            **near.about(int(own[j]), str(objects["unit"].iat[i])),
            "times_usual": None,
            "looks": None,
        }
        for j, i in enumerate(rows)
    ]
    usual = near.usual(seed)
    limit = float(np.quantile(usual, _FAR)) if len(usual) else None
    middle = float(np.median(usual)) if len(usual) else None
    for one, i in zip(shown, rows, strict=True):
        if middle and one["distance"] is not None:
            one["times_usual"] = one["distance"] / middle
        one["looks"] = looks(one, limit, found.prediction[i], found.truth[i], found.classes)
    return {
        "model": model.name,
        "split": split,
        "ranked_by": by,
        "columns": list(near.names),
        "objects": shown,
        "usual_distance": middle,
        "far_distance": limit,
        "reason": near.reason,
    }


def _named(objects: pd.DataFrame, found: Judged, i: int) -> "NamedError":
    said = found.classes if found.classes else None
    return {
        "id": str(objects["id"].iat[i]),
        "truth": said[int(found.truth[i])] if said else float(found.truth[i]),
        "prediction": said[int(found.prediction[i])] if said else float(found.prediction[i]),
    }


class _Beside:
    """Puts an object beside the training objects that are most like it."""

    def __init__(
        self, model: "Fitted", table: "Table", training: "NDArray[np.bool_]", truth: Truth
    ) -> None:
        inputs = model.recipe.unfitted["inputs"]
        columns = model.recipe.unfitted.get("table", {}).get("columns", [])
        offered = set(table.of_role("feature_error"))
        wanted = [c for c in columns if c not in offered] + [i for i in inputs if i != "table"]
        self._table, self._wanted = table, wanted
        self._targets, self._classes = truth.frame.set_index("id")["target"], truth.classes
        ids = table.ids
        self._near: Neighbourhood | None = None
        if wanted and training.any():
            rows = np.flatnonzero(training)
            units = truth.frame.set_index("id")["unit"].reindex(ids[rows]).to_numpy()
            numbers = numbers_of(table, rows, wanted)
            near = Neighbourhood.of(numbers, ids[rows], units)
            self._near = near if near.names else None
            self._rows = rows[np.argsort(ids[rows].astype(str), kind="stable")]
        self.names = self._near.names if self._near else ()
        self.reason = "" if self._near else "the model is shown no numbers to compare objects by"

    def usual(self, seed: int) -> "Floats":
        """Return the usual distances of training objects."""
        return self._near.usual(seed) if self._near else np.array([])

    def about(self, row: int, unit: str) -> "Beside":
        """Describe an object and its neighbours."""
        picture = thumbnail(self._table, row)
        if self._near is None:
            return {"features": None, "thumbnail": picture, "distance": None, "neighbours": None}
        own = numbers_of(self._table, np.array([row]), self._wanted)
        rows, distances = self._near.nearest(self._near.place(own), np.array([unit]))
        mean = float(distances.mean())
        return {
            "features": _values(self.names, own.named(self.names)[0]),
            "thumbnail": picture,
            "distance": mean if np.isfinite(mean) else None,
            "neighbours": [
                self._neighbour(int(i), float(d))
                for i, d in zip(rows[0], distances[0], strict=True)
                if np.isfinite(d)
            ],
        }

    def _neighbour(self, i: int, distance: float) -> "Neighbour":
        assert self._near is not None
        target: Any = self._targets[self._near.ids[i]]
        values = self._near.points[i] * self._near.scale + self._near.centre
        return {
            "id": str(self._near.ids[i]),
            "target": str(target) if self._classes else float(target),
            "distance": distance,
            "features": _values(self.names, values),
            "thumbnail": thumbnail(self._table, int(self._rows[i])),
        }


def _values(names: Sequence[str], values: "Floats") -> dict[str, float | None]:
    return {n: float(v) if np.isfinite(v) else None for n, v in zip(names, values, strict=True)}


def looks(
    one: "Beside",
    limit: float | None,
    prediction: Any,
    truth: Any,
    classes: Sequence[str] = (),
) -> "Looks | None":
    """Say what an error looks like.

    Parameters
    ----------
    one : dict
        ``distance`` and ``neighbours`` {target}.
    limit : float or None
        Distance beyond which an object is far from the training objects.
    prediction, truth : float, or code of a class

    Returns
    -------
    str or None
        ``unlike_training``: far from all training objects; ``truth_is_odd``: all neighbours are of
        the predicted class, or nearer to the prediction than to the truth; ``model_is_odd``: all
        side with the truth; ``mixed``: neither; None without neighbours.
    """
    if not one["neighbours"]:
        return None if one["neighbours"] is None else "unlike_training"
    if limit is not None and (one["distance"] is None or one["distance"] > limit):
        return "unlike_training"
    targets = [n["target"] for n in one["neighbours"]]
    if classes:
        with_prediction = all(t == classes[int(prediction)] for t in targets)
        with_truth = all(t == classes[int(truth)] for t in targets)
    else:
        with_prediction = all(abs(t - prediction) < abs(t - truth) for t in targets)
        with_truth = all(abs(t - prediction) > abs(t - truth) for t in targets)
    return "truth_is_odd" if with_prediction else "model_is_odd" if with_truth else "mixed"
