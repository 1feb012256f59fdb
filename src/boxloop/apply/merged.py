"""Put together what was counted and predicted part by part."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed

if TYPE_CHECKING:
    from boxloop.results.apply import Applied, Predicted


def merged(summaries: "Sequence[Applied]") -> "Applied":
    """Return the content of ``apply/summary.json`` from those of its parts.

    Parameters
    ----------
    summaries : sequence of Applied
        Of one model; at least one.
    """
    first = summaries[0]
    if len(summaries) == 1 or not first["target"]:
        return first
    unlike = [n for s in summaries if (n := s["unlike_rows"]) is not None]
    shapes = [p for s in summaries if (p := s["prediction"]) is not None]
    return {
        **first,
        "rows": sum(s["rows"] for s in summaries),
        "outside_rows": sum(s["outside_rows"] for s in summaries),
        "unlike_rows": sum(unlike) if len(unlike) == len(summaries) else None,
        "provenance": next((s["provenance"] for s in summaries if s["provenance"]), None),
        "columns": {
            name: {**about, "outside": sum(s["columns"][name]["outside"] for s in summaries)}
            for name, about in first["columns"].items()
        },
        "prediction": _predicted(shapes),
    }


def _predicted(shapes: "Sequence[Predicted]") -> "Predicted":
    if "classes" in shapes[0]:
        total: Counter[str] = Counter()
        for shape in shapes:
            total.update(shape["classes"])
        return {"classes": dict(sorted(total.items()))}
    histograms = [shape["histogram"] for shape in shapes]
    counts = np.sum([h["counts"] for h in histograms], axis=0).tolist()
    return {
        "histogram": {
            "edges": histograms[0]["edges"],
            "counts": counts,
            "below": sum(h["below"] for h in histograms),
            "above": sum(h["above"] for h in histograms),
        }
    }


def refuse_repeated(parts: Iterable[pd.DataFrame]) -> None:
    """Refuse objects that stand in two parts, each of which knows only its own.

    Parameters
    ----------
    parts : iterable of pandas.DataFrame
        The parts' columns ``id``, one after the other, twice if need be; memory grows by eight
        bytes an object.

    Raises
    ------
    BoxloopError
        Names some of them.
    """
    hashes = [pd.util.hash_array(p["id"].to_numpy(), categorize=False) for p in parts]
    if len(hashes) < 2:
        return
    every = np.sort(np.concatenate(hashes))
    suspect = np.unique(every[1:][every[1:] == every[:-1]])
    if not len(suspect):
        return
    named: Counter[str] = Counter()
    for part, own in zip(parts, hashes, strict=True):
        named.update(part["id"][np.isin(own, suspect)].astype(str))
    twice = sorted(name for name, times in named.items() if times > 1)
    if twice:
        raise BoxloopError(
            f"samples.target: {len(twice)} objects stand in several of its parts, for example "
            f"{listed(twice, 3)}; take them out of one of the files, or set parts: 1, where rows "
            "that repeat another are dropped"
        )
