"""Predict a catalogue of any length part by part, and keep count of what was predicted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from boxloop.apply.ranges import Range, training_range
from boxloop.apply.region import Region
from boxloop.fitting.prior_shift import Adjustment
from boxloop.store import Table

__all__ = ["Application", "Range", "apply_model", "no_predictions", "training_range"]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.apply import AppliedColumn, AppliedModel, Predicted

    Floats = NDArray[np.float64]

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


@dataclass
class Application:
    """Counts of what has been predicted so far; `apply_model` adds to them.

    Attributes
    ----------
    ranges : dict of str to Range
        Of the training objects, as `training_range` returns them.
    edges : ndarray or None
        Edges of the histogram of predictions [unit of the target]; None for a classification.
    region : Region or None
        Where training objects are; None: it is not asked.
    adjustment : Adjustment or None
        To other frequencies of the classes (`prevalence` of the study); None: there is none.
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
    region: Region | None = None
    unlike_rows: int = 0
    adjustment: Adjustment | None = None

    @classmethod
    def of(
        cls,
        model: Predictor,
        ranges: dict[str, Range],
        target: str,
        region: Region | None = None,
        adjustment: Adjustment | None = None,
    ) -> "Application":
        """Begin to count for a model that predicts the column `target`."""
        of = cls._begun(model, ranges, target)
        of.region, of.adjustment = region, adjustment
        return of

    @classmethod
    def _begun(cls, model: Predictor, ranges: dict[str, Range], target: str) -> "Application":
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

    def unlike(self, table: Table) -> "Floats":
        """Return each row's distance from the training objects, above 1 where it is unlike all."""
        if self.region is None:
            return np.full(len(table), np.nan)
        return self.region.distance(table)

    def adjusted(self, predictions: pd.DataFrame) -> "dict[str, Floats]":
        """Return the probabilities at the frequencies that the study states or has estimated."""
        if self.adjustment is None:
            return {}
        classes = self.adjustment.classes
        columns = predictions.reindex(columns=[f"p_{c}" for c in classes])
        given = columns.isna().all(axis=1).to_numpy()[:, None]
        raw = np.where(given, np.nan, columns.fillna(0.0).to_numpy(float))
        found = self.adjustment(raw)
        return {f"adjusted_{c}": found[:, j] for j, c in enumerate(classes)}

    def add(self, predictions: pd.DataFrame, provenance: str) -> None:
        """Count a batch of predictions."""
        self.rows += len(predictions)
        self.outside_rows += int((predictions["outside"] > 0).sum())
        self.unlike_rows += int((predictions["unlike"] > 1).sum())
        self.provenance = provenance
        if self.edges is None:
            self.classes.update(predictions["prediction"].astype(str))
            return
        values = predictions["prediction"].to_numpy(float)
        self.counts = self.counts + np.histogram(values, self.edges)[0]
        self.below += int((values < self.edges[0]).sum())
        self.above += int((values > self.edges[-1]).sum())

    def summary(self, model: str) -> "AppliedModel":
        """Return the content of ``apply/summary.json`` for a study with a target sample."""
        columns: dict[str, AppliedColumn] = {
            name: {"outside": self.outside[name], "low": r.low, "high": r.high}
            for name, r in self.ranges.items()
        }
        return {
            "target": True,
            "reason": None,
            "model": model,
            "rows": self.rows,
            "outside_rows": self.outside_rows,
            "unlike_rows": self.unlike_rows if self.region and self.region.index else None,
            "region": self.region.about() if self.region else None,
            "adjusted": self.adjustment is not None,
            "provenance": self.provenance,
            "columns": columns,
            "prediction": self._predicted(),
        }

    def _predicted(self) -> "Predicted":
        if self.edges is None or self.counts is None:
            return {"classes": dict(sorted(self.classes.items()))}
        return {
            "histogram": {
                "edges": self.edges.tolist(),
                "counts": self.counts.tolist(),
                "below": self.below,
                "above": self.above,
            }
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
        ``id, prediction``, the model's further columns, ``adjusted_<class>`` where the study
        states other frequencies of the classes, ``outside``, ``unlike``, in the order of the
        objects.
    """
    yield _empty(model, application)
    for batch in batches:
        if not len(batch):
            continue
        found = model.predict(batch)
        found = found.assign(**application.adjusted(found))
        found["outside"] = application.outside_of(batch)
        found["unlike"] = application.unlike(batch)
        application.add(found, batch.provenance)
        yield found


def no_predictions(model: str) -> "AppliedModel":
    """Return the content of ``apply/summary.json`` for a study without a target sample."""
    return {
        "target": False,
        "reason": "the study file names no samples.target: it does not say which objects the "
        "model is for",
        "model": model,
        "rows": 0,
        "outside_rows": 0,
        "unlike_rows": None,
        "region": None,
        "adjusted": False,
        "provenance": None,
        "columns": {},
        "prediction": None,
    }


def _empty(model: Predictor, application: Application) -> pd.DataFrame:
    text, number = pd.Series([], dtype=object), pd.Series([], dtype=float)
    return pd.DataFrame(
        {
            "id": text,
            "prediction": text if model.classes else number,
            **{name: number for name in model.further_columns},
            **{name: number for name in application.adjusted(pd.DataFrame())},
            "outside": pd.Series([], dtype=np.int32),
            "unlike": number,
        }
    )
