"""The data sources of config/sources.yaml: addresses, checksums, licence, whom to cite."""

import csv
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.study.faults import faults_of
from boxloop.study.parts import Cut, Metadata, Name, Part, Sha256
from boxloop.study.vocabulary import READERS
from boxloop.study.yaml_lines import read_yaml


def _is_address(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError(
            f"expected an address that begins with https:// or http://; found {value!r}"
        )
    if "@" in value.split("/")[2]:
        raise ValueError("expected an address without a password: it is written into records")
    return value.rstrip("/")


Service = Annotated[str, AfterValidator(_is_address)]
#: What a source may be; exactly one of them.
KINDS = ("base_url", "query", "vizier", "zenodo")
_FUNCTION = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$")


class SourceFile(TypedDict):
    """One file of a source, as plain data."""

    path: str
    bytes: int
    sha256: str
    url_path: str


class RemoteFile(Part):
    """One file of a source."""

    path: str = Field(description="its path in data/raw/<source> and in a mirror")
    bytes: int = Field(ge=0)
    sha256: Sha256
    url_path: str = Field(description="appended to base_url")


class Query(Part):
    """A question to a service of the Virtual Observatory that speaks TAP."""

    service: Service = Field(description="address of the service, which ends in /tap as a rule")
    adql: str = Field(min_length=1, description="the query; ORDER BY if the order of rows matters")
    mode: Literal["sync", "async"] = Field(
        "sync", description="async: the service works in a queue; for queries of more than a minute"
    )
    maxrec: int | None = Field(
        None, gt=0, description="most rows to send; an answer that would be cut off is refused"
    )


class Vizier(Part):
    """A table of VizieR, all rows of it or those within limits."""

    catalogue: str = Field(description="name of the table, for example J/ApJ/822/86/table5")
    columns: list[str] = Field([], description="names as VizieR writes them; absent: all")
    where: dict[str, Cut | int | float | str] = Field(
        {}, description="rows to take: by limits on a column, or by a column's value"
    )
    service: Service = Field(
        "https://tapvizier.cds.unistra.fr/TAPVizieR/tap", description="address of VizieR's TAP"
    )

    @field_validator("catalogue")
    @classmethod
    def _is_a_table(cls, value: str) -> str:
        if value.count("/") < 2 or value.startswith("/") or value.endswith("/"):
            raise ValueError(
                "expected a table of a catalogue, such as J/ApJ/822/86/table5 or II/246/out; "
                f"found {value!r}"
            )
        return value


class Zenodo(Part):
    """Files of one version of a record on Zenodo."""

    doi: str | None = Field(None, description="10.5281/zenodo.N of one version, not of all")
    record: int | None = Field(None, gt=0, description="its number N, instead of the DOI")
    files: str = Field("*", description="which of its files: a shell pattern")
    unpack: bool = Field(
        False, description="unpack .zip and .tar archives, each into a folder of its name"
    )
    service: Service = Field("https://zenodo.org", description="address of Zenodo")

    @model_validator(mode="after")
    def _one_record(self) -> "Zenodo":
        if (self.doi is None) == (self.record is None):
            found = "neither" if self.doi is None else "both"
            raise ValueError(f"expected doi or record, one of them; found {found}")
        if self.doi is not None and not re.fullmatch(r"10\.5281/zenodo\.[1-9]\d*", self.doi):
            raise ValueError(f"expected a DOI like 10.5281/zenodo.1234567; found {self.doi!r}")
        return self

    def number(self) -> int:
        """Return the number of the record."""
        return self.record or int(str(self.doi).rpartition(".")[2])


class Source(Part):
    """Where published data can be had, under which licence, and whom to cite."""

    survey: str
    licence: str
    cite: list[str] = Field(min_length=1, description="keys in references.bib")
    description: str = ""
    base_url: str | None = Field(
        None, pattern=r"^(https?|file)://", description="pinned to a commit or DOI"
    )
    reader: str | None = Field(
        None, description="how files are read; a query is Parquet, other files by their names"
    )
    options: dict[str, Metadata] = {}
    manifest: str | None = Field(
        None, description="CSV beside this file: path, bytes, sha256, url_path"
    )
    files: list[RemoteFile] = []
    query: Query | None = Field(None, description="instead of files: a query to a TAP service")
    vizier: Vizier | None = Field(None, description="instead of files: a table of VizieR")
    zenodo: Zenodo | None = Field(None, description="instead of files: a record on Zenodo")

    @field_validator("reader")
    @classmethod
    def _known_reader(cls, value: str | None) -> str | None:
        if value is None or value in READERS or _FUNCTION.match(value):
            return value
        raise ValueError(
            f"expected {listed(READERS)} or module:function; found {value!r}"
            f"{suggest(value, READERS)}"
        )

    @model_validator(mode="after")
    def _one_kind(self) -> "Source":
        given = [k for k in KINDS if getattr(self, k) is not None]
        if len(given) != 1:
            if not given and (self.files or self.manifest):
                raise ValueError("files and manifest need base_url, the address they are under")
            found = " and ".join(given) or "none of them"
            raise ValueError(f"expected exactly one of {listed(KINDS)}; found {found}")
        if self.base_url is None and (self.files or self.manifest):
            raise ValueError(f"files and manifest belong to base_url; {given[0]} has none")
        if self.base_url is not None and bool(self.files) == bool(self.manifest):
            raise ValueError("expected either files or a manifest")
        if (self.query or self.vizier) and self.reader not in (None, "parquet"):
            raise ValueError(f"the answer of a {given[0]} is kept as Parquet; leave reader out")
        return self

    def plain(self) -> dict[str, Any]:
        """Return the entry as plain data; kinds that it is not are left out."""
        entry = self.model_dump(mode="json", exclude={k for k in KINDS if getattr(self, k) is None})
        if entry["reader"] is None and not self.zenodo:
            entry["reader"] = "csv" if self.base_url else "parquet"
        if self.zenodo:
            entry["zenodo"] |= {"record": self.zenodo.number(), "doi": None}
        return entry


class Sources(Part):
    """The file config/sources.yaml."""

    sources: dict[Name, Source]


def read_sources(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read and validate the sources.

    Returns
    -------
    dict
        For each source its entry as plain data, with ``files`` filled in from the manifest; of
        ``base_url``, ``query``, ``vizier`` and ``zenodo`` it has just one.

    Raises
    ------
    BoxloopError
        All faults at once, each with its line.
    """
    path = Path(path)
    content, lines = read_yaml(path)
    try:
        sources = Sources.model_validate(content).sources
    except ValidationError as error:
        faults = []
        for fault in faults_of(error, content, Sources):
            at = fault.at
            while at and at not in lines:
                at = at[:-1]
            key = ".".join(str(k) for k in fault.at)
            faults.append(f"{path}:{lines.get(at, 1)}: {key}: {fault.message}")
        raise BoxloopError("\n".join(faults)) from None
    entries = {}
    for name, source in sources.items():
        entry = source.plain()
        if source.manifest:
            entry["files"] = _manifest(path.parent / source.manifest)
        entries[name] = entry
    return entries


def _manifest(path: Path) -> list[SourceFile]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [RemoteFile.model_validate(row) for row in csv.DictReader(stream)]
    except (OSError, ValidationError) as error:
        raise BoxloopError(f"{path}: not a valid manifest: {error}") from None
    return [
        {"path": row.path, "bytes": row.bytes, "sha256": row.sha256, "url_path": row.url_path}
        for row in rows
    ]
