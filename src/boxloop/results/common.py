"""Parts that several files have: a value with its interval, a finding, a histogram."""

from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

#: Names that keys may be; docs/outputs.md writes them in angle brackets.
ModelName = Annotated[str, "model"]
ClassName = Annotated[str, "class"]
ColumnName = Annotated[str, "column"]
MetricName = Annotated[str, "metric"]
MethodName = Annotated[str, "method"]
PurposeName = Annotated[str, "purpose"]
SplitName = Annotated[str, "split"]
#: What an interval says of a difference.
Verdict = Literal["better", "equivalent", "worse", "undecided"]


class Interval(TypedDict):
    """A value that is always there, with its interval."""

    value: float
    """The value."""
    low: float | None
    """Lower limit; null with too few units."""
    high: float | None
    """Upper limit; null with too few units."""


class Limits(TypedDict):
    """A value with its interval."""

    value: float | None
    """The value; null where it cannot be given."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""


class Estimate(Limits):
    """A value with its interval, or why one of them is lacking."""

    reason: str
    """Why there is no value or no interval; empty where there is."""


class Score(Estimate):
    """A score of so many independent units."""

    n_units: int
    """Number of independent units: groups of `split.group`, else objects."""


class Histogram(TypedDict):
    """Counts between edges."""

    edges: list[float]
    """Edges, one more than counts."""
    counts: list[int]
    """Objects between two edges."""
    below: NotRequired[int]
    """Objects below the first edge."""
    above: NotRequired[int]
    """Objects above the last edge."""


class FindingEntry(TypedDict):
    """One remark on data or results."""

    severity: Literal["high", "medium", "low"]
    """How serious it is."""
    kind: str
    """A kind: of the data one that `gates` may name, of the result one of `REMARKS`."""
    column: str | None
    """The column it is about, the first of several."""
    columns: list[str]
    """All columns it is about."""
    message: str
    """What was found, in sentences."""
    evidence: dict[str, Any]
    """The numbers; `rows` is how many objects are touched."""
