"""What stands in the files of *data*: where the table comes from and what it holds."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.study.frozen import FrozenOrigin


class SampleFile(TypedDict):
    """A file that a sample was read from."""

    path: str
    """Relative to the folder of the source; a file of one's own as the study names it."""
    bytes: int
    """Size [byte]."""
    sha256: str
    """Its checksum."""
    content_sha256: NotRequired[str]
    """Of a service's answer: hash of names, types, units and values, whatever the format."""


class FetchedFile(SampleFile):
    """A file of a manifest."""

    address: str
    """Where it was, or may be, fetched from."""


class Manifest(TypedDict):
    """The content of data/raw/<source>/manifest.json."""

    source: str
    """Name of the source."""
    files: list[FetchedFile]
    """Its files, verified."""
    frozen: NotRequired[FrozenOrigin]
    """What was asked and when, where a service answered."""


class SampleFacts(TypedDict):
    """Where a sample comes from."""

    provenance: str
    """real or simulated."""
    origin: str
    """Its source, path or simulator."""
    files: list[SampleFile]
    """The files that were read; none of a simulation."""
    survey: str | None
    """The survey, as the source names it."""
    licence: str | None
    """Under which the data may be used."""
    cite: list[str]
    """Keys in config/references.bib."""
    frozen: NotRequired[FrozenOrigin]
    """What was asked and when, of a source that is a service's answer."""


class Sample(SampleFacts):
    """A sample of the labelled objects."""

    rows: int
    """Objects in the table."""


class ColumnOfTable(TypedDict):
    """A column of the table."""

    name: str
    """Its name in the table."""
    role: str
    """What it is used as: id, feature, target and so on."""
    unit: str
    """Its unit; empty where there is none."""
    description: str
    """What the study or the file says of it."""


class Marker(TypedDict):
    """A declared missing value of a feature."""

    value: float | str
    """The value; `nan` and `inf` as text."""
    meaning: str
    """not_observed, not_detected or masked."""
    rows: int
    """How often it was found, before rows without a target are dropped."""


class SkyDuplicates(TypedDict):
    """Rows that are one object on the sky."""

    rows: int
    """Rows that share a place on the sky with another."""
    objects: int
    """How many objects these are."""
    radius_arcsec: float
    """Greatest distance of two rows of one object [arcsec]."""


class DataFinding(TypedDict):
    """A remark on the data as they were read."""

    severity: Literal["high", "medium", "low"]
    """How serious it is."""
    kind: str
    """A kind of finding, as the study's `gates` name it."""
    column: str | None
    """The column it is about."""
    rows: NotRequired[int]
    """Objects touched; not with class_is_sample."""
    message: str
    """What was found, in sentences."""


class TargetColumn(TypedDict):
    """The column that is predicted."""

    name: str
    """Its name in the table."""
    unit: str
    """Its unit; empty where there is none."""
    description: str
    """What the study says of it."""


class Asked(TypedDict):
    """What the study asks of the data."""

    study: str
    """Name of the study."""
    task: str
    """classification, regression or exploration."""
    target: TargetColumn | None
    """What is predicted; null in an exploration."""


class TableFacts(TypedDict):
    """What table and samples say of themselves."""

    provenance: str
    """real, simulated or mixed."""
    rows_read: int
    """Rows of the files, without those that `where` or `missing: drop` left out."""
    rows_cut: int
    """Rows that `where` left out."""
    duplicates_dropped: int
    """Rows that repeat another in every column."""
    rows: int
    """Objects in the table."""
    units: int
    """Independent units: groups of `split.group`, else objects."""
    samples: dict[str, Sample]
    """The labelled samples, by name."""
    columns: list[ColumnOfTable]
    """The columns, in the order of the table."""
    classes: dict[str, int] | None
    """Objects by class, test objects included, in sorted order; null for a number."""
    data_hash: str
    """Hash of what identifies the data."""


class Summary(Asked, TableFacts):
    """The content of data/summary.json."""

    test_rows: int
    """Objects whose target is sealed."""
    target_rows_missing: int
    """Rows without a target, which were dropped."""
    markers: dict[str, list[Marker]]
    """Declared missing values, by feature."""
    excluded: dict[str, str]
    """Why a column is left out, by column."""
    sky_duplicates: SkyDuplicates | None
    """Rows that are one object on the sky; null without `columns.sky.match`."""
    findings: list[DataFinding]
    """What was remarked while the table was put together."""
