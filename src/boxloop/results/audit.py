"""evaluate/audit.json: whether the result is what it seems."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import ColumnName, FindingEntry, PurposeName


class Crossing(TypedDict):
    """Whether values of a column stand in two sets or folds."""

    groups: int
    """Number of values."""
    crossing: int
    """Those with objects in two sets or folds."""
    example: str | None
    """One of them."""


class Duplicates(TypedDict):
    """Whether measurements stand again in another set or fold."""

    columns: list[str]
    """The measured columns that tell."""
    scored: int
    """Objects that have some of them."""
    repeated: int | None
    """Objects whose measurements stand again elsewhere; null where too few columns tell."""
    by_chance: NotRequired[float]
    """How many would, if the columns were independent."""
    reason: NotRequired[str]
    """Why nothing was looked for."""


class Apart(TypedDict):
    """Whether sets and folds are apart."""

    groups: dict[ColumnName, Crossing]
    """Columns of which no value may stand in two parts."""
    duplicates: Duplicates
    """Objects that may be the same."""


class Chance(TypedDict):
    """A score beside those of shuffled truths."""

    score: float
    """Out of fold, of the selected model."""
    low: float
    """2.5 % of the scores for shuffled truths lie below."""
    median: float
    """Their median."""
    high: float
    """2.5 % lie above."""
    p: float
    """Probability of a score at least as good by chance."""
    shuffles: int
    """Number of shuffles."""


class Seeds(TypedDict):
    """The spread of the cross-validated score over seeds of the training."""

    scores: list[float]
    """That of the search, and one of each other seed."""
    std: float
    """Their standard deviation."""
    n: int
    """Their number."""


class Audit(TypedDict):
    """Is the result what it seems: sets apart, chance at chance, the test set opened seldom?"""

    model: str
    """The selected model."""
    metric: str
    """The study's metric."""
    apart: Apart
    """Whether anything stands in two sets or folds."""
    chance: Chance | None
    """Out-of-fold predictions against shuffled truths; null where the metric is not defined."""
    probes: dict[PurposeName, dict[str, Any]]
    """Contents of search/probes/<purpose>.json."""
    seeds: Seeds | None
    """Of the probe `seeds`, where there is one."""
    openings: int
    """How often the test set was opened, by whatever study of the folder."""
    findings: list[FindingEntry]
    """What is amiss."""
