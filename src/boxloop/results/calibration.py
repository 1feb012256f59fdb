"""evaluate/calibration.json: whether probabilities and distributions are what they say."""

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import (
    ClassName,
    ColumnName,
    FindingEntry,
    Histogram,
    Interval,
    MethodName,
    ModelName,
)


class Proportion(Interval):
    """A fraction of objects, with an interval that respects units."""

    rows: int
    """Objects it is a fraction of."""
    n_units: int
    """Their units."""


class ToldProportion(Proportion):
    """A fraction beside what was said of it."""

    nominal: float
    """The fraction that the distributions state."""
    off: bool
    """Whether it differs beyond chance."""


class CurvePoint(Proportion):
    """A bin of a reliability curve; its value is the frequency."""

    mean: float
    """Mean probability."""
    off: NotRequired[bool]
    """Whether both differ beyond chance; of `top_label`."""


class LineLimits(Interval):
    """A parameter of the logistic recalibration."""

    error: float | None
    """Its standard error."""


class Slope(TypedDict):
    """The logistic recalibration of a class; slope 1 and intercept 0 are calibrated."""

    slope: LineLimits | None
    """Below 1: probabilities too near to 0 and 1."""
    intercept: LineLimits | None
    """Below 0: probabilities too large."""
    reason: str
    """Why there is none, or no interval."""


class ClassCalibration(TypedDict):
    """Calibration of the probabilities of a class."""

    frequency: Proportion
    """How many are of the class."""
    mean: float
    """Mean probability."""
    error: float
    """Calibration error, debiased."""
    curve: list[CurvePoint]
    """Reliability curve, in bins of equal mass."""


class BrierParts(TypedDict):
    """The Brier score taken apart; sums over the classes."""

    brier: float
    """reliability - resolution + uncertainty + within_variance - within_covariance."""
    reliability: float
    """Mean squared distance of the bins' probability from their frequency: 0 is calibrated."""
    resolution: float
    """Mean squared distance of the bins' frequency from that of the class: larger is better."""
    uncertainty: float
    """What the frequencies of the classes alone leave open."""
    within_variance: float
    """Spread of the probabilities within bins."""
    within_covariance: float
    """Twice their covariance with the outcome."""


class ScoreChange(TypedDict):
    """Differences to the probabilities as they are, negative where better; null for these."""

    log_loss: Interval | None
    """Of the log loss."""
    brier: Interval | None
    """Of the Brier score."""


class MethodDetail(TypedDict, total=False):
    """Of the probabilities as they are, and of the study's method."""

    looks: int
    """Over how many looks `off` and findings are corrected."""
    classes: dict[ClassName, ClassCalibration]
    """By class."""
    top_label: list[CurvePoint]
    """Reliability curve of the probability of the predicted class."""
    brier_parts: BrierParts
    """The Brier score taken apart."""


class MethodCalibration(MethodDetail):
    """Probabilities as they are (none), or mended by a method."""

    log_loss: Interval
    """Log loss [nat]."""
    brier: Interval
    """Brier score."""
    ece: float
    """Calibration error, debiased; its interval stands in metrics.json."""
    change: ScoreChange
    """Against none."""
    slopes: NotRequired[dict[ClassName, Slope]]
    """Of none, and of the study's method."""


class HonestDistributions(TypedDict, total=False):
    """Of a model that predicts distributions."""

    pit: Histogram
    """Probability integral transform."""
    coverage: list[ToldProportion]
    """How often central intervals hold the truth."""
    quantiles: list[ToldProportion]
    """How often the truth lies below a quantile."""


class ModelCalibration(HonestDistributions):
    """Calibration of a model."""

    reason: str | None
    """Why it has no probabilities, or distributions, that could be looked at."""
    balanced: NotRequired[bool]
    """Whether it was trained with balanced classes."""
    used: NotRequired[str]
    """The method that findings judge."""
    not_mended: NotRequired[str | None]
    """Why nothing could be learnt to mend it."""
    methods: NotRequired[dict[MethodName, MethodCalibration]]
    """In a classification: none, prevalence, temperature, isotonic."""


class SetSize(TypedDict):
    """Classes in a set, or the width of an interval in the target's unit."""

    mean: float
    """Mean."""
    median: float
    """Median."""


Limited = TypedDict(
    "Limited",
    {
        "label": Annotated[str, "The group."],
        "from": Annotated[float | None, "Lower limit of a bin; else null."],
        "to": Annotated[float | None, "Upper limit of a bin; else null."],
    },
)


class ConformalGroup(Limited, Proportion):
    """Coverage of a group of objects."""

    size: float
    """Mean size."""


class ConformalCoverage(TypedDict):
    """How often conformal sets or intervals hold the truth."""

    reason: str | None
    """Why there are none; it then stands alone."""
    coverage: NotRequired[Proportion]
    """Of the objects."""
    of_units: NotRequired[Proportion]
    """Mean over units, which is what the method promises."""
    size: NotRequired[SetSize]
    """How large they are."""
    single: NotRequired[float]
    """Fraction of sets with one class."""
    groups: NotRequired[dict[ColumnName, list[ConformalGroup]]]
    """Broken down by the study's groups."""


class Counted(TypedDict):
    """How many objects."""

    rows: int
    """Objects."""
    n_units: int
    """Their units."""


class Learnt(TypedDict):
    """From which objects is learnt."""

    source: Literal["calibration", "cv"]
    """The calibration set, or out-of-fold predictions."""
    cross_fitted: bool
    """Whether the objects teach each other, in parts."""
    maps: Counted
    """What recalibration is learnt from."""
    conformal: Counted
    """What conformal quantiles are learnt from."""


class LearntFor(TypedDict):
    """What teaches whom; null where there are too few units."""

    shown: Learnt | None
    """For the objects that are shown."""
    applied: Learnt | None
    """For new objects."""


Steps = TypedDict(
    "Steps",
    {
        "at": Annotated[list[float], "Probabilities, increasing."],
        "is": Annotated[list[float], "What they become; straight lines in between."],
    },
)


class ClassSteps(Steps):
    """The increasing function of a class's probability."""


class ProbabilityMap(TypedDict):
    """A map from probabilities to calibrated ones."""

    method: str
    """How it was learnt: none, temperature or isotonic."""
    prior: list[float] | None
    """Factors of the classes that come first, of models trained with balanced ones."""
    temperature: NotRequired[float]
    """By which the logarithms are divided."""
    floor: NotRequired[float]
    """Smallest probability, and one minus the largest."""
    steps: NotRequired[list[ClassSteps]]
    """A function of each class."""


class ConformalRule(TypedDict):
    """How new objects get their sets or intervals."""

    method: str | None
    """lac (sets of classes), cqr (widened quantiles) or absolute (the same width for all)."""
    level: float
    """Probability with which they hold the truth."""
    quantile: float | None
    """Of the scores of the objects they were learnt from."""
    reason: str | None
    """Why there is none."""


class Mending(TypedDict):
    """What the predictions of new objects are mended by."""

    model: str
    """The selected model."""
    recalibration: ProbabilityMap | None
    """Where the study recalibrates."""
    conformal: ConformalRule
    """How they get sets or intervals."""


class Judgement(TypedDict):
    """What is found; findings follow from it."""

    schema: int
    """Version of this format: 1."""
    task: str
    """What is predicted."""
    split: str
    """The split that is shown."""
    selected: str
    """The selected model."""
    recalibrate: str
    """The study's method: none, temperature or isotonic."""
    level: float
    """Of conformal prediction."""
    rows: int
    """Objects shown."""
    n_units: int
    """Their units."""
    learnt: LearntFor
    """What teaches the maps and the quantiles."""
    models: dict[ModelName, ModelCalibration]
    """By model."""
    conformal: dict[ModelName, dict[MethodName, ConformalCoverage]]
    """By model and method: lac and aps (sets of classes), cqr and absolute (intervals)."""
    apply: Mending
    """For new objects."""


class Calibration(Judgement):
    """Are probabilities and distributions what they say? Sets and intervals that are."""

    findings: list[FindingEntry]
    """Where the selected model is not calibrated."""
