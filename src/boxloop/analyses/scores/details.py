"""What the figures of the evaluation show: confusion or scatter, residuals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.scores.compute import Evaluation, gap
from boxloop.analyses.scores.per_class import per_class
from boxloop.analyses.scores.predicted_distributions import predicted_distributions
from boxloop.metrics import Judged, Resamples
from boxloop.metrics.classification import confusion
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.details import Details, Opening, PerClass, Shape


def make_details(found: Evaluation, openings: Sequence["Opening"], *, seed: int) -> "Details":
    """Return the content of ``evaluate/details.json``.

    Parameters
    ----------
    found : Evaluation
    openings : list of dict
        Entries of the ledger; empty for a draft.
    """
    task = found.metrics["task"]
    selected = found.judged[found.metrics["selected"]]
    shape = _SHAPES[task_of(task).kind_of_target](selected)
    details: Details = {
        "split": found.shown,
        "model": found.metrics["selected"],
        **shape,
        "per_class": _classes(found, selected, seed),
        **predicted_distributions(found, seed=seed),
        "openings": list(openings),
        "generalisation_gap": gap(found.metrics),
    }
    if not selected.classes:
        del details["per_class"]
    return details


def _confusion(judged: Judged) -> "Shape":
    k = len(judged.classes)
    matrix = confusion(judged.truth, judged.prediction, np.ones(len(judged.truth)), k)
    return {"confusion": {"classes": list(judged.classes), "matrix": matrix.astype(int).tolist()}}


def _classes(found: Evaluation, judged: Judged, seed: int) -> dict[str, "PerClass"]:
    if not judged.classes:
        return {}
    resamples = Resamples(found.objects["unit"].to_numpy(), seed, "classes")
    return per_class(judged, resamples)


def _scatter(judged: Judged) -> "Shape":
    truth, prediction = judged.truth, judged.prediction
    low, high = np.quantile(np.concatenate([truth, prediction]), [0.001, 0.999])
    edges = np.linspace(low, high, 61) if high > low else np.linspace(low - 1, low + 1, 61)
    counts, _, _ = np.histogram2d(truth, prediction, bins=[edges, edges])
    residuals = prediction - truth
    limit = float(np.quantile(np.abs(residuals), 0.99)) or 1.0
    bins = np.linspace(-limit, limit, 61)
    return {
        "scatter": {
            "edges_x": edges.tolist(),
            "edges_y": edges.tolist(),
            "counts": counts.astype(int).tolist(),
        },
        "residuals": {
            "edges": bins.tolist(),
            "counts": np.histogram(residuals, bins)[0].tolist(),
        },
    }


_SHAPES = {"classes": _confusion, "number": _scatter}
