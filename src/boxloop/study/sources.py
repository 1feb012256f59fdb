"""The data sources of config/sources.yaml: addresses, checksums, licence, whom to cite."""

import csv
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from boxloop.errors import BoxloopError
from boxloop.study.faults import faults_of
from boxloop.study.parts import FunctionPath, Metadata, Name, Part, Sha256
from boxloop.study.yaml_lines import read_yaml


class RemoteFile(Part):
    """One file of a source."""

    path: str = Field(description="its path in data/raw/<source> and in a mirror")
    bytes: int = Field(ge=0)
    sha256: Sha256
    url_path: str = Field(description="appended to base_url")


class Source(Part):
    """Where published data can be had, under which licence, and whom to cite."""

    survey: str
    licence: str
    cite: list[str] = Field(min_length=1, description="keys in references.bib")
    description: str = ""
    base_url: str = Field(pattern=r"^(https?|file)://", description="pinned to a commit or DOI")
    reader: Literal["csv", "fits", "parquet"] | FunctionPath = "csv"
    options: dict[str, Metadata] = {}
    manifest: str | None = Field(
        None, description="CSV beside this file: path, bytes, sha256, url_path"
    )
    files: list[RemoteFile] = []

    @model_validator(mode="after")
    def _has_files(self) -> "Source":
        if bool(self.files) == bool(self.manifest):
            raise ValueError("expected either files or a manifest")
        return self


class Sources(Part):
    """The file config/sources.yaml."""

    sources: dict[Name, Source]


def read_sources(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read and validate the sources.

    Returns
    -------
    dict
        For each source its entry as plain data, with ``files`` filled in from the manifest.

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
        entry = source.model_dump(mode="json")
        if source.manifest:
            entry["files"] = _manifest(path.parent / source.manifest)
        entries[name] = entry
    return entries


def _manifest(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [RemoteFile.model_validate(row) for row in csv.DictReader(stream)]
    except (OSError, ValidationError) as error:
        raise BoxloopError(f"{path}: not a valid manifest: {error}") from None
    return [row.model_dump() for row in rows]
