"""What Snakemake tells `boxloop run` of a run: an event a line, as JSON, through a pipe."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

#: The environment variable that holds the number of the pipe's end that is written to.
VARIABLE = "BOXLOOP_EVENTS"


@dataclass(frozen=True)
class Planned:
    """What is going to run: how many jobs of each rule."""

    jobs: Mapping[str, int]


@dataclass(frozen=True)
class Cores:
    """How many cores the jobs have together; where they are sent to a cluster nobody says."""

    number: int


@dataclass(frozen=True)
class Began:
    """A job begins, or is sent to a cluster.

    Attributes
    ----------
    job : int
        Its number in this run; another attempt has the same.
    rule : str
    wildcards : mapping of str to str
    log : sequence of str
        Paths of its log.
    """

    job: int
    rule: str
    wildcards: Mapping[str, str]
    log: Sequence[str]


@dataclass(frozen=True)
class Ended:
    """A job has ended well."""

    job: int


@dataclass(frozen=True)
class Failed:
    """A job has failed; it may be tried again.

    Attributes
    ----------
    job : int
    log : sequence of str
        Paths of its logs, that of a cluster's scheduler too.
    """

    job: int
    log: Sequence[str]


@dataclass(frozen=True)
class Refused:
    """What Snakemake itself found wrong: with the workflow, the folder, or how a job ended.

    Attributes
    ----------
    kind : str
        Name of the exception.
    text : str
    """

    kind: str
    text: str


@dataclass(frozen=True)
class NothingToDo:
    """All that was asked for is there and up to date."""


Event = Planned | Cores | Began | Ended | Failed | Refused | NothingToDo
_KINDS = {k.__name__: k for k in (Planned, Cores, Began, Ended, Failed, Refused, NothingToDo)}


def to_line(event: Event) -> bytes:
    """Write an event as a line."""
    return json.dumps({"event": type(event).__name__, **asdict(event)}).encode() + b"\n"


def from_line(line: bytes) -> Event | None:
    """Read an event; None where the line is none, as that of a version with other events."""
    try:
        content = json.loads(line)
        event: Event = _KINDS[content.pop("event")](**content)
        return event
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
