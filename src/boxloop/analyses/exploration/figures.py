"""The figures of the exploration, drawn from what it wrote down."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from boxloop import plots
from boxloop.plots import Drawing
from boxloop.plots.data import TRAINING

_NUMBERS = ("n", "measured", "not_observed", "not_detected", "masked", "n_finite", "n_unique")
_MOMENTS = ("mean", "std", "min", "q01", "q05", "q25", "median", "q75", "q95", "q99", "max")


def draw_exploration(contents: Mapping[str, Any]) -> dict[str, bytes]:
    """Draw every figure that the exploration allows.

    Parameters
    ----------
    contents : mapping of str to Any
        JSON contents: ``summary``, ``explore``, ``embedding``, and where there is a target
        ``training``.

    Returns
    -------
    dict of str to bytes
        pdf, svg, csv and json of every figure by file name; ``columns.csv`` and
        ``histograms.csv``, the numbers behind the small drawings of the columns.
    """
    provenance = contents["summary"]["provenance"]
    with plots.style():
        patterns = plots.missing_patterns(contents["explore"].get("missing_patterns"), provenance)
        drawings = [*of_data(contents, provenance), patterns]
    explore = contents["explore"]
    beyond = (explore.get("target_sample") or {}).get("columns")
    return rendered(drawings) | _numbers(explore, beyond or {})


#: Figures that the exploration and the report share.
SHARED = ("features", "missing", "target", "correlation", "sky", "embedding")


def of_data(contents: Mapping[str, Any], provenance: str) -> list[Drawing | None]:
    """Draw the shared figures, inside `plots.style`.

    Parameters
    ----------
    contents : mapping of str to Any
        JSON contents: ``explore``, ``embedding``, and where there is a target ``training``.
    provenance : str
    """
    explore, training = contents["explore"], contents.get("training")
    beyond = (explore.get("target_sample") or {}).get("columns")
    of = TRAINING if training else "objects"
    target = (training or {}).get("target") or {}
    unit = f" [{target['unit']}]" if target.get("unit") else ""
    return [
        plots.features((training or explore)["columns"], beyond, provenance, of),
        plots.missing(explore["columns"], beyond, provenance),
        plots.target(target, provenance) if training else None,
        plots.correlation((training or explore).get("correlation"), provenance, of),
        plots.sky(explore.get("sky"), provenance),
        plots.embedding(contents.get("embedding"), f"{target.get('name', '')}{unit}", provenance),
    ]


def rendered(drawings: Iterable[Drawing | None]) -> dict[str, bytes]:
    """Return the files of drawings by name."""
    files: dict[str, bytes] = {}
    for drawing in drawings:
        if drawing is not None:
            files |= plots.render(drawing)
    return files


def _numbers(explore: Mapping[str, Any], beyond: Mapping[str, Any]) -> dict[str, bytes]:
    described, histograms = [], []
    for sample, columns in (("labelled", explore["columns"]), ("target", beyond)):
        for name, about in columns.items():
            keys = ("role", "unit", *_NUMBERS, *_MOMENTS)
            described.append({"sample": sample, "column": name} | {k: about.get(k) for k in keys})
            histogram = about.get("histogram")
            if histogram:
                histograms += plots.bins(name, sample, histogram, None)
    return {
        f"{name}.csv": pd.DataFrame(rows).to_csv(index=False, float_format="%.8g").encode()
        for name, rows in (("columns", described), ("histograms", histograms))
        if rows
    }
