"""How far the search of a model is, and what its trials took, from the files it has written."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.study.known_metrics import METRICS
from boxloop.study.load import StudyFile, owner
from boxloop.study.rounds import jobs_of

if TYPE_CHECKING:
    from boxloop.results.search import TrialResult

#: The file of a chunk in which a stack of networks says how far it is (boxloop.search.progress).
EPOCHS = "epochs.json"
#: A stack that was not heard of for so many seconds may have been killed.
SILENT = 120.0


@dataclass
class Searched:
    """How far the search of a model is.

    Attributes
    ----------
    name : str
    trials, finished, failed : int
        Of the plan; those that have ended; of these the failed.
    chunks : dict of int to str
        What each begun and unfinished chunk is doing.
    best : float or None
        Mean score of the best trial.
    seconds : list of float
        What the finished trials took.
    """

    name: str
    trials: int = 0
    finished: int = 0
    failed: int = 0
    chunks: dict[int, str] = field(default_factory=dict)
    best: float | None = None
    seconds: list[float] = field(default_factory=list)


def searched(file: StudyFile, results: Path, name: str) -> Searched:
    """Read how far the search of a model is.

    Parameters
    ----------
    file : StudyFile
    results : Path
        The folder of that name.
    name : str
        Of the model.
    """
    folder = results / owner(file, "search")
    model = next(m for m in file.study.models if m.name == name)
    larger_is_better = METRICS[str(file.study.metric)].larger_is_better
    found = Searched(name)
    for number, job in enumerate(jobs_of(file.study, model)):
        planned = job.part[1] - job.part[0]
        found.trials += planned
        whole = folder / f"search/chunks/{name}-{number}.json"
        part = folder / f"checkpoints/chunk-{name}-{number}"
        ended: list[TrialResult] = _read(whole) if whole.is_file() else list(_finished(part))
        if not whole.is_file() and part.is_dir():
            found.chunks[number] = _doing(part, len(ended), planned)
        for result in ended:
            found.finished += 1
            found.failed += result["status"] == "failed"
            if result["status"] != "not_run":
                found.seconds.append(result["seconds"])
            if result["mean"] is not None:
                means = [result["mean"], *([] if found.best is None else [found.best])]
                found.best = (max if larger_is_better else min)(means)
    return found


def _finished(folder: Path) -> "Iterator[TrialResult]":
    """Yield the results of the trials that a chunk has finished so far."""
    for path in sorted(folder.glob("[!.]*.json")) if folder.is_dir() else []:  # a dot: in writing
        content = _read(path)
        if path.name != EPOCHS and isinstance(content, dict) and "result" in content:
            yield content["result"]


def _doing(folder: Path, ended: int, trials: int) -> str:
    said = f"{ended} of {trials} trials"
    now = _read(folder / EPOCHS)
    if not now:
        return said
    silent = time.time() - now["at"]
    heard = f", not heard of for {silent:.0f} s" if silent > SILENT else ""
    return (
        f"{said}; epoch {now['epoch']}, {now['training']} of {now['networks']} networks still "
        f"train{heard}"
    )


def _read(path: Path) -> Any:
    """Return the content of a JSON file; nothing where it was taken away or is being written."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
