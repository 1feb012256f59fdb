"""Put together what was counted and predicted part by part."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed


def merged(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of ``apply/summary.json`` from those of its parts.

    Parameters
    ----------
    summaries : sequence of mapping
        As `Application.summary` returns them, of one model; at least one.
    """
    first = dict(summaries[0])
    if len(summaries) == 1 or not first["target"]:
        return first
    unlike = [s["unlike_rows"] for s in summaries]
    return {
        **first,
        "rows": sum(s["rows"] for s in summaries),
        "outside_rows": sum(s["outside_rows"] for s in summaries),
        "unlike_rows": None if None in unlike else sum(unlike),
        "provenance": next((s["provenance"] for s in summaries if s["provenance"]), None),
        "columns": {
            name: {**about, "outside": sum(s["columns"][name]["outside"] for s in summaries)}
            for name, about in first["columns"].items()
        },
        "prediction": _predicted([s["prediction"] for s in summaries]),
    }


def _predicted(shapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if "classes" in shapes[0]:
        total: Counter[str] = Counter()
        for shape in shapes:
            total.update(shape["classes"])
        return {"classes": dict(sorted(total.items()))}
    histograms = [shape["histogram"] for shape in shapes]
    counts = np.sum([h["counts"] for h in histograms], axis=0).tolist()
    ends = {end: sum(h[end] for h in histograms) for end in ("below", "above")}
    return {"histogram": {**histograms[0], "counts": counts, **ends}}


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
