"""Figures of the models: the search, their comparison, how they learnt, what they used."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    GREY,
    INK,
    PALETTE,
    SKY,
    VERMILION,
    Drawing,
    canvas,
    captioned,
)
from boxloop.plots.words import SPLIT_LABELS, metric_label, plain_label

if TYPE_CHECKING:
    from boxloop.results.search import Selected

#: Said of models that could not be selected.
_SHOWN_ONLY = " What is not a candidate is shown for comparison and could not be selected."
#: A ratio of scores beyond which their axis is logarithmic.
_WIDE = 8


def search(
    trials: pd.DataFrame, selected: "Selected", provenance: str, unit: str = ""
) -> Drawing | None:
    """Draw the score of every trial of the search, by model, with its spread over the folds.

    Parameters
    ----------
    trials : pandas.DataFrame
        search/trials.parquet.
    selected : Selected
        search/selected.json.
    provenance : str
    unit : str
        Unit of the target.
    """
    done = trials[(trials["status"] == "done") & trials["mean"].notna()]
    done = done[done["purpose"] == "search"] if (done["purpose"] == "search").any() else done
    if done.empty:
        return None
    names = [m for m in dict.fromkeys(trials["model"]) if (done["model"] == m).any()]
    names = sorted(names, key=list(selected["models"]).index) if selected.get("models") else names
    figure, axes = canvas("column", 0.7 + 0.34 * len(names), provenance)
    panel = axes[0, 0]
    for i, name in enumerate(names):
        mine = done[done["model"] == name].sort_values("mean", kind="stable")
        chosen = selected["models"].get(name)
        best = mine["id"] == (chosen["trial"] if chosen else None)
        height = i + (np.linspace(-0.3, 0.3, len(mine)) if len(mine) > 1 else np.zeros(1))
        for rows, look in (
            (~best, {"color": GREY, "mfc": "white"}),
            (best, {"color": VERMILION if name == selected.get("selected") else BLUE}),
        ):
            panel.errorbar(
                mine["mean"][rows],
                height[rows],
                xerr=mine["std"].fillna(0)[rows],
                fmt="o",
                ms=3,
                lw=0.7,
                mew=0.7,
                **look,
            )
        if i:
            panel.axhline(i - 0.5, color="#DDDDDD", lw=0.5, zorder=0)
    shown_only = [n for n, of in selected["models"].items() if not of.get("candidate", True)]
    panel.set_yticks(range(len(names)), [_marked(n, shown_only) for n in names])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(names) - 0.5, -0.5)
    _spread(panel, done["mean"].to_numpy())
    panel.set_xlabel(f"{metric_label(selected['metric'], unit)}, cross-validation")
    return Drawing(
        "search",
        "Results of the search",
        captioned(
            "Score of every trial, by model from simple to complex: mean and standard deviation "
            "over the folds. Filled: the best trial of a model; in the warmer colour, of the "
            "selected model." + (_SHOWN_ONLY if shown_only else ""),
            provenance,
        ),
        ("search/trials.parquet", "search/selected.json"),
        provenance,
        "column",
        done[["model", "id", "mean", "std", "hyperparameters"]],
        figure,
    )


def comparison(metrics: Mapping[str, Any], margin: float, unit: str = "") -> Drawing | None:
    """Draw the metric of every model with its interval, and the margin around the selected one.

    Parameters
    ----------
    metrics : mapping
        evaluate/metrics.json.
    margin : float
        Differences smaller than this do not matter.
    unit : str
        Unit of the target.
    """
    metric, provenance = metrics["metric"], metrics["provenance"]
    split = "test" if metrics["status"] == "final" else "cv"
    rows = [
        {"model": name, "split": split, **of[split][metric]}
        for name, of in metrics["models"].items()
        if of.get(split, {}).get(metric, {}).get("value") is not None
    ]
    if not rows:
        return None
    numbers = pd.DataFrame(rows)[["model", "split", "value", "low", "high", "n_units"]]
    shown_only = [m for m in metrics["models"] if m not in metrics.get("candidates", [m])]
    figure, axes = canvas("column", 0.75 + 0.24 * len(rows), provenance)
    panel = axes[0, 0]
    for i, row in enumerate(rows):
        chosen = row["model"] == metrics["selected"]
        colour = VERMILION if chosen else GREY if row["model"] in shown_only else BLUE
        if row["low"] is not None and row["high"] is not None:
            panel.plot([row["low"], row["high"]], [i, i], color=colour, lw=1.2)
        panel.plot(row["value"], i, "D" if chosen else "o", color=colour, ms=4)
        if chosen and margin > 0:
            low, high = row["value"] - margin, row["value"] + margin
            panel.axvspan(low, high, color=VERMILION, alpha=0.13, lw=0)
        if chosen:
            panel.axvline(row["value"], color=VERMILION, lw=0.5, ls=":")
    panel.set_yticks(range(len(rows)), [_marked(r["model"], shown_only) for r in rows])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(rows) - 0.5, -0.5)
    _spread(panel, numbers["value"].to_numpy())
    panel.set_xlabel(f"{metric_label(metric, unit)}, {SPLIT_LABELS[split]}")
    band = " The band is the margin within which differences do not matter." if margin > 0 else ""
    return Drawing(
        "comparison",
        "Comparison of the models",
        captioned(
            f"Score of every model on the {SPLIT_LABELS[split]} with its interval; diamond: the "
            f"selected model.{band}" + (_SHOWN_ONLY if shown_only else ""),
            provenance,
        ),
        ("evaluate/metrics.json",),
        provenance,
        "column",
        numbers,
        figure,
    )


def history(histories: Mapping[str, pd.DataFrame], provenance: str) -> Drawing | None:
    """Draw the loss of every network, epoch by epoch; None where there is no network."""
    shown = {n: h for n, h in histories.items() if len(h) and "loss" in h}
    if not shown:
        return None
    figure, axes = canvas("column", 2.2, provenance)
    panel = axes[0, 0]
    for i, (name, table) in enumerate(shown.items()):
        look = {"color": PALETTE[i % len(PALETTE)], "ls": ("-", "--", "-.", ":")[i % 4]}
        marker = "o" if len(table) < 40 else ""
        panel.plot(
            table["epoch"], table["loss"], label=plain_label(name), marker=marker, ms=2.5, **look
        )
    panel.set_xlabel("epoch")
    panel.set_ylabel("training loss")
    losses = np.concatenate([t["loss"].to_numpy(dtype=float) for t in shown.values()])
    if (losses > 0).all() and losses.max() > _WIDE * losses.min():
        panel.set_yscale("log")
    panel.xaxis.get_major_locator().set_params(integer=True)
    panel.legend()
    numbers = pd.concat([t.assign(model=n) for n, t in shown.items()], ignore_index=True)
    return Drawing(
        "history",
        "Learning history",
        captioned("Training loss of the final networks, epoch by epoch.", provenance),
        tuple(f"train/{n}/history.csv" for n in shown),
        provenance,
        "column",
        numbers[["model", "epoch", "loss"]],
        figure,
    )


def importances(fits: Mapping[str, Mapping[str, Any]], provenance: str) -> Drawing | None:
    """Draw what the models used, for those that say so; None where none does."""
    shown = {n: f["importances"] for n, f in fits.items() if f.get("importances")}
    if not shown:
        return None
    across = min(3, len(shown))
    kept = {n: sorted(v.items(), key=lambda p: -p[1])[:12] for n, v in shown.items()}
    kept = dict(list(kept.items())[:across])
    height = 0.65 + 0.155 * max(len(v) for v in kept.values())
    width: Any = "column" if across == 1 else "page"
    figure, axes = canvas(width, height, provenance, 1, across)
    for panel, (name, pairs) in zip(axes.flat, kept.items(), strict=True):
        panel.barh(range(len(pairs)), [v for _, v in pairs], color=SKY, ec=BLUE, height=0.7)
        panel.set_yticks(range(len(pairs)), [_said(c) for c, _ in pairs])
        panel.tick_params(axis="y", length=0)
        panel.invert_yaxis()
        panel.set_title(plain_label(name), color=INK)
        panel.locator_params(axis="x", nbins=4)
    figure.supxlabel("importance (decrease of impurity)", size=8)
    rows = [
        {"model": n, "column": c, "importance": v} for n, of in shown.items() for c, v in of.items()
    ]
    return Drawing(
        "importances",
        "What the trees split on",
        captioned(
            "Columns by how much they decreased the impurity of the trees, on training objects. "
            "Correlated columns share their importance, and columns of many values gain some: what "
            "the score rests on, permutation on other objects says.",
            provenance,
        ),
        tuple(f"train/{n}/fit.json" for n in shown),
        provenance,
        width,
        pd.DataFrame(rows),
        figure,
    )


def _marked(name: str, shown_only: Collection[str]) -> str:
    return plain_label(name) + ("\n(not a candidate)" if name in shown_only else "")


def _spread(panel: Any, values: Any) -> None:
    """Make the axis of scores logarithmic where they span much."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if (values > 0).all() and values.max() > _WIDE * values.min():
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        panel.xaxis.set_minor_formatter(NullFormatter())
    else:
        panel.locator_params(axis="x", nbins=6)


def _said(column: str) -> str:
    """Name a column of a model's input; an indicator of missing values by what it tells."""
    name, state, _ = column.partition("__state")
    return plain_label(f"{name} missing" if state else column)
