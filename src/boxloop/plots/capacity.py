"""Training against validation: what a hyperparameter does to what is learnt and what holds."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, VERMILION, Drawing, canvas, captioned
from boxloop.plots.words import larger_is_better, metric_label, plain_label

if TYPE_CHECKING:
    from boxloop.results.search import Selected

#: Fewest values of a hyperparameter for a curve, and most points of one; more are gathered.
FEWEST, MOST = 4, 12
#: Most panels.
_PANELS = 3


@dataclass(frozen=True)
class Curve:
    """The best trial at each value of one hyperparameter of one model.

    Attributes
    ----------
    model, hyperparameter : str
    points : pandas.DataFrame
        ``value`` (NaN: no limit), ``label``, ``train``, ``held``, ``spread`` (standard error of the
        mean over the folds); from the smallest value to the largest, then no limit.
    """

    model: str
    hyperparameter: str
    points: pd.DataFrame

    def best(self, sign: float) -> int:
        """Return the place of the best held-out score."""
        return int(np.argmax(sign * self.points["held"].to_numpy()))

    def overfits(self, sign: float) -> bool:
        """Return whether beyond the best value more is learnt and less of it holds.

        Beyond is the side on which the training score is better. The loss has to exceed the
        standard error of the best score.
        """
        train, held = (sign * self.points[c].to_numpy() for c in ("train", "held"))
        best, end = self.best(sign), -1 if train[-1] >= train[0] else 0
        if best == (len(held) - 1 if end else 0):
            return False
        worse = held[best] - held[end] > self.points["spread"].iloc[best]
        return bool(worse and train[end] > train[best])


def capacity(
    trials: pd.DataFrame, selected: "Selected", provenance: str, unit: str = ""
) -> Drawing | None:
    """Draw training and held-out score against the hyperparameter that matters most of a model.

    Parameters
    ----------
    trials : pandas.DataFrame
        search/trials.parquet.
    selected : Selected
        search/selected.json.
    provenance : str
    unit : str
        Unit of the target.

    Returns
    -------
    Drawing or None
        None where no model was tried with four values of a numeric hyperparameter.
    """
    sign = 1.0 if larger_is_better(selected["metric"]) else -1.0
    found = [curve_of(trials, name, sign) for name in selected["models"]]
    curves = [c for c in found if c is not None][:_PANELS]
    if not curves:
        return None
    width: Any = "column" if len(curves) == 1 else "page"
    figure, axes = canvas(width, 2.4, provenance, 1, len(curves))
    for letter, panel, curve in zip("abc", axes[0], curves, strict=False):
        _draw(panel, curve, sign)
        panel.set_title(plain_label(f"({letter}) {curve.model}"))
    axes[0, 0].set_ylabel(metric_label(selected["metric"], unit))
    axes[0, 0].legend()
    rows = [c.points.assign(model=c.model, hyperparameter=c.hyperparameter) for c in curves]
    numbers = pd.concat(rows, ignore_index=True)
    return Drawing(
        "capacity",
        "Training against validation",
        captioned(_caption(curves, sign), provenance),
        ("search/trials.parquet",),
        provenance,
        width,
        numbers[["model", "hyperparameter", "value", "train", "held", "spread"]],
        figure,
    )


def curve_of(trials: pd.DataFrame, model: str, sign: float) -> Curve | None:
    """Return the curve of the hyperparameter that moves a model's held-out score most."""
    if "train_mean" not in trials:
        return None
    mine = trials[(trials["model"] == model) & (trials["status"] == "done")]
    mine = mine[mine["train_mean"].notna() & mine["mean"].notna()]
    values = [json.loads(text) for text in mine["hyperparameters"]]
    curves = []
    for name in values[0] if values else ():
        tried = pd.Series([v.get(name) for v in values], index=mine.index, dtype=object)
        if _numeric(tried) and tried.nunique(dropna=False) >= FEWEST:
            curves.append(Curve(model, name, _points(mine, tried, sign)))
    return max(curves, key=lambda c: np.ptp(c.points["held"]), default=None)


def _numeric(tried: pd.Series) -> bool:
    known = tried.dropna()
    return len(known) > 1 and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in known
    )


def _points(trials: pd.DataFrame, tried: pd.Series, sign: float) -> pd.DataFrame:
    """Take the best trial at each value; values drawn at random are gathered in groups."""
    number = tried.astype(float)
    if number.nunique() > MOST:
        place = pd.qcut(number, MOST - 4, labels=False, duplicates="drop")
    else:
        place = number.rank(method="dense")
    place = place.fillna(np.inf)
    rows = []
    for _, group in trials.groupby(place, sort=True):
        at = int(np.argmax(sign * group["mean"].to_numpy()))
        best, value = group.iloc[at], float(number[group.index].iloc[at])
        folds = max(len(json.loads(best["scores"])), 1)
        rows.append(
            {
                "value": value,
                "label": "no limit" if np.isnan(value) else f"{value:.3g}",
                "train": best["train_mean"],
                "held": best["mean"],
                "spread": (best["std"] or 0.0) / np.sqrt(folds),
            }
        )
    return pd.DataFrame(rows)


def _draw(panel: Any, curve: Curve, sign: float) -> None:
    points, at = curve.points, np.arange(len(curve.points))
    panel.plot(at, points["train"], "o--", color=BLUE, mfc="white", ms=3, label="training")
    panel.errorbar(
        at,
        points["held"],
        yerr=points["spread"],
        fmt="o-",
        color=VERMILION,
        ms=3,
        elinewidth=0.7,
        label="held out",
    )
    best = curve.best(sign)
    panel.axvline(best, color=VERMILION, lw=0.6, ls=":")
    panel.plot(best, points["held"].iloc[best], "D", color=VERMILION, ms=5)
    crowded = sum(map(len, points["label"])) > 24
    panel.set_xticks(at, points["label"], rotation=90 if crowded else 0)
    panel.tick_params(axis="x", which="both", top=False)
    panel.set_xlabel(plain_label(curve.hyperparameter.replace("_", " ")))
    both = points[["train", "held"]].to_numpy()
    # Not where training scores are perfect but for rounding.
    if both.min() > 0 and 20 < both.max() / both.min() < 1000:
        panel.set_yscale("log")


def _caption(curves: list[Curve], sign: float) -> str:
    """Say of each panel whether what is learnt beyond the best value holds."""
    said = []
    for letter, curve in zip("abc", curves, strict=False):
        if curve.overfits(sign):
            said.append(
                f"({letter}) Beyond the marked value the held-out loss rises while the training "
                "loss goes on falling: overfitting."
            )
        else:
            said.append(
                f"({letter}) The held-out loss does not rise beyond the marked value by more than "
                "its standard error: no overfitting among the values tried."
            )
    return (
        "Score on the fitting rows and on the held-out folds against the hyperparameter that "
        "changes the latter most, at each value for the best of the trials; bars are standard "
        "errors over the folds, the diamond is the best value. " + " ".join(said)
    )
