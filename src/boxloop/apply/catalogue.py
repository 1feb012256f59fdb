"""Predict a catalogue of any length part by part, and keep count of what was predicted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Roles of the columns that models may use.
USABLE = ("feature", "derived", "feature_error")
BINS = 60


class Predictor(Protocol):
    """What is needed of a fitted model (`boxloop.fitting.Fitted`)."""

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Sorted classes; empty for a regression."""

    @property
    def further_columns(self) -> list[str]:
        """Columns of predictions besides ``id`` and ``prediction``, all of them numbers."""

    def predict(self, table: Table) -> pd.DataFrame:
        """Return ``id``, ``prediction`` and the further columns for every row."""


@dataclass(frozen=True)
class Range:
    """What the training objects have of a column.

    Attributes
    ----------
    low, high : float
        Smallest and largest finite value; NaN where there is none.
    missing : bool
        Whether it is missing for any of them.
    """

    low: float = np.nan
    high: float = np.nan
    missing: bool = False

    def with_values(self, values: "Floats") -> "Range":
        """Return the range widened to some more values."""
        finite = np.isfinite(values)
        return Range(
            float(np.fmin(self.low, values[finite].min())) if finite.any() else self.low,
            float(np.fmax(self.high, values[finite].max())) if finite.any() else self.high,
            self.missing or not finite.all(),
        )

    def outside(self, values: "Floats") -> "NDArray[np.bool_]":
        """Return where values are out of the range; missing ones are if none was missing here."""
        finite = np.isfinite(values)
        known = (values >= self.low) & (values <= self.high)
        return np.where(finite, ~known, not self.missing)


def training_range(batches: Iterable[Table], split: pd.DataFrame) -> dict[str, Range]:
    """Return the range of every usable column, and of a numeric target, over training objects.

    Parameters
    ----------
    batches : iterable of Table
        The labelled objects.
    split : pandas.DataFrame
        ``id, set``.
    """
    training = set(split.loc[split["set"] == "train", "id"])
    found: dict[str, Range] = {}
    for batch in batches:
        ids = batch.column(batch.named("id") or "id")
        rows = np.fromiter((i in training for i in ids), bool, len(ids))
        for name in batch.of_role(*USABLE, "target"):
            column = batch.frame[name]
            if pd.api.types.is_numeric_dtype(column):
                values = column.to_numpy(dtype=float, na_value=np.nan)[rows]
                found[name] = found.get(name, Range()).with_values(values)
    return found


@dataclass
class Application:
    """Counts of what has been predicted so far; `apply_model` adds to them.

    Attributes
    ----------
    ranges : dict of str to Range
        Of the training objects, as `training_range` returns them.
    edges : ndarray or None
        Edges of the histogram of predictions [unit of the target]; None for a classification.
    """

    ranges: dict[str, Range]
    edges: "Floats | None" = None
    rows: int = 0
    outside_rows: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    counts: "NDArray[np.int64] | None" = None
    below: int = 0
    above: int = 0
    provenance: str | None = None

    @classmethod
    def of(cls, model: Predictor, ranges: dict[str, Range], target: str) -> "Application":
        """Begin to count for a model that predicts the column `target`."""
        features = {k: v for k, v in ranges.items() if k != target}
        if model.classes:
            return cls(features, classes=Counter(dict.fromkeys(model.classes, 0)))
        low, high = ranges[target].low, ranges[target].high
        margin = 0.1 * (high - low) or 0.5
        edges = np.linspace(low - margin, high + margin, BINS + 1)
        return cls(features, edges, counts=np.zeros(BINS, np.int64))

    def outside_of(self, table: Table) -> "NDArray[np.int32]":
        """Return for each row the number of features outside the training objects' range."""
        total = np.zeros(len(table), np.int32)
        for name, training in self.ranges.items():
            if name not in table.frame:
                continue
            values = table.frame[name].to_numpy(dtype=float, na_value=np.nan)
            out = training.outside(values)
            self.outside[name] += int(out.sum())
            total += out
        return total

    def add(self, predictions: pd.DataFrame, provenance: str) -> None:
        """Count a batch of predictions."""
        self.rows += len(predictions)
        self.outside_rows += int((predictions["outside"] > 0).sum())
        self.provenance = provenance
        if self.edges is None:
            self.classes.update(predictions["prediction"].astype(str))
            return
        values = predictions["prediction"].to_numpy(float)
        self.counts = self.counts + np.histogram(values, self.edges)[0]
        self.below += int((values < self.edges[0]).sum())
        self.above += int((values > self.edges[-1]).sum())

    def summary(self, model: str) -> dict[str, Any]:
        """Return the content of ``apply/summary.json`` for a study with a target sample."""
        if self.edges is None:
            shape: dict[str, Any] = {"classes": dict(sorted(self.classes.items()))}
        else:
            shape = {
                "histogram": {
                    "edges": self.edges,
                    "counts": self.counts,
                    "below": self.below,
                    "above": self.above,
                }
            }
        columns = {
            name: {"outside": self.outside[name], "low": r.low, "high": r.high}
            for name, r in self.ranges.items()
        }
        return {
            "target": True,
            "reason": None,
            "model": model,
            "rows": self.rows,
            "outside_rows": self.outside_rows,
            "provenance": self.provenance,
            "columns": columns,
            "prediction": shape,
        }


def apply_model(
    model: Predictor, batches: Iterable[Table], application: Application
) -> Iterator[pd.DataFrame]:
    """Predict batch by batch; yields an empty table first, which knows the columns.

    Parameters
    ----------
    model : Predictor
    batches : iterable of Table
        The objects the study is for.
    application : Application
        What is predicted is counted here.

    Yields
    ------
    pandas.DataFrame
        ``id, prediction``, the model's further columns, ``outside``, in the order of the objects.
    """
    yield _empty(model)
    for batch in batches:
        if not len(batch):
            continue
        found = model.predict(batch)
        found["outside"] = application.outside_of(batch)
        application.add(found, batch.provenance)
        yield found


def no_predictions(model: str) -> dict[str, Any]:
    """Return the content of ``apply/summary.json`` for a study without a target sample."""
    return {
        "target": False,
        "reason": "the study file names no samples.target: it does not say which objects the "
        "model is for",
        "model": model,
        "rows": 0,
        "outside_rows": 0,
        "provenance": None,
        "columns": {},
        "prediction": None,
    }


def _empty(model: Predictor) -> pd.DataFrame:
    text, number = pd.Series([], dtype=object), pd.Series([], dtype=float)
    return pd.DataFrame(
        {
            "id": text,
            "prediction": text if model.classes else number,
            **{name: number for name in model.further_columns},
            "outside": pd.Series([], dtype=np.int32),
        }
    )
