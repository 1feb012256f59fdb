"""Which features tell training and target objects apart: permuted importance, and distributions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from boxloop.fitting.reweight import Apart, one_thread
from boxloop.sampling import unit_hashes
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.shift import ComparedColumn, Driver, SampleCounts

    Floats = NDArray[np.float64]

#: Features whose rank correlation is larger than that are permuted together.
TOGETHER = 0.7
#: Groups of features that are permuted, and objects of each part they are permuted among.
GROUPS, ROWS = 30, 4_000
#: A group drives the difference where the loss of AUC is larger, and beyond two standard errors.
DRIVES = 0.01
#: Columns whose distributions are kept, and bins of the largest samples.
COMPARED, BINS = 6, 30


def driving_features(
    values: "Floats",
    names: Sequence[str],
    domain: "NDArray[np.bool_]",
    apart: Apart,
    identity: "NDArray[Any]",
    seed: int,
) -> list["Driver"]:
    """Return what the classifier loses where features are permuted, the most first.

    Each part's classifier is tried on its own part, which it has not seen. Features that are
    correlated among the training objects are permuted together: alone, each could stand for the
    other.

    Parameters
    ----------
    values : ndarray, shape (n, d)
    names : sequence of str, shape (d,)
    domain : ndarray of bool, shape (n,)
    apart : Apart
    identity : ndarray, shape (n,)
        Names of the objects: the order of rows changes nothing.
    seed : int

    Returns
    -------
    list of dict
        ``columns`` (those that differ more first), ``drop`` of AUC, its standard error ``error``
        over the parts, ``drives``, and ``distance`` (of Kolmogorov and Smirnov) of each column.
    """
    distance = np.array([distances(values[:, j], domain) for j in range(len(names))])
    groups = correlated_groups(values[~domain])
    groups = [sorted(g, key=lambda j: (-distance[j], names[j])) for g in groups]
    groups = sorted(groups, key=lambda g: (-distance[g[0]], names[g[0]]))[:GROUPS]
    with one_thread():
        drops = _drops(values, groups, domain, apart, identity, seed)
    found: list[Driver] = []
    for group, drop in zip(groups, drops, strict=True):
        mean = float(drop.mean())
        error = float(drop.std(ddof=1) / np.sqrt(len(drop))) if len(drop) > 1 else None
        found.append(
            {
                "columns": [names[j] for j in group],
                "drop": mean,
                "error": error,
                "drives": bool(mean > DRIVES and (error is None or mean > 2 * error)),
                "distance": [float(distance[j]) for j in group],
            }
        )
    return sorted(found, key=lambda f: (-f["drop"], f["columns"]))


def distances(column: "Floats", domain: "NDArray[np.bool_]") -> float:
    """Return the largest difference of two cumulative distributions; missing values lie below all.

    What is missing more often in one sample thus differs, whatever the values are.
    """
    filled = np.where(np.isnan(column), -np.inf, column)
    one, other = np.sort(filled[~domain]), np.sort(filled[domain])
    every = np.concatenate([one, other])
    below = [np.searchsorted(x, every, side="right") / len(x) for x in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def correlated_groups(values: "Floats") -> list[list[int]]:
    """Return groups of columns; in a group every pair's rank correlation exceeds `TOGETHER`.

    Complete linkage; a column that is constant or has fewer than ten values stands alone.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    d = values.shape[1]
    if d < 2:
        return [[j] for j in range(d)]
    import pandas as pd

    some = pd.DataFrame(values[:: max(1, len(values) // 5_000)])
    rho = np.nan_to_num(some.corr(method="spearman", min_periods=10).to_numpy())
    far = 1 - np.abs((rho + rho.T) / 2)
    np.fill_diagonal(far, 0.0)
    label = fcluster(linkage(squareform(far, checks=False), "complete"), 1 - TOGETHER, "distance")
    return [np.flatnonzero(label == g).tolist() for g in np.unique(label)]


def _drops(
    values: "Floats",
    groups: list[list[int]],
    domain: "NDArray[np.bool_]",
    apart: Apart,
    identity: "NDArray[Any]",
    seed: int,
) -> "Floats":
    """Return the loss of AUC (groups, parts) where the columns of a group are permuted."""
    lots = unit_hashes(identity, seed, "shift", "importance")
    order = np.lexsort((domain, lots))
    drops: list[list[float]] = [[] for _ in groups]
    for p, model in enumerate(apart.models):
        rows = order[apart.part[order] == p][:ROWS]
        if len(np.unique(domain[rows])) < 2 or not hasattr(model, "classes_"):
            continue
        usual = _auc(apart.boosted[rows], domain[rows])
        for i, group in enumerate(groups):
            shuffled = values[rows]
            drawn = generator(seed, "shift", "importance", p, i).permutation(len(rows))
            shuffled[:, group] = shuffled[drawn][:, group]
            drops[i].append(usual - _auc(model.decision_function(shuffled), domain[rows]))
    return np.array(drops) if drops and drops[0] else np.zeros((len(groups), 1))


def _auc(score: "Floats", domain: "NDArray[np.bool_]") -> float:
    ranks = stats.rankdata(score)
    n = int(domain.sum())
    return float((ranks[domain].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))


def compared_columns(
    values: "Floats",
    names: Sequence[str],
    domain: "NDArray[np.bool_]",
    drivers: Sequence["Driver"],
) -> list["ComparedColumn"]:
    """Return the distributions, in both samples, of the first column of the first groups."""
    place = {name: j for j, name in enumerate(names)}
    found: list[ComparedColumn] = []
    for driver in drivers[:COMPARED]:
        name = driver["columns"][0]
        column = values[:, place[name]]
        known = np.isfinite(column)
        if not known.any():
            continue
        low, high = np.quantile(column[known], [0.005, 0.995])
        if not high > low:
            low, high = low - 0.5, high + 0.5
        fewer = min((known & domain).sum(), (known & ~domain).sum())
        edges = np.linspace(low, high, int(np.clip(np.sqrt(2 * fewer), 8, BINS)) + 1)
        found.append(
            {
                "name": name,
                "distance": driver["distance"][0],
                "edges": edges.tolist(),
                "training": _counted(column[~domain], edges),
                "target": _counted(column[domain], edges),
            }
        )
    return found


def _counted(values: "Floats", edges: "Floats") -> "SampleCounts":
    known = values[np.isfinite(values)]
    return {
        "counts": np.histogram(known, edges)[0].tolist(),
        "rows": len(values),
        "missing": len(values) - len(known),
        "median": float(np.median(known)) if len(known) else None,
    }
