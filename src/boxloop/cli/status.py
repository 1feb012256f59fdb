"""``boxloop status``: how far a study is, read from its files while it runs in another shell."""

import math
from pathlib import Path

from boxloop import slurm
from boxloop.cli.searched import Searched, searched
from boxloop.study.delivered import MAIN_FILES
from boxloop.study.load import StudyFile, load_study, owner
from boxloop.tasks import task_of


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
    if task_of(file.study.task).predicts:
        models = [m for m in file.study.models if not m.given]
        found = [searched(file, results, m.name) for m in models]
    again = any(one.finished < one.trials for one in found)
    lines = [f"{file.name}: {_stages(file, results, again=again)}"]
    if found:
        lines += [*_table(found, file.study.metric), *_ahead(found)]
    lines += [f"runs: {holder}" for holder in slurm.holders(project)]
    killed = slurm.holders(project, dead=True)
    lines += [f"killed: {holder}; {holder.recovery}" for holder in killed]
    return "\n".join([*lines, *_queue(project)])


def _queue(project: Path) -> list[str]:
    """Say what the project's jobs do in the queue of a cluster, where there is one."""
    try:
        jobs = slurm.queued(project)
    except slurm.QueueError as error:
        return [f"queue: {error}"]
    return slurm.told(jobs) if jobs else []


def _stages(file: StudyFile, results: Path, *, again: bool) -> str:
    there = [s for s, main in MAIN_FILES.items() if (results / owner(file, s) / s / main).is_file()]
    report = results / file.name / "report/report.html"
    if report.is_file() and again:
        return f"the search is not finished; of an earlier run: {report}"
    if report.is_file():
        return f"finished; {report}"
    ahead = [s for s in MAIN_FILES if s not in there]
    return f"done: {', '.join(there) or 'nothing yet'}; ahead: {', '.join([*ahead, 'report'])}"


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
