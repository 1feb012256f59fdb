"""What a service answers, frozen at first fetch: the same answer ever after, or an error."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.data.answers import columns_of, content_sha256, read_answer, write_answer
from boxloop.data.download import Mirror, Tried, advice, from_mirror, is_file
from boxloop.data.tap import ask_tap
from boxloop.data.vizier import ask_vizier
from boxloop.data.zenodo import fetch_zenodo
from boxloop.errors import BoxloopError, listed
from boxloop.store import sha256, write_json
from boxloop.study.frozen import Frozen, Request, read_frozen, refuse_other_request, timestamp

if TYPE_CHECKING:
    import pyarrow as pa

    from boxloop.results.data import FetchedFile, Manifest

#: The file of an answer in data/raw/<source>.
ANSWER = "answer.parquet"


def fetch_frozen(
    request: Request,
    folder: Path,
    path: Path,
    *,
    mirror: Mirror,
    log: logging.Logger,
) -> "Manifest":
    """Have what a service answered when the source was first fetched.

    The first fetch asks, keeps the answer and writes the freeze record. After that the record
    decides: bytes that are there, the mirror's, or the service's once more, if they are the same.

    Parameters
    ----------
    request : Request
        As `boxloop.study.frozen.request_of` gives it.
    folder : Path
        ``data/raw/<source>``.
    path : Path
        The freeze record, config/frozen/<source>.json.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    BoxloopError
        The service gives no answer or another one than was frozen, or something else is asked.
    """
    with _alone(folder):
        record = read_frozen(path)
        if record:
            refuse_other_request(record, request, path)
        fetch = fetch_zenodo if request["kind"] == "zenodo" else _fetch_answer
        before = record
        record, files = fetch(request, folder, path, record, mirror, log)
        if before is None:
            _write(record, path)
            log.info("%s: frozen; commit %s", folder.name, path)
    return {"source": folder.name, "files": files, "frozen": record.provenance()}


def _write(record: Frozen, path: Path) -> None:
    try:
        write_json(record.plain(), path)
    except OSError as error:
        raise BoxloopError(
            f"{path}: the freeze record cannot be written ({error.strerror}), so nothing "
            "is frozen; make the folder writable and run again"
        ) from None


def _fetch_answer(
    request: Request,
    folder: Path,
    path: Path,
    record: Frozen | None,
    mirror: Mirror,
    log: logging.Logger,
) -> "tuple[Frozen, list[FetchedFile]]":
    goal = folder / ANSWER
    if record is None:
        table = _ask(request, folder, log)
        record = _freeze(request, folder, table)
    elif not _have(goal, record):
        file, tried = record.files[0].model_dump(), Tried()
        if not from_mirror(file, folder, mirror, tried, log, promised=str(path)):
            table = _ask_again(request, folder, mirror, tried, log)
            _refuse_change(record, table, folder, path)
            write_answer(table, goal, record.provenance())
    size = goal.stat().st_size
    log.info("%s: %d rows, %.1f MB, verified", folder.name, record.rows, size / 1e6)
    answer: FetchedFile = {
        "path": ANSWER,
        "bytes": size,
        "sha256": sha256(goal),
        "address": record.service,
    }
    if record.content_sha256 is not None:
        answer["content_sha256"] = record.content_sha256
    return record, [answer]


def _ask(request: Request, folder: Path, log: logging.Logger) -> "pa.Table":
    asked = f"{folder.name}: asked {request['service']}"
    log.info("%s: asking %s", folder.name, request["service"])
    if request["kind"] == "vizier":
        return ask_vizier(request, folder, asked=asked, log=log)
    return ask_tap(request, folder, asked=asked, log=log)


def _ask_again(
    request: Request, folder: Path, mirror: Mirror, tried: Tried, log: logging.Logger
) -> "pa.Table":
    try:
        return _ask(request, folder, log)
    except BoxloopError as error:
        before = "\ntried before\n" + "\n".join(tried.addresses) if tried.addresses else ""
        raise BoxloopError(
            f"{error}{before}\nThe answer was frozen earlier. {advice(mirror, folder, ANSWER)}, or "
            f"put the frozen answer at {folder / ANSWER} (dvc pull {folder})"
        ) from None


def _freeze(request: Request, folder: Path, table: "pa.Table") -> Frozen:
    about: dict[str, Any] = {
        "schema": 1,
        "source": folder.name,
        "kind": request["kind"],
        "service": request["service"],
        "query": request["query"],
        "date": timestamp(),
        "rows": table.num_rows,
        "columns": columns_of(table),
        "content_sha256": content_sha256(table),
    }
    goal = folder / ANSWER
    write_answer(table, goal, Frozen.model_validate({**about, "files": []}).provenance())
    file = {"path": ANSWER, "bytes": goal.stat().st_size, "sha256": sha256(goal)}
    return Frozen.model_validate({**about, "files": [{**file, "address": request["service"]}]})


def _have(goal: Path, record: Frozen) -> bool:
    """Whether the frozen answer is there, though another version may have written it."""
    if is_file(goal, record.files[0].model_dump()):
        return True
    table = read_answer(goal)
    return table is not None and content_sha256(table) == record.content_sha256


def _refuse_change(record: Frozen, table: "pa.Table", folder: Path, path: Path) -> None:
    if content_sha256(table) == record.content_sha256:
        return
    then = {c.name: c for c in record.columns}
    now = {c["name"]: c for c in columns_of(table)}
    told = [f"then {record.rows} rows, now {table.num_rows}"]
    for label, names in (("added", now.keys() - then.keys()), ("lost", then.keys() - now.keys())):
        if names:
            told.append(f"columns {label}: {listed(sorted(names))}")
    told += [
        f"{key} of {name}: then {getattr(then[name], key)!r}, now {now[name][key]!r}"
        for name in then
        for key in ("type", "unit")
        if name in now and getattr(then[name], key) != now[name][key]
    ]
    if len(told) == 1 and record.rows == table.num_rows:
        told.append("the columns are the same, their values or the order of the rows are not")
    raise BoxloopError(
        f"{folder.name}: the answer of {record.service} has changed since it was frozen on "
        f"{record.date[:10]}: {'; '.join(told)}. Nothing was kept. Either bring the frozen answer "
        f"back (dvc pull {folder}, or a mirror that has {folder.name}/{ANSWER}), or delete {path} "
        "and run again to freeze the new answer, which makes other data of it"
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch a source; the next finds what the first has brought."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as held:
        # A file system without locks is used without; every file is still whole or not there.
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
