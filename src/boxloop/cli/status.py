"""``boxloop status``: how far a study is, read from its files while it runs in another shell."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxloop import cluster
from boxloop.study.delivered import MAIN_FILES
from boxloop.study.load import StudyFile, load_study, owner
from boxloop.study.rounds import jobs_of
from boxloop.study.vocabulary import METRICS

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


def status(path: Path, project: Path) -> str:
    """Say how far a study is.

    Parameters
    ----------
    path : Path
        The study file.
    project : Path
        The folder that holds results/.
    """
    file = load_study(path)
    results = project / "results"
    found: list[Searched] = []
    if file.study.task != "exploration":
        models = [m for m in file.study.models if not m.given]
        found = [_searched(file, results, m.name) for m in models]
    again = any(one.finished < one.trials for one in found)
    lines = [f"{file.name}: {_stages(file, results, again=again)}"]
    if found:
        lines += [*_table(found, file.study.metric), *_ahead(found)]
    lines += [f"runs: {holder}" for holder in cluster.holders(project)]
    lines += [f"killed: {holder}; make recover" for holder in cluster.holders(project, dead=True)]
    return "\n".join([*lines, *_queue(project)])


def _queue(project: Path) -> list[str]:
    """Say what the project's jobs do in the queue of a cluster, where there is one."""
    try:
        jobs = cluster.queued(project)
    except cluster.QueueError as error:
        return [f"queue: {error}"]
    return cluster.told(jobs) if jobs else []


def _stages(file: StudyFile, results: Path, *, again: bool) -> str:
    there = [s for s, main in MAIN_FILES.items() if (results / owner(file, s) / s / main).is_file()]
    report = results / file.name / "report/report.html"
    if report.is_file() and again:
        return f"the search is not finished; of an earlier run: {report}"
    if report.is_file():
        return f"finished; {report}"
    ahead = [s for s in MAIN_FILES if s not in there]
    return f"done: {', '.join(there) or 'nothing yet'}; ahead: {', '.join([*ahead, 'report'])}"


def _searched(file: StudyFile, results: Path, name: str) -> Searched:
    folder = results / owner(file, "search")
    model = next(m for m in file.study.models if m.name == name)
    larger_is_better = METRICS[file.study.task][str(file.study.metric)]
    found = Searched(name)
    for number, job in enumerate(jobs_of(file.study, model)):
        planned = job.part[1] - job.part[0]
        found.trials += planned
        whole = folder / f"search/chunks/{name}-{number}.json"
        part = folder / f"checkpoints/chunk-{name}-{number}"
        ended = _read(whole) if whole.is_file() else list(_finished(part))
        if not whole.is_file() and part.is_dir():
            found.chunks[number] = _doing(part, len(ended), planned)
        for result in ended:
            found.finished += 1
            found.failed += result["status"] == "failed"
            found.seconds.append(result["seconds"])
            if result["mean"] is not None:
                means = [result["mean"], *([] if found.best is None else [found.best])]
                found.best = (max if larger_is_better else min)(means)
    return found


def _finished(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the results of the trials that a chunk has finished so far."""
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
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


def _table(found: list[Searched], metric: str | None) -> list[str]:
    width = max(len(one.name) for one in found)
    lines = []
    for one in found:
        failed = f", {one.failed} failed" if one.failed else ""
        best = "" if one.best is None else f", best {metric} {one.best:.4g}"
        doing = "".join(f"; chunk {n}: {text}" for n, text in one.chunks.items())
        lines.append(
            f"  {one.name:{width}}  {one.finished} of {one.trials} trials{failed}{best}{doing}"
        )
    return lines


def _ahead(found: list[Searched]) -> list[str]:
    """Say how long the rest of the search takes, by what the finished trials took."""
    left = [(one.trials - one.finished, one) for one in found if one.trials > one.finished]
    if not left:
        return []
    unknown = [one.name for _, one in left if not one.seconds]
    known = sum(n * sum(one.seconds) / len(one.seconds) for n, one in left if one.seconds)
    jobs = max(1, sum(len(one.chunks) for one in found))
    minutes = math.ceil(known / jobs / 60)
    line = f"about {minutes} min of search left with {jobs} job{'s' * (jobs > 1)} at a time"
    return [line + (f", and that of {', '.join(unknown)}: not known yet" if unknown else "")]
