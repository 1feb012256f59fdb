"""Checkpoints of a network in training, so that a killed job goes on where it was."""

import hashlib
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.store import writing

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Most of its time that a training spends on its checkpoints, where it asks `Checkpoint.due`.
SHARE = 0.03


def fingerprint(description: dict[str, Any], *arrays: "NDArray[Any]") -> str:
    """Return a hash of what is fitted to what: a checkpoint of anything else is not used."""
    digest = hashlib.sha256(json.dumps(description, sort_keys=True, default=str).encode())
    for array in arrays:
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


class Checkpoint:
    """One training's state on disk: all variables of model and optimiser, and the loop's own.

    Parameters
    ----------
    path : Path or None
        An .npz file outside the rule's declared outputs; None keeps nothing.
    key : str
        From `fingerprint`.
    """

    def __init__(self, path: Path | None, key: str) -> None:
        self.path, self.key = path, key
        self._ended, self._took = time.monotonic(), 0.0

    def due(self) -> bool:
        """Whether saving now keeps the time spent on it below `SHARE` of all."""
        return time.monotonic() - self._ended >= self._took / SHARE

    def save(self, variables: list["NDArray[Any]"], state: dict[str, Any]) -> None:
        """Write beside and rename; `state` holds numbers, lists and lists of arrays (``best``)."""
        if self.path is None:
            return
        began = time.monotonic()
        best = state.pop("best", [])
        arrays = {f"v{i}": v for i, v in enumerate(variables)}
        arrays |= {f"b{i}": v for i, v in enumerate(best)}
        header = json.dumps({"key": self.key, "n": len(variables), "m": len(best), **state})
        with writing(self.path) as beside, beside.open("wb") as stream:
            np.savez(stream, header=np.array(header), **arrays)  # type: ignore[arg-type]
        self._ended = time.monotonic()
        self._took = self._ended - began

    def load(self) -> tuple[list["NDArray[Any]"], dict[str, Any]] | None:
        """Return what `save` was given, or None where there is nothing that fits."""
        if self.path is None or not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as content:
                header = json.loads(str(content["header"]))
                if header.pop("key") != self.key:
                    return None
                variables = [content[f"v{i}"] for i in range(header.pop("n"))]
                header["best"] = [content[f"b{i}"] for i in range(header.pop("m"))]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None
        return variables, header

    def remove(self) -> None:
        """Delete the checkpoint: the training it belongs to has ended."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
