"""What models may use of a table, as plain numbers: columns; a few of light curves and images.

For questions about whole samples (are they alike? is this object like those?), not for models.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.modalities.registry import modality, names_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.store import Table

    Floats = NDArray[np.float64]

#: Roles of the columns that models may use.
ROLES = ("feature", "derived", "feature_error")
#: What is taken of a light curve and of an image.
_LIGHT_CURVE = ("epochs", "span", "step", "middle", "scatter", "error")
_IMAGE = ("mean", "scatter", "brightest", "sharpness")


@dataclass(frozen=True)
class Usable:
    """Numbers of objects.

    Attributes
    ----------
    names : tuple of str
        Of the columns; ``light_curve.<summary>`` and ``image.<summary>`` where there are any.
    values : ndarray, shape (rows, columns)
        NaN where a value is missing, whatever the reason.
    """

    names: tuple[str, ...]
    values: "Floats"

    def named(self, names: Collection[str]) -> "Floats":
        """Return the columns of some names, NaN where there is no such column."""
        place = {name: i for i, name in enumerate(self.names)}
        out = np.full((len(self.values), len(names)), np.nan)
        for j, name in enumerate(names):
            if name in place:
                out[:, j] = self.values[:, place[name]]
        return out


def usable_numbers(table: "Table", columns: Collection[str] | None = None) -> Usable:
    """Return what models may use of every object as numbers.

    Parameters
    ----------
    table : Table
    columns : collection of str, optional
        Names of the columns wanted, ``light_curve`` and ``image`` among them; all by default.

    Returns
    -------
    Usable
        Numeric columns of the roles `ROLES`; of a light curve the number of epochs, time span,
        median step, median, scatter and median error; of an image mean, scatter and maximum of the
        pixels, and how much neighbours differ in units of the scatter; of a modality of the
        study's own its summaries.
    """
    found: dict[str, Floats] = {}
    for name in table.of_role(*ROLES):
        column = table.frame[name]
        if (columns is None or name in columns) and pd.api.types.is_numeric_dtype(column):
            found[name] = column.to_numpy(dtype=float, na_value=np.nan)
    if "light_curve.value" in table.frame and (columns is None or "light_curve" in columns):
        found |= _summaries("light_curve", _LIGHT_CURVE, _light_curves(table))
    if "image" in table.arrays and (columns is None or "image" in columns):
        rows = [_of_image(np.asarray(image, float)) for image in table.arrays["image"]]
        found |= _summaries("image", _IMAGE, rows)
    for name in names_of(table):
        if name in table.own and (columns is None or name in columns):
            of = modality(name, table.own).summaries(table, seed=0)
            found |= {key: summary.values for key, summary in of.items()}
    values = np.column_stack(list(found.values())) if found else np.empty((len(table), 0))
    return Usable(tuple(found), np.where(np.isfinite(values), values, np.nan))


def _summaries(kind: str, names: tuple[str, ...], rows: list[Any]) -> "dict[str, Floats]":
    values = np.array(rows, float).reshape(len(rows), len(names))
    return {f"{kind}.{name}": values[:, i] for i, name in enumerate(names)}


def _light_curves(table: "Table") -> list[tuple[float, ...]]:
    times, values = table.frame["light_curve.time"], table.frame["light_curve.value"]
    has_errors = "light_curve.error" in table.frame
    errors = table.frame["light_curve.error"] if has_errors else values
    return [
        _of_light_curve(
            *(np.asarray(x, float) for x in (time, value, error)), has_errors=has_errors
        )
        for time, value, error in zip(times, values, errors, strict=True)
    ]


def _of_light_curve(
    time: "Floats", value: "Floats", error: "Floats", *, has_errors: bool
) -> tuple[float, ...]:
    seen = np.isfinite(value)
    if not seen.any():
        return (0.0, *[np.nan] * 5)
    time, value, error = np.sort(time[seen]), value[seen], error[seen]
    step = float(np.median(np.diff(time))) if len(time) > 1 else np.nan
    known = error[np.isfinite(error)]
    typical = float(np.median(known)) if has_errors and len(known) else np.nan
    return (
        *(float(len(time)), float(np.ptp(time)), step),
        *(float(np.median(value)), float(value.std()), typical),
    )


def _of_image(pixels: "Floats") -> tuple[float, float, float, float]:
    seen = pixels[np.isfinite(pixels)]
    if not len(seen):
        return (np.nan, np.nan, np.nan, np.nan)
    filled = np.where(np.isfinite(pixels), pixels, seen.mean())
    steps = [np.diff(filled, axis=axis) for axis in (0, 1)]
    rough = np.sqrt(sum(float((s**2).sum()) for s in steps) / max(sum(s.size for s in steps), 1))
    scatter = float(seen.std())
    return float(seen.mean()), scatter, float(seen.max()), rough / scatter if scatter else np.nan
