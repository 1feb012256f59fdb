"""What recompute.py reads of a folder of results, and what it has compared of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import recompute_statistics as own
from recompute_statistics import Mixture

#: A value may differ by so much of itself; own draws of halves or parts.
RELATIVE, DRAWS = 1e-6, 40
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6827, 0.8, 0.9, 0.95, 0.99)
#: Metrics of which less is better; those that are sizes of errors, those that are fractions.
SIZES = ["mse", "rmse", "mae", "median_squared_error", "mad", "nmad"]
SIZES += ["crps", "chi2", "log_loss", "brier"]
SMALLER = [*SIZES, "ece", "bias", "outlier_fraction", "nll", "pit"]
FRACTIONS = ["accuracy", "balanced_accuracy", "f1_macro", "precision", "recall", "specificity"]
FRACTIONS += ["roc_auc", "average_precision", "outlier_fraction"]


@dataclass
class Compared:
    """One number: theirs, ours, and the range in which theirs may lie."""

    family: str
    key: tuple[Any, ...]
    theirs: Any
    mine: Any
    band: Any = None

    @property
    def apart(self) -> float:
        """How far the two are apart; what is no number, or missing, is equal or infinitely far."""
        both = self.theirs, self.mine
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in both):
            return 0.0 if self.theirs == self.mine else float("inf")
        return abs(float(self.theirs) - float(self.mine))

    @property
    def place(self) -> tuple[str, str]:
        """File and dotted key, as macros.json has them."""
        return self.key[0], ".".join(map(str, self.key[1:]))

    @property
    def pull(self) -> float | None:
        """The difference in widths of the range; None without one."""
        if self.band is None or not self.band[1] > self.band[0]:
            return None
        return float((self.theirs - self.mine) / (self.band[1] - self.band[0]))

    @property
    def agrees(self) -> bool:
        """Whether theirs is ours, or lies within the range."""
        if not self.apart or not np.isfinite(self.apart):
            return not self.apart
        if self.band is None:
            return self.apart <= max(RELATIVE * abs(self.mine), 1e-12)
        little = 1e-9 * max(map(abs, self.band))
        return bool(self.band[0] - little <= self.theirs <= self.band[1] + little)


@dataclass
class Objects:
    """Objects of a split: their truth, and what every model says of them."""

    frame: pd.DataFrame
    truth: Any
    errors: Any
    said: dict[str, Any]
    probability: dict[str, Any]
    mixture: dict[str, Mixture | None]

    @property
    def unit(self) -> Any:
        return self.frame["unit"].astype(str).to_numpy()

    @property
    def single(self) -> bool:
        return len(np.unique(self.unit)) == len(self.unit)


@dataclass
class Results:
    """A folder of results, and what was compared of it."""

    folder: Path
    files: dict[str, Any] = field(default_factory=dict)
    compared: list[Compared] = field(default_factory=list)
    splits: dict[str, Objects] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)
    #: What a unit of the last digit of a number is, by file and key.
    digits: dict[tuple[str, str], float] = field(default_factory=dict)

    def read(self) -> "Results":
        """Read the JSON files, and the predictions of each split beside the truth."""
        for path in [*self.folder.glob("evaluate/*.json"), *self.folder.glob("search/sel*.json")]:
            self.files[path.stem] = json.loads(path.read_text())
        metrics = self.files["metrics"]
        self.classes, self.task = metrics["classes"], metrics["task"]
        self.models = [m for m in metrics["models"] if m not in metrics.get("given", {})]
        self.selected, self.metric, self.shown = (
            metrics[k] for k in ("selected", "metric", "shown")
        )
        truth = pd.read_parquet(self.folder / "evaluate/truth.parquet").set_index("id")
        known = pd.read_parquet(self.folder / "evaluate/predictions.parquet")
        folds = pd.read_parquet(self.folder / "search/predictions.parquet").assign(set="cv")
        for split, rows in pd.concat([known, folds]).groupby("set"):
            self.splits[str(split)] = self.objects(truth, rows)
        return self

    def objects(self, truth: pd.DataFrame, rows: pd.DataFrame) -> Objects:
        by = {m: rows[rows["model"] == m].set_index("id").sort_index() for m in self.models}
        frame = truth.loc[by[self.models[0]].index]
        codes = pd.Index(self.classes)
        names = ["error_low", "error_high"]
        found = Objects(
            frame,
            codes.get_indexer(frame["target"]) if self.classes else frame["target"].to_numpy(float),
            frame[names].to_numpy(float) if names[0] in frame else None,
            *({}, {}, {}),
        )
        pdf = [[c for c in rows if c.startswith(f"pdf_{p}_")] for p in ("weight", "mean", "sigma")]
        for model, of in by.items():
            said = of["prediction"]
            found.said[model] = codes.get_indexer(said) if self.classes else said.to_numpy(float)
            p = of[[f"p_{c}" for c in self.classes]].to_numpy(float)
            found.probability[model] = p if p.size and np.isfinite(p).all() else None
            parts = [of[columns].to_numpy(float) for columns in pdf]
            there = parts[0].size and np.isfinite(parts[0]).any()
            found.mixture[model] = Mixture(*map(np.nan_to_num, parts)) if there else None
        return found

    def at(self, *key: Any) -> Any:
        found = self.files
        for part in key:
            found = found[part]
        return found

    def check(self, family: str, *key: Any, mine: Any, band: Any = None) -> None:
        """Compare the value at a place with ours."""
        mine = mine.tolist() if isinstance(mine, np.generic | np.ndarray) else mine
        mine = None if isinstance(mine, float) and not np.isfinite(mine) else mine
        self.compared.append(Compared(family, key, self.at(*key), mine, band))

    def limits(self, family: str, *key: Any, mine: Any) -> None:
        """Compare low and high with numbers, or with (number, range)."""
        for end, limit in zip(("low", "high"), mine or (None, None), strict=True):
            value, band = limit if isinstance(limit, tuple) else (limit, None)
            # Where nearly all resamples are equal, another bootstrap may find all of them so.
            if band is not None and band[0] == band[1] and self.at(*key, end) is None:
                value = None
            self.check(family, *key, end, mine=value, band=band)

    def share(self, family: str, *key: Any, mine: dict[str, Any]) -> None:
        """Compare a proportion with its interval by units."""
        for name, value in mine.items():
            kind = "limits in closed form" if name in ("low", "high") else family
            self.check(kind, *key, name, mine=value)

    def metrics_of(self, split: str, model: str) -> Any:
        of = self.splits[split]
        if self.classes:
            k = len(self.classes)
            return own.of_classes(of.truth, of.said[model], of.probability[model], k)
        return own.of_numbers(of.truth, of.said[model], of.errors, of.mixture[model])
