"""Estimate what a study will cost before anything runs: rows, memory, time."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from boxloop.cli.costs import (
    JOB_BYTES,
    JOB_SECONDS,
    MEMORY_FACTOR,
    RUN_SECONDS,
    Size,
    fit_seconds,
    is_network,
    search_seconds,
)
from boxloop.cli.rows import ROW_BYTES, rows_of
from boxloop.errors import BoxloopError
from boxloop.study.known_models import MODELS
from boxloop.study.model import Model, Study
from boxloop.study.parts import Sample
from boxloop.study.rounds import likely_chunks
from boxloop.study.sources import read_sources
from boxloop.study.trials import probes_of
from boxloop.study.yaml_lines import read_yaml
from boxloop.tasks import task_of

#: The truth lies within so many times of the estimate, as a rule.
RANGE = 3
#: Number of classes to reckon with: the file does not say.
CLASSES = 3


def estimate(study: Study, labelled: float, unknown: Sequence[str], cores: int | None) -> str:
    """Say in two lines how many rows a study has, and what memory and time it will take.

    Parameters
    ----------
    study : Study
    labelled, unknown : float and sequence of str
        From `labelled_rows`.
    cores : int, optional
        By default those of this machine.
    """
    cores = cores or os.cpu_count() or 1
    if not labelled:
        return "How many rows the data have is not known before they are there, nor what they cost."
    more = f", and those of {', '.join(unknown)}, not yet known" if unknown else ""
    cut = ", before cuts" if any(s.where for s in study.samples.values()) else ""
    low, high = _gigabytes(study, labelled)
    seconds, own = _seconds(study, labelled, cores)
    without = f", without {', '.join(own)}, whose cost only you know" if own else ""
    word = "core" if cores == 1 else "cores"
    time = f"about {_time(seconds / RANGE)} to {_time(seconds * RANGE)}"
    return (
        f"Labelled rows: about {_short(labelled)}{cut}{more}. "
        f"Peak memory: about {low} to {high} GB a job.\n"
        f"Time on {cores} {word}: {time}{without}."
    )


def labelled_rows(study: Study, config: Path) -> tuple[float, list[str]]:
    """Return about how many labelled rows there are, and the samples of which that is not known.

    Parameters
    ----------
    study : Study
    config : Path
        The folder config/ of the project.
    """
    found = {name: _rows(study.samples[name], config) for name in study.labelled()}
    return sum(n or 0.0 for n in found.values()), [k for k, n in found.items() if n is None]


def search_work(study: Study, model: Model, rows: float) -> float:
    """Return the seconds that all trials of a registered model take on one core.

    Parameters
    ----------
    study : Study
    model : Model
    rows : float
        Labelled rows.
    """
    fold = _train(study, rows) * (1 - 1 / study.split.folds)
    chunks = likely_chunks(study, model)
    return sum(_search(study, model, [t["hyperparameters"] for t in c], fold) for c in chunks)


def job_seconds(study: Study, rows: float) -> dict[str, float]:
    """Return the seconds of each job that fits registered models, by the stem of its log.

    Parameters
    ----------
    study : Study
    rows : float
        Labelled rows.
    """
    train = _train(study, rows)
    fold = train * (1 - 1 / study.split.folds)
    jobs: dict[str, float] = {}
    longest, begin = 0.0, 0.0
    for model in study.models:
        if model.registered is None:
            continue
        start = JOB_SECONDS["network" if _network(model) else "estimator"]
        dearest = 0.0
        for number, chunk in enumerate(likely_chunks(study, model)):
            trials = [t["hyperparameters"] for t in chunk]
            work = _search(study, model, trials, fold)
            if study.budget.minutes:
                last = max(_search(study, model, [values], fold) for values in trials)
                work = min(work, study.budget.minutes * 60 + last)
            jobs[f"chunk-{model.name}-{number}"] = start + work
            values = (_fit(study, model, t["hyperparameters"], train) for t in chunk)
            dearest = max(dearest, *values)
        longest, begin = max((longest, begin), (dearest, start))
        jobs[f"fit-{model.name}"] = start + dearest
    if study.split.protocol == "outer_folds" and study.status == "final":
        # the whole again for each outer fold, on fewer objects
        again = sum(jobs.values()) * (1 - 1 / study.split.outer)
        jobs |= {f"nested-{number}": again for number in range(study.split.outer)}
    fits = _probe_fits(study)
    return jobs | {f"probe-{purpose}": begin + longest * n for purpose, n in fits.items()}


def _rows(sample: Sample, config: Path) -> float | None:
    if sample.n is not None:
        return float(sample.n)
    if sample.path:
        path = config.parent / sample.path
        files = sorted(path.rglob(sample.files)) if path.is_dir() else [path]
        return _sum([rows_of(f) for f in files if f.is_file()])
    return _sum(list(_rows_of_source(str(sample.source), sample.files, config)))


def _sum(rows: list[float | None]) -> float | None:
    known = [n for n in rows if n is not None]
    return sum(known) if known else None


def _rows_of_source(name: str, pattern: str, config: Path) -> Iterator[float | None]:
    """Rows of a source's files: those that are there, else by the sizes that are known."""
    try:
        entry: dict[str, Any] = read_sources(config / "sources.yaml")[name]
    except (BoxloopError, KeyError):
        return
    folders = [config.parent / "data/raw" / name, *(Path(m) / name for m in _mirrors(config))]
    if not entry["files"]:
        there = sorted(folders[0].rglob("*")) if folders[0].is_dir() else []
        yield from (rows_of(f) for f in there if f.is_file() and f.suffix != ".json")
        return
    for item in entry["files"]:
        if fnmatch.fnmatch(item["path"], pattern):
            found = next((f / item["path"] for f in folders if (f / item["path"]).is_file()), None)
            yield rows_of(found) if found else item["bytes"] / ROW_BYTES


def _mirrors(config: Path) -> list[str]:
    """The mirror, where it is a folder."""
    settings = config / "config.yaml"
    content = read_yaml(settings)[0] if settings.is_file() else {}
    named = os.environ.get("BOXLOOP_MIRROR") or (content or {}).get("mirror")
    return [named] if named and "://" not in named else []


def _gigabytes(study: Study, rows: float) -> tuple[str, str]:
    columns = study.columns
    width = 2 * len(columns.features) + len(columns.derived) + len(columns.keep) + 3
    held = sum(part.held() for part in columns.modalities().values())
    table = rows * (8 * width + 4 * held)
    names = {"network" if _network(m) else "estimator" for m in study.models} or {"estimator"}
    peak = max(JOB_BYTES[n] for n in names) + MEMORY_FACTOR * table
    return f"{_digit(peak / RANGE / 1e9):g}", f"{_digit(peak * RANGE / 1e9):g}"


def _seconds(study: Study, rows: float, cores: int) -> tuple[float, list[str]]:
    """Seconds of a run, and the user's own models, of which nothing is known."""
    jobs = list(job_seconds(study, rows).values())
    searching = max([sum(jobs) / cores, *jobs]) if jobs else 0.0
    return RUN_SECONDS + searching, [m.name for m in study.models if m.registered is None]


def _train(study: Study, rows: float) -> float:
    """Return how many objects are left to train with."""
    outer = study.split.protocol == "outer_folds"
    return rows * (1 if outer else 1 - study.split.test - study.split.calibration)


def _probe_fits(study: Study) -> dict[str, float]:
    """Return the fits of each probe, in fits to all training objects: of the dearest model, say."""
    asked, fold = study.probes, study.split.folds - 1
    fits = {
        "shuffled": fold * asked.shuffled,
        "learning_curve": fold * sum(asked.learning_curve),
        "seeds": fold * asked.seeds,
        "reweight": fold,
        "time_order": fold,
    }
    return {purpose: float(fits[purpose]) for purpose in probes_of(study)}


def _search(study: Study, model: Model, trials: list[dict[str, Any]], rows: float) -> float:
    asked = study.search.halving
    halving = (asked.first, asked.factor) if study.search.strategy == "halving" else None
    size = _size(study, model, rows)
    folds = study.split.folds * study.split.repeats
    return search_seconds(str(model.registered), trials, folds, size, halving)


def _fit(study: Study, model: Model, values: dict[str, Any], rows: float) -> float:
    return fit_seconds(str(model.registered), values, _size(study, model, rows))


def _size(study: Study, model: Model, rows: float) -> Size:
    columns = study.columns
    used = model.features or [*columns.features, *columns.derived]
    errors = [f for f in columns.features.values() if f.use_error == "feature"]
    classes = CLASSES if task_of(study.task).has_classes else 1
    known = MODELS.get(str(model.registered))
    seen = (known.sees if known else "") or "table"
    return Size(rows, max(1, len(used) + len(errors)), classes, _shape(study, seen))


def _shape(study: Study, seen: str) -> tuple[int, ...]:
    """Return the shape of an object of what a network sees, as far as it is known; else empty."""
    part = study.columns.modalities().get(seen)
    return part.seen() if part else ()


def _network(model: Model) -> bool:
    return model.registered is None or is_network(model.registered)


def _digit(value: float) -> float:
    """Round to one digit."""
    return float(f"{value:.1g}")


def _short(rows: float) -> str:
    return f"{_digit(rows):,.0f}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(_digit(seconds), 1):.0f} s"
    if seconds < 5400:
        return f"{_digit(seconds / 60):.0f} min"
    return f"{_digit(seconds / 3600):,.0f} h"
