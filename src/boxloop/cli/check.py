"""Check a study as far as it goes without data: its file, its functions, its sources."""

import hashlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from boxloop.cli.advice import advised
from boxloop.cli.estimate import estimate, labelled_rows
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.study.code import accepted, user_function
from boxloop.study.frozen import other_request
from boxloop.study.known_model import FITTING
from boxloop.study.load import StudyError, StudyFile, load_study
from boxloop.study.model import Model, Study
from boxloop.study.rounds import jobs_of, round_sizes
from boxloop.study.salvage import rests_on
from boxloop.study.sources import read_sources
from boxloop.study.yaml_lines import KeyPath

Fault = tuple[KeyPath, str]
#: Own files up to this size are compared with their checksums [byte]; larger ones when read.
HASHED = 200_000_000


def check_study(path: Path, cores: int | None = None) -> str:
    """Check a study file; return a paragraph that says what it asks for, and what it will cost.

    Parameters
    ----------
    path : Path
    cores : int, optional
        Cores that the time is estimated for; by default those of this machine.

    Raises
    ------
    StudyError
        Everything that is wrong, a line each.
    """
    said: list[str] = []
    touched: Any = frozenset()
    try:
        file: StudyFile | None = load_study(path)
    except StudyError as error:
        said, file, touched = list(error.faults), error.sound, error.touched
    if file is not None:
        folder = _config(path)
        for check in (_functions, _sources, _files):
            try:
                found = list(check(file, folder))
            except BoxloopError as error:  # a file of the project, not of the study
                said += str(error).splitlines()
                continue
            said += [f"{file.place(*at)}: {m}" for at, m in found if not rests_on(at, touched)]
    if said or file is None:
        raise StudyError(sorted(dict.fromkeys(said), key=_line))
    config = _config(path)
    rows, unknown = labelled_rows(file.study, config)
    cost = estimate(file.study, rows, unknown, cores)
    return "\n".join([summary(file), cost, *advised(file, rows, config.parent)])


def _line(fault: str) -> tuple[str, int]:
    found = re.match(r"(.*?):(\d+):", fault)
    return (found[1], int(found[2])) if found else (fault, 0)


def _config(path: Path) -> Path:
    """Return the folder config/ of the study's project, or else of this folder."""
    own = path.resolve().parent.parent
    return own if (own / "sources.yaml").is_file() else Path("config")


def summary(file: StudyFile) -> str:
    """Say in a paragraph what a study asks for."""
    study = file.study
    samples = ", ".join(f"{name} ({_origin(study, name)})" for name in study.samples)
    ours = [m for m in study.models if not m.given]
    plan = [(m.name, sum(round_sizes(study, m)), len(jobs_of(study, m))) for m in ours]
    given = ", ".join(f"{m.name} (the column {m.column})" for m in study.models if m.given)
    beside = f" Judged beside them, not trained: {given}." if given else ""
    trials, chunks = sum(n for _, n, _ in plan), sum(c for _, _, c in plan)
    models = ", ".join(f"{name} {n}" for name, n, _ in plan)
    fits = trials * study.split.folds * study.split.repeats + len(plan)
    again = f" in {study.split.repeats} repeats" if study.split.repeats > 1 else ""
    over = f" It extends {file.base.name}." if file.base else ""
    items = len(file.open_items())
    answers = f" {items} items of the checklist have no answer yet." if items else ""
    if study.columns.target is None:
        return (
            f"{file.path}: no faults. {file.name} explores {len(study.columns.features)} columns "
            f"and predicts nothing.{over} Samples: {samples}."
        )
    return (
        f"{file.path}: no faults. {file.name} is a {study.status} {study.task} study of "
        f"{study.columns.target.name}, judged by {study.metric}.{over} Samples: {samples}. "
        f"Trials by model: {models}; in all {trials} trials in {chunks} jobs and, with "
        f"{study.split.folds} folds{again} and the final models, {fits} fits.{beside}{answers}"
    )


def _origin(study: Study, name: str) -> str:
    sample = study.samples[name]
    if sample.simulator:
        return f"{sample.n} simulated by {sample.simulator}"
    return f"{sample.provenance}, from {sample.source or sample.path}"


def _functions(file: StudyFile, folder: Path) -> Iterator[Fault]:
    """Import every function the study names and see whether it takes what it will be given."""
    study = file.study
    own = [path for path in file.code_files() if path.is_file()]
    for at, reference, arguments, keywords in (*_named(study), *_classes(study)):
        if reference.partition(":")[0] in _missing(file):
            continue
        try:
            function = user_function(reference, own)
        except BoxloopError as error:
            yield at, str(error)
            continue
        if at[:2] == ("columns", "own") and (why := _no_modality(function, reference, study)):
            yield at, why
            continue
        if at[0] == "models":
            keywords = list(accepted(function, dict.fromkeys(keywords)))
        why = _refused(function, arguments, keywords)
        if why:
            given = ", ".join([*arguments, *(f"{k}=..." for k in keywords)])
            yield at, f"{reference} will be called as {_name(reference)}({given}); {why}"


def _missing(file: StudyFile) -> set[str]:
    """Names of modules whose file is not there, which has been said already."""
    return {path.stem for path in file.code_files() if not path.is_file()}


def _name(reference: str) -> str:
    return reference.partition(":")[2]


def _named(study: Study) -> Iterator[tuple[KeyPath, str, list[str], list[str]]]:
    """Yield every function a study names, with the arguments it will be given."""
    for name, sample in study.samples.items():
        at = ("samples", name)
        if sample.simulator:
            yield (*at, "simulator"), sample.simulator, ["n"], ["seed", *sample.parameters]
        if sample.reader and ":" in sample.reader:
            yield (*at, "reader"), sample.reader, ["paths"], list(sample.options)
    for name, derived in study.columns.derived.items():
        if ":" in derived.function:
            options = list(derived.model_extra or {})
            yield ("columns", "derived", name, "function"), derived.function, ["table"], options
    for i, model in enumerate(study.models):
        if model.function:
            yield ("models", i, "function"), model.function, *_of_model(model)
    for i, degrader in enumerate(study.degraders or []):
        if degrader.function:
            keywords = ["rng", *degrader.parameters]
            yield ("degraders", i, "function"), degrader.function, ["table", "strength"], keywords
    for i, rule in enumerate(study.plausible):
        if rule.function:
            yield ("plausible", i, "function"), rule.function, ["table", "predictions"], []


def _classes(study: Study) -> Iterator[tuple[KeyPath, str, list[str], list[str]]]:
    """Yield the classes of a study's own modalities, as `_named` does."""
    for name, own in study.columns.own.items():
        yield ("columns", "own", name, "modality"), own.modality, ["name", "options"], []


def _no_modality(made: Any, reference: str, study: Study) -> str:
    from boxloop.modalities.registry import why_no_modality

    return why_no_modality(made, reference, seen=bool(study.models))


def _of_model(model: Model) -> tuple[list[str], list[str]]:
    own = dict.fromkeys((*FITTING, *model.parameters, *model.space))
    return ["input_shape", "output_shape"], list(own)


def _refused(function: Callable[..., Any], arguments: list[str], keywords: list[str]) -> str:
    """Return why a function cannot be called so, or nothing."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""  # some compiled functions have no signature to look at
    try:
        signature.bind(*arguments, **dict.fromkeys(keywords))
    except TypeError as error:
        takes = [n for n, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
        wrong = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        near = suggest(wrong[1], takes) if wrong else ""
        return f"it is {function.__name__}{signature}: {error}{near}"
    return ""


def _sources(file: StudyFile, folder: Path) -> Iterator[Fault]:
    """Check that sources exist, and that what is cited stands in references.bib."""
    study = file.study
    cited: list[Fault] = [(("published", i, "cite"), p.cite) for i, p in enumerate(study.published)]
    # One word is a key: a name alone would not say where the predictions can be found.
    by: list[Fault] = [(("models", i, "by"), m.by) for i, m in enumerate(study.models) if m.by]
    cited += [(at, word) for at, word in by if not re.search(r"\s", word)]
    wanted = {name: s.source for name, s in study.samples.items() if s.source}
    if wanted:
        sources = read_sources(folder / "sources.yaml")
        for name, source in wanted.items():
            at: KeyPath = ("samples", name, "source")
            if source in sources:
                cited += [(at, key) for key in sources[source]["cite"]]
                record = folder / "frozen" / f"{source}.json"
                if other := other_request(sources[source], record):
                    yield at, other
                continue
            yield (
                at,
                f"expected an entry of {folder / 'sources.yaml'}: {listed(sources)}; "
                f"found {source!r}{suggest(source, sources)}",
            )
    if cited:
        keys = _bibliography(folder / "references.bib")
        for at, key in cited:
            if key not in keys:
                yield (
                    at,
                    f"cites {key!r}, which is not in {folder / 'references.bib'}"
                    f"{suggest(key, keys)}" + ("; or say it in words" if at[-1] == "by" else ""),
                )


def _bibliography(path: Path) -> list[str]:
    if not path.is_file():
        raise BoxloopError(f"{path}: there is no such file; it holds what the study cites")
    return re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", path.read_text(encoding="utf-8"), re.M)


def _files(file: StudyFile, folder: Path) -> Iterator[Fault]:
    """Check that the user's own files are there, and unchanged; folders are looked at when read."""
    for name, sample in file.study.samples.items():
        path = folder.parent / (sample.path or ".")
        if not path.exists():
            yield (
                ("samples", name, "path"),
                f"there is no file or folder {path}; the path is counted from the project's folder",
            )
        elif sample.sha256 and path.is_file() and path.stat().st_size <= HASHED:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != sample.sha256:
                yield (
                    ("samples", name, "sha256"),
                    f"{path} has changed: expected {sample.sha256}, found {found}; restore the "
                    "file, or write the new checksum here",
                )
    prose = file.study.report.prose
    if prose and not (file.path.parent / prose).is_dir():
        yield ("report", "prose"), f"there is no folder {file.path.parent / prose}"
