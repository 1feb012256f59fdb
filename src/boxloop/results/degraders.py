"""evaluate/degraders.json: how scores fall where data get worse."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import FindingEntry, Limits, ModelName, Score


class Overtaken(Limits):
    """Where a simpler candidate becomes better; value and limits are of selected over it."""

    strength: float
    """The first such strength."""
    by: str
    """The simpler model."""


class DegraderMeaning(TypedDict):
    """What becomes of the selected model."""

    fallen: float | None
    """First strength at which its score has fallen by more than the margin."""
    at_dummy: float | None
    """First strength at which it is no better than the dummy."""
    overtaken: Overtaken | None
    """Where a simpler model overtakes it."""


class DegraderCurve(DegraderMeaning):
    """Scores at increasing strengths."""

    strengths: list[float]
    """The first is 0."""
    scores: dict[ModelName, list[Score]]
    """By strength."""
    differences: dict[ModelName, list[Limits]]
    """The selected model over another, positive where better; limits hold for all looks."""
    falls: list[Limits]
    """What the selected model loses against strength 0."""


class DegraderAbout(TypedDict):
    """What makes the data worse."""

    name: str
    """Its name."""
    function: str | None
    """The study's own function."""
    touches: list[str]
    """Which data it changes: table, light_curve, image."""
    columns: list[str]
    """Which columns."""
    parameters: dict[str, Any]
    """Its parameters."""
    mild: float
    """Up to which strength it counts as mild."""
    said: list[str]
    """In words, by strength."""


class DegraderEntry(DegraderAbout, DegraderCurve):
    """A degrader, and the scores of what it degraded."""


class LeftOutDegrader(TypedDict):
    """A degrader that was asked for and does not fit."""

    name: str
    """Its name."""
    reason: str
    """Why it does not fit."""


class LeftOutModel(TypedDict):
    """A model without a curve."""

    model: str
    """Its name."""
    reason: str
    """Why it has none."""


class Degraders(TypedDict):
    """How do the scores fall where data get worse?"""

    set: Literal["test", "calibration"] | None
    """Whose objects are degraded; null where none are."""
    reason: str
    """Why none are."""
    rows: NotRequired[int]
    """Objects that are degraded."""
    of_rows: NotRequired[int]
    """Objects of the set."""
    n_units: NotRequired[int]
    """Units of the former."""
    metric: NotRequired[str]
    """The study's metric."""
    selected: NotRequired[str]
    """The selected model."""
    dummy: NotRequired[str | None]
    """The model that has learnt nothing."""
    margin: NotRequired[float]
    """Smaller differences do not matter."""
    looks: NotRequired[int]
    """At how many differences one looks."""
    degraders: list[DegraderEntry]
    """By degrader."""
    left_out: list[LeftOutDegrader]
    """Degraders that do not fit the data."""
    models_left_out: list[LeftOutModel]
    """Somebody else's predictions."""
    findings: list[FindingEntry]
    """Where the selected model gives way early."""
