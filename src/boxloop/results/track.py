"""What stands in the files of *track*: code, data and machine of a run, and what it took."""

from typing import NotRequired

from typing_extensions import TypedDict

from boxloop.results.data import Sample


class Git(TypedDict):
    """The commit of the project."""

    commit: str | None
    """Its hash; null without git."""
    dirty: bool | None
    """Whether files differ from it; null without git."""


class Hardware(TypedDict):
    """The machine where Snakemake ran."""

    cpu: str
    """Name of the processor."""
    cores: int | None
    """Cores that may be used."""
    memory_bytes: int
    """Memory [byte]."""
    gpus: list[str]
    """Names of its GPUs."""
    platform: str
    """Operating system."""
    trained_on: NotRequired[list[str]]
    """GPUs of the final fits, where there were any."""


class Surroundings(TypedDict):
    """Where a run took place."""

    git: Git
    """The commit of the project."""
    versions: dict[str, str]
    """Versions of Python and of libraries, by name."""
    hardware: Hardware
    """The machine where Snakemake ran."""


class RuleCost(TypedDict):
    """What the jobs of a rule took."""

    jobs: int
    """Number of jobs."""
    seconds: float
    """Of all of them [s]."""
    longest_seconds: float
    """Of the longest [s]."""
    peak_memory_bytes: int | None
    """Largest memory of a job [byte]; null where none ran long enough to be sampled."""


class Identity(TypedDict):
    """What was run."""

    study: str
    """Name of the study."""
    status: str
    """draft or final."""
    study_hash: str
    """Hash of the whole study file."""
    run_hash: str
    """Hash of data, code and science, by which MLflow knows the run."""
    git: Git
    """The commit of the project."""
    code: dict[str, str]
    """Hash of the code, by rule."""
    data_hash: str
    """Hash of what identifies the data."""
    samples: dict[str, Sample]
    """The labelled samples, by name."""
    seed: int
    """The study's seed."""
    owners: dict[str, str]
    """By stage the study whose results folder holds it."""
    versions: dict[str, str]
    """Versions of Python and of libraries, by name."""
    hardware: Hardware
    """The machine where Snakemake ran."""


class Cost(TypedDict):
    """What the run took."""

    started: str | None
    """When the first job began [UTC]."""
    ended: str | None
    """When the last job ended [UTC]."""
    rules: dict[str, RuleCost]
    """What jobs took, by rule."""
    seconds: float
    """Of all jobs [s]."""
    peak_memory_bytes: int | None
    """Largest memory of a job [byte]."""


class Run(Identity, Cost):
    """The content of track/run.json."""

    selected: str | None
    """The selected model; null in an exploration."""
    metric: str | None
    """The study's metric; null in an exploration."""
    scores: dict[str, dict[str, float | None]]
    """The metric by model and split."""


class Attempt(TypedDict):
    """How often it was tried."""

    attempt: int
    """Number of earlier attempts."""


class LogOutcome(TypedDict):
    """What became of the logging to MLflow."""

    logged: bool
    """Whether it succeeded."""
    reason: str | None
    """Why not; null where it did."""
    destination: str
    """The tracking URI, without passwords."""
    experiment: str
    """Name of the experiment."""
    parent: str | None
    """Run id of the study."""
    children: dict[str, str]
    """Run ids, by trial."""


class Logged(Attempt, LogOutcome):
    """The content of track/mlflow.json."""
