"""What a chunk has finished, so that one that was killed goes on after its last finished trial."""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop import store
from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from boxloop.results.search import TrialResult

log = logging.getLogger("boxloop")

#: Least seconds between two lines about a stack.
EVERY = 20.0
#: The file that says how far a stack is, beside the finished trials.
EPOCHS = "epochs.json"


class Progress:
    """Finished trials of a chunk, each in two files outside the rule's declared outputs.

    Parameters
    ----------
    folder : Path
    key : str
        From `content_key`: what other code, data or folds have given is not used.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key

    def save(self, result: "TrialResult", predictions: pd.DataFrame) -> None:
        """Keep a trial; the file of its result is written last and stands for both."""
        done = result["status"] == "done"
        if done:
            store.write_frame(predictions, self._path(result["id"], "parquet"))
        store.write_json({"key": self.key, "result": result}, self._path(result["id"], "json"))

    def load(self, trial: str) -> "tuple[TrialResult, pd.DataFrame] | None":
        """Return result and out-of-fold predictions of a trial, or None."""
        path = self._path(trial, "json")
        if not path.is_file():
            return None
        try:
            content = store.read_json(path)
            if content["key"] != self.key:
                return None
            result: TrialResult = content["result"]
            done = result["status"] == "done"
            found = store.read_frame(self._path(trial, "parquet")) if done else pd.DataFrame()
        except (OSError, ValueError, KeyError, BoxloopError):
            return None
        return result, found

    def remove(self) -> None:
        """Delete it all: the chunk is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, trial: str, ending: str) -> Path:
        return self.folder / f"{trial}.{ending}"


class Epochs:
    """Says how far a stack of networks is: in the log, and in a file for other shells to read.

    Parameters
    ----------
    folder : Path or None
        Of the chunk's progress.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._said = self._written = time.monotonic()

    def __call__(self, epoch: int, training: int, networks: int) -> None:
        """Take note of an epoch that has ended."""
        now = time.monotonic()
        if now - self._said >= EVERY:
            self._said = now
            log.info("epoch %d: %d of %d networks still train", epoch, training, networks)
        if self.folder is not None and now - self._written >= EVERY / 10:
            self._written = now
            about = {"at": time.time(), "epoch": epoch, "training": training, "networks": networks}
            store.write_json(about, self.folder / EPOCHS)


def content_key(about: Any, paths: Iterable[str | Path]) -> str:
    """Return a hash of plain data and of the contents of files and folders."""
    digest = hashlib.sha256(json.dumps(store.plain(about), sort_keys=True, default=str).encode())
    for path in map(Path, paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(f"\n{file.name} {store.sha256(file)}".encode())
    return digest.hexdigest()
