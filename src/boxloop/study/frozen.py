"""What was frozen when a source was first fetched: a record without data, to be committed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NotRequired

from pydantic import Field, ValidationError
from typing_extensions import TypedDict

from boxloop.errors import BoxloopError
from boxloop.study.adql import count_of_vizier, query_of_vizier, same_query
from boxloop.study.parts import Part, Sha256

#: Where the records are, from the folder of a project.
FOLDER = Path("config/frozen")


class FrozenOrigin(TypedDict):
    """What a summary says about data that a service answered."""

    kind: str
    """query, vizier or zenodo."""
    service: str
    """Address of the service."""
    date: str
    """When the source was first fetched [UTC]."""
    query: NotRequired[str]
    """What was asked, in ADQL."""
    record: NotRequired[int]
    """Number of the Zenodo record."""
    doi: NotRequired[str]
    """The record's DOI."""
    content_sha256: NotRequired[str]
    """Hash of names, types, units and values, whatever the file format."""


class Request(TypedDict):
    """What an entry of config/sources.yaml asks a service for, in the words of its freeze record.

    ``query``, ``mode``, ``maxrec`` and, of VizieR, ``count`` (a query that counts the rows) of an
    answer; ``record``, ``pattern``, ``unpack`` of files on Zenodo.
    """

    kind: Literal["query", "vizier", "zenodo"]
    service: str
    query: NotRequired[str]
    count: NotRequired[str]
    mode: NotRequired[str]
    maxrec: NotRequired[int | None]
    record: NotRequired[int]
    pattern: NotRequired[str]
    unpack: NotRequired[bool]


class FrozenFile(Part):
    """A file of data/raw/<source> and what it is known by."""

    path: str
    bytes: int = Field(ge=0)
    sha256: Sha256
    address: str
    md5: str | None = Field(None, description="as the service gives it")
    members: int | None = Field(None, description="files in an archive that was unpacked")
    members_sha256: Sha256 | None = Field(None, description="of their checksums and paths")


class FrozenColumn(Part):
    """A column of an answer."""

    name: str
    type: str
    unit: str = ""


class Frozen(Part):
    """A freeze record, config/frozen/<source>.json."""

    schema_: Literal[1] = Field(alias="schema")
    source: str
    kind: Literal["query", "vizier", "zenodo"]
    service: str
    date: str = Field(description="UTC, when the source was first fetched")
    query: str | None = Field(None, description="ADQL, of query and vizier")
    record: int | None = Field(None, description="number of a Zenodo record")
    doi: str | None = None
    title: str | None = None
    pattern: str | None = Field(None, description="which files of the Zenodo record")
    unpack: bool | None = None
    rows: int | None = None
    columns: list[FrozenColumn] = []
    content_sha256: Sha256 | None = Field(
        None, description="of an answer's names, types, units and values, whatever the file format"
    )
    files: list[FrozenFile]

    def plain(self) -> dict[str, Any]:
        """Return the record as plain data, without what does not apply."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)

    def provenance(self) -> FrozenOrigin:
        """Return what a summary says about the origin: service, query or record, and date."""
        found: FrozenOrigin = {"kind": self.kind, "service": self.service, "date": self.date}
        if self.query is not None:
            found["query"] = self.query
        if self.record is not None:
            found["record"] = self.record
        if self.doi is not None:
            found["doi"] = self.doi
        if self.content_sha256 is not None:
            found["content_sha256"] = self.content_sha256
        return found


def request_of(entry: Mapping[str, Any]) -> Request | None:
    """Return what an entry of config/sources.yaml asks a service for, or None if it has files.

    Returns
    -------
    Request or None
    """
    if query := entry.get("query"):
        return {"service": query["service"], "mode": query["mode"], "maxrec": query["maxrec"],
                "kind": "query", "query": query["adql"]}  # fmt: skip
    if vizier := entry.get("vizier"):
        return {"kind": "vizier", "service": vizier["service"], "query": query_of_vizier(vizier),
                "count": count_of_vizier(vizier), "mode": "async", "maxrec": None}  # fmt: skip
    if zenodo := entry.get("zenodo"):
        return {"service": zenodo["service"], "record": zenodo["record"],
                "unpack": zenodo["unpack"], "kind": "zenodo",
                "pattern": zenodo["files"]}  # fmt: skip
    return None


def read_frozen(path: str | Path) -> Frozen | None:
    """Read a freeze record; None where there is none.

    Raises
    ------
    BoxloopError
        The file is not a freeze record.
    """
    path = Path(path)
    if not path.is_file():
        return None
    try:
        return Frozen.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(str(k) for k in first['loc'])}: {first['msg']}"
    except ValueError as error:
        why = str(error)
    raise BoxloopError(
        f"{path}: not a freeze record: {why}; restore it from git, or delete it to freeze a new "
        "answer"
    )


def refuse_other_request(record: Frozen, request: Request, path: str | Path) -> None:
    """Refuse a request that is not the one whose answer was frozen.

    Raises
    ------
    BoxloopError
        Says what was asked then, what is asked now, and what to do.
    """
    then = record.plain() | {"unpack": bool(record.unpack), "pattern": record.pattern or "*"}
    changed = []
    for key in ("kind", "service", "query", "record", "pattern", "unpack"):
        if key not in request:
            continue
        before, now = then.get(key), request.get(key)
        same = same_query(str(before), str(now)) if key == "query" else before == now
        if not same:
            changed.append(
                f"  {'files' if key == 'pattern' else key}: then {before}\n    now {now}"
            )
    if changed:
        raise BoxloopError(
            f"{record.source}: config/sources.yaml asks for something else than what was "
            f"frozen on {record.date[:10]}:\n" + "\n".join(changed) + "\nTake the change back, "
            f"or delete {path} and run again to freeze the new answer"
        )


def other_request(entry: Mapping[str, Any], path: str | Path) -> str:
    """Say in a line what an entry asks that is not what was frozen; nothing if all is well."""
    request, record = request_of(entry), read_frozen(path)
    if request is None or record is None:
        return ""
    try:
        refuse_other_request(record, request, path)
    except BoxloopError as error:
        return " ".join(str(error).replace("\nTake", ". Take").split())
    return ""


def timestamp() -> str:
    """Return date and time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
