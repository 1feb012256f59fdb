"""Light curves: lists of epochs, padded to one length for networks."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.modalities.light_curve.degraders import dropped_epochs, noisier_light_curves
from boxloop.modalities.light_curve.files import (
    LIGHT_CURVE,
    light_curve_columns,
    light_curves_of,
    read_light_curves,
)
from boxloop.modalities.modality import Degrade, Modality, Part, Summary, TableReader
from boxloop.store import Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.modalities.object_files import ObjectFiles

    Floats = NDArray[np.float64]

#: What is said of a light curve as a whole: description, and the column whose unit it has.
_SUMMARIES = {
    "light_curve.epochs": ("number of epochs", ""),
    "light_curve.span": ("time from first to last epoch", "light_curve.time"),
    "light_curve.middle": ("median of the values", "light_curve.value"),
    "light_curve.scatter": ("standard deviation of the values", "light_curve.value"),
}


class LightCurve(Modality):
    """A light curve of every object: list columns ``light_curve.time`` and so on."""

    key = "columns.light_curve"
    plural = "light curves"

    def in_files(self, section: Mapping[str, Any], reader: str) -> Mapping[str, Any] | None:
        """Return the section, unless the reader of the sample has read them."""
        return section if section["path"] and reader != "light_curves" else None

    def read(self, files: "ObjectFiles", section: Mapping[str, Any], table_of: TableReader) -> Part:
        """Read the epochs of every object."""
        return light_curves_of(files, section, table_of)

    def listed(
        self,
        paths: Sequence[Path],
        names: Sequence[str],
        options: Mapping[str, Any],
        section: Mapping[str, Any] | None,
        table_of: TableReader,
    ) -> pd.DataFrame:
        """Return name, path and epochs of each file."""
        return read_light_curves(paths, names, options, section, table_of)

    def given(self, value: Any, rows: int, who: str) -> "pd.DataFrame | NDArray[Any]":
        """Turn one row an epoch into one row an object."""
        return light_curve_columns(value, rows, who)

    def carried(
        self, section: Mapping[str, Any], frames: Sequence[pd.DataFrame]
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield the columns of epochs; those in a list of their own are none of the table."""
        for part in LIGHT_CURVE:
            apart = frames and all(f"light_curve.{part}" in frame for frame in frames)
            named = section[part] and not apart
            yield f"columns.light_curve.{part}", [section[part]] if named else []

    def add(self, build: Any, section: Mapping[str, Any]) -> "dict[str, NDArray[Any]]":
        """Add the list columns to the table that is built."""
        for part in LIGHT_CURVE:
            if not section[part]:
                continue
            name = f"light_curve.{part}"
            file_name = name if name in build.raw.frame else section[part]
            values = build.find(file_name, f"columns.light_curve.{part}")
            if len(values) and not isinstance(values[0], np.ndarray | list):
                raise BoxloopError(
                    f"columns.light_curve.{part}: expected a list in each row of {file_name!r}; "
                    f"found {values[0]!r}; a reader of your own can return (table, "
                    "{'light_curve': epochs})"
                )
            build.add(name, values, Column("light_curve"))
        return {}

    def columns(self, table: Table) -> list[str]:
        """Return its list columns."""
        return table.of_role("light_curve")

    def summaries(self, table: Table, *, seed: int) -> dict[str, Summary]:
        """Return number of epochs, span, median and scatter."""
        lists = zip(table.frame["light_curve.time"], table.frame["light_curve.value"], strict=True)
        rows = [_of_light_curve(np.asarray(t, float), np.asarray(v, float)) for t, v in lists]
        found = {}
        for (name, (text, of)), values in zip(_SUMMARIES.items(), np.array(rows).T, strict=True):
            source = table.columns.get(of)
            found[name] = Summary(values, text, source.unit if source else "")
        return found

    @property
    def degraders(self) -> Mapping[str, Degrade]:
        """More noise, fewer epochs."""
        return {"noise": noisier_light_curves, "dropped_epochs": dropped_epochs}

    def recipe(self, table: Table) -> dict[str, Any]:
        """Say whether there are errors and bands."""
        has = table.frame.columns
        return {"errors": "light_curve.error" in has, "bands": "light_curve.band" in has}

    def learn(self, recipe: Mapping[str, Any], table: Table) -> dict[str, Any]:
        """Learn length, bands, centre and scale of the values, and the usual step in time."""
        values = np.concatenate([np.asarray(v, float) for v in table.column("light_curve.value")])
        steps = [np.diff(np.asarray(t, float)) for t in table.column("light_curve.time")]
        step = np.concatenate(steps) if steps else np.array([])
        spread = float(np.nanstd(values)) if len(values) else 0.0
        bands: list[str] = []
        if recipe["bands"]:
            bands = sorted({str(b) for row in table.column("light_curve.band") for b in row})
        return {
            "length": max((len(v) for v in table.column("light_curve.value")), default=1),
            "bands": bands,
            "errors": recipe["errors"],
            "centre": float(np.nanmean(values)) if len(values) else 0.0,
            "scale": spread or 1.0,
            "step": (float(np.median(step)) if len(step) else 0.0) or 1.0,
        }

    def transform(
        self, recipe: Mapping[str, Any], learnt: Mapping[str, Any], table: Table
    ) -> "NDArray[np.float32]":
        """Pad light curves to one length: step, value, error, bands, mask; zeros after the end.

        A curve longer than any of the fitting rows keeps its first epochs.
        """
        bands, errors = learnt["bands"], learnt["errors"]
        width = 2 + errors + len(bands) + 1
        out = np.zeros((len(table), learnt["length"], width), np.float32)
        for i in range(len(table)):
            time = np.asarray(table.frame["light_curve.time"].iat[i], float)[: learnt["length"]]
            n = len(time)
            value = np.asarray(table.frame["light_curve.value"].iat[i], float)[:n]
            seen = np.isfinite(value)
            out[i, :n, 0] = np.diff(time, prepend=time[:1]) / learnt["step"]
            out[i, :n, 1] = np.where(seen, (value - learnt["centre"]) / learnt["scale"], 0)
            if errors:
                error = np.asarray(table.frame["light_curve.error"].iat[i], float)[:n]
                out[i, :n, 2] = np.where(np.isfinite(error), error / learnt["scale"], 0)
            if bands:
                band = np.asarray(table.frame["light_curve.band"].iat[i])[:n].astype(str)
                for j, name in enumerate(bands):
                    out[i, :n, 2 + errors + j] = band == name
            out[i, :n, -1] = seen
        return out


def _of_light_curve(time: "Floats", value: "Floats") -> tuple[float, float, float, float]:
    value = value[np.isfinite(value)]
    if not len(value) or not len(time):
        return float(len(time)), np.nan, np.nan, np.nan
    return float(len(time)), float(np.ptp(time)), float(np.median(value)), float(value.std())
