"""Samples as a reader would return them, and the short way to assemble them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boxloop.data.assemble import assemble
from boxloop.data.formats import reader_of
from boxloop.data.read import RawSample, read_files
from boxloop.study.parts import Columns
from boxloop.study.splitting import Split

SPLIT = {"test": 0.25, "folds": 2}


def raw(frame: dict[str, Any] | pd.DataFrame, name: str = "train", **changes: Any) -> RawSample:
    frame = pd.DataFrame(frame)
    defaults = {"provenance": "real", "origin": "stars", "identity": [name]}
    file = np.full(len(frame), f"{name}.csv", dtype=object)
    return RawSample(name, frame, file, np.arange(len(frame)), **{**defaults, **changes})


def columns(**content: Any) -> dict[str, Any]:
    content = {"features": {"u": {}}, "target": "z", **content}
    return Columns.model_validate(content).model_dump(mode="json", by_alias=True)


def assembled(*samples: RawSample, task: str = "regression", split: dict = SPLIT, **content: Any):
    section = Split.model_validate(split).model_dump(mode="json")
    return assemble(samples, columns=columns(**content), split=section, task=task, seed=5)


def whole(result: Any, name: str = "z") -> pd.Series:
    """The target of all objects, sealed ones included, by id."""
    table = result.table.frame.set_index("id")[name].copy()
    sealed = result.sealed.set_index("id")[name]
    table[sealed.index] = sealed
    return table


def numbers(n: int = 20) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {"u": rng.normal(20, 1, n), "z": rng.random(n)}


def read(path: Path, reader: str | None = None, text: tuple[str, ...] = (), **options: object):
    return read_files([path], reader or reader_of(path), options, text=text)[0]
