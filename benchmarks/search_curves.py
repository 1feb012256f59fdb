"""What a search of networks by boxloop costs as folds, trials and rows grow.

Each point is one search in a fresh process (search_ways.py): seconds of the search without imports,
of the training in it, and peak memory. The dense network of the benchmark `search`, on rows of
`search`, five epochs unless said; rows beyond those of the survey are some of them again.
The last points are 200 fits of the convolutional and of the dense network: what is not training
there is what a search costs besides.

    make benchmark NAME=search_curves

Writes benchmarks/results/search_curves.json and the picture search_curves.svg beside it.
"""

import json
from pathlib import Path
from typing import Any

from search import machine, timed

RESULTS = Path(__file__).resolve().parent / "results/search_curves.json"
EPOCHS = 5
POINTS: dict[str, list[dict[str, int]]] = {
    "folds": [{"folds": n, "trials": 4, "rows": 10_000} for n in (2, 5, 10, 20)],
    "trials": [{"folds": 5, "trials": n, "rows": 10_000} for n in (1, 4, 16, 40, 80)],
    "rows": [{"folds": 5, "trials": 4, "rows": n} for n in (1_000, 10_000, 100_000, 1_000_000)],
}
MANY = {"cnn": {"trials": 40}, "dense": {"trials": 40, "epochs": 20}}


def main() -> None:
    """Run all points and write them."""
    found: list[dict[str, Any]] = []
    for curve, points in POINTS.items():
        for point in points:
            found.append({"curve": curve, **searched("dense", {"epochs": EPOCHS, **point})})
            save(found)
    draw(found)
    for architecture, point in MANY.items():
        found.append({"curve": "200 fits", **searched(architecture, point)})
        save(found)


def draw(rows: list[dict[str, Any]]) -> None:
    """Draw seconds and memory against folds, trials, members and rows."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    for row in rows:
        row["members"] = row["folds"] * row["trials"]
    panels = [("folds", "folds"), ("trials", "trials"), ("trials", "members"), ("rows", "rows")]
    figure, axes = plt.subplots(1, 4, figsize=(12, 3), sharey=True, layout="constrained")
    for axis, (curve, name) in zip(axes, panels, strict=True):
        some = [row for row in rows if row["curve"] == curve]
        x = [row[name] for row in some]
        axis.loglog(x, [r["seconds"] for r in some], "o-", color="#0072B2", label="search [s]")
        training = [r["training"] for r in some]
        axis.loglog(x, training, "o--", color="#0072B2", mfc="white", label="training in it [s]")
        memory = [r["peak_bytes"] / 1e9 for r in some]
        axis.loglog(x, memory, "s-", color="#D55E00", label="peak memory [GB]")
        axis.set_xticks(x, [f"$10^{len(str(n)) - 1}$" if n >= 1000 else str(n) for n in x])
        axis.minorticks_off()
        axis.set_xlabel("networks" if name == "members" else name)
    axes[0].legend(frameon=False, fontsize=8)
    figure.savefig(RESULTS.with_suffix(".svg"), metadata={"Date": None})


def searched(architecture: str, asked: dict[str, int]) -> dict[str, Any]:
    """Run one search."""
    one = timed("boxloop", architecture, "whole", [f"{k}={v}" for k, v in asked.items()])
    print(
        f"{architecture} {asked}: {one['seconds']:.1f} s, training {one['training']:.1f} s, "
        f"{one['peak_bytes'] / 1e9:.2f} GB",
        flush=True,
    )
    return one


def save(rows: list[dict[str, Any]]) -> None:
    """Write the points that there are."""
    RESULTS.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
