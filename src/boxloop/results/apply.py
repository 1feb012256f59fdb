"""What stands in the files of *apply*: what was predicted, and where not to trust it."""

from typing import NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import Histogram


class AppliedColumn(TypedDict):
    """A feature of the objects that were predicted."""

    outside: int
    """Objects outside the range of the training objects."""
    low: float | None
    """Smallest value among the training objects; null where there is none."""
    high: float | None
    """Largest value among the training objects; null where there is none."""


class RegionOfTraining(TypedDict):
    """Where training objects are, in all features together."""

    reason: str | None
    """Why there is no region; null where there is one."""
    neighbour: int
    """The neighbour whose distance counts, from 1."""
    quantile: float
    """Share of the training objects that stay below the limit."""
    limit: float | None
    """The limit [scaled features]; null without a region."""
    reference_rows: int
    """Training objects that it was made from."""
    columns: list[str]
    """Columns that count."""


class Predicted(TypedDict):
    """What was predicted."""

    classes: NotRequired[dict[str, int]]
    """Objects by class, of a classification."""
    histogram: NotRequired[Histogram]
    """Histogram of the predictions, of a regression [unit of the target]."""


class AppliedConformal(TypedDict):
    """How sets or intervals were made that hold the truth."""

    method: str
    """lac, aps, cqr or absolute."""
    level: float
    """Probability with which they hold it."""
    quantile: float | None
    """The quantile that was learnt; null where there was too little to learn from."""
    reason: str | None
    """Why there is none."""


class AppliedCalibration(TypedDict):
    """What was learnt by calibration and used here."""

    recalibrated: str | None
    """Method by which probabilities were recalibrated; null where they were not."""
    conformal: AppliedConformal
    """How sets or intervals were made that hold the truth."""


class AppliedModel(TypedDict):
    """What was counted while the model was applied."""

    target: bool
    """Whether the study has a target sample."""
    reason: str | None
    """Why there are no predictions; null where there are."""
    model: str
    """The selected model."""
    rows: int
    """Objects that were predicted."""
    outside_rows: int
    """Objects with a feature outside the range of the training objects."""
    unlike_rows: int | None
    """Objects unlike all training objects; null without a region."""
    region: RegionOfTraining | None
    """Where training objects are."""
    adjusted: bool
    """Whether probabilities were adjusted to other frequencies of the classes."""
    provenance: str | None
    """real or simulated."""
    columns: dict[str, AppliedColumn]
    """Features, by name."""
    prediction: Predicted | None
    """What was predicted; null without a target sample."""


class Applied(AppliedModel):
    """The content of apply/summary.json, and of each of its parts."""

    calibration: AppliedCalibration
    """What was learnt by calibration and used here."""
