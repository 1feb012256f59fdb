"""What jobs took, from the files that Snakemake's directive `benchmark` leaves.

Read while the workflow is parsed, hence without pandas and what else `boxloop.store` needs.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from boxloop.slurm.requests import OF_TARGET, Taken

_MEGABYTE = 1024**2


@dataclass(frozen=True)
class Usage:
    """What a job took.

    Attributes
    ----------
    rule : str
    seconds : float
    peak_memory_bytes : int or None
        None for a job too short to be sampled.
    ended : float
        Seconds since 1970.
    """

    rule: str
    seconds: float
    peak_memory_bytes: int | None
    ended: float


def read_usage(paths: Iterable[str | Path]) -> list[Usage]:
    """Read Snakemake's benchmark files; those that are not there are left out."""
    found = []
    for path in map(Path, paths):
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        for row in rows:
            memory = _number(row.get("max_rss"))
            found.append(
                Usage(
                    rule=path.stem.split("-")[0],
                    seconds=_number(row.get("s")) or 0.0,
                    peak_memory_bytes=None if memory is None else int(memory * _MEGABYTE),
                    ended=path.stat().st_mtime,
                )
            )
    return found


def past_usage(results: str | Path) -> list[Taken]:
    """Return what each rule took in each study of a folder of results that has run so far."""
    found = []
    for folder in sorted(p for p in Path(results).glob("*") if p.is_dir()):
        rows = _rows(folder / "data/summary.json")
        if rows is None:
            continue
        usage = read_usage(sorted(folder.glob("logs/*.tsv")))
        trials = max(map(_trials, folder.glob("search/chunks/*.json")), default=0)
        for one in taken(folder.name, rows, usage):
            if one.rule in OF_TARGET:
                parts = one.jobs if one.rule != "catalogue" else 1
                target = _rows(folder / "apply/summary.json") or 0
                one = replace(one, rows=-(-target // parts))
            found.append(replace(one, trials=trials) if one.rule == "chunk" else one)
    return found


def _rows(summary: Path) -> int | None:
    """Return how many rows a stage's summary counts; None where it is not there."""
    try:
        return int(json.loads(summary.read_text(encoding="utf-8"))["rows"])
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _trials(chunk: Path) -> int:
    try:
        return len(json.loads(chunk.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return 0


def taken(study: str, rows: int, usage: Iterable[Usage]) -> list[Taken]:
    """Sum up the jobs of a study by rule."""
    by_rule: dict[str, list[Usage]] = {}
    for job in usage:
        by_rule.setdefault(job.rule, []).append(job)
    return [Taken(rule, study, rows, *_most(jobs)) for rule, jobs in by_rule.items()]


def _most(jobs: Sequence[Usage]) -> tuple[int, float | None, float]:
    memory = [j.peak_memory_bytes for j in jobs if j.peak_memory_bytes is not None]
    peak = max(memory) / _MEGABYTE if memory else None
    return len(jobs), peak, max(job.seconds for job in jobs)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # Snakemake writes "-" or "NA" for what it could not sample
        return None
