"""Two samples of objects for tests of shift: simulated, with known densities."""

from typing import Any

import numpy as np
import pandas as pd

from boxloop.store import Column, Table


def sample_of(
    values: Any, prefix: str, group: Any = None, target: Any = None, **arrays: Any
) -> Table:
    """A table with the features f0, f1, ... and ids that begin with a prefix."""
    frame = pd.DataFrame({"id": [f"{prefix}{i:05d}" for i in range(len(values))]})
    columns = {"id": Column("id")}
    for j in range(values.shape[1]):
        frame[f"f{j}"], columns[f"f{j}"] = values[:, j], Column("feature")
    if group is not None:
        frame["field"], columns["field"] = group, Column("group")
    if target is not None:
        frame["class"], columns["class"] = target, Column("target")
    return Table(frame, columns, "simulated", arrays)


def gaussians(n: int, m: int, shift: float, seed: int, d: int = 3) -> tuple[Table, Table]:
    """Normal samples; the first feature of the second is shifted."""
    rng = np.random.default_rng(seed)
    here, there = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    there[:, 0] += shift
    return sample_of(here, "a"), sample_of(there, "b")


def shuffled(table: Table, seed: int = 0) -> Table:
    """The same rows in another order."""
    return table.take(np.random.default_rng(seed).permutation(len(table)))


def drawn(n, prior, rng, width=1.0):
    """Classes, and their true probabilities at a prior of one half, of two normal densities."""
    truth = (rng.random(n) < prior).astype(int)
    x = rng.normal(2.0 * truth - 1.0, width)
    one = 1 / (1 + np.exp(-2 * x / width**2))
    return truth, np.column_stack([1 - one, one])
