"""evaluate/shift.json: whether training objects are like those that the model is for."""

from typing import Annotated, Literal, NotRequired, Required

from typing_extensions import TypedDict

from boxloop.results.common import ClassName, FindingEntry, Interval, MethodName, Score

#: How frequencies are estimated, and where those that are used are from.
Estimator = Literal["em", "bbse"]
Source = Literal["training", "stated", "em", "bbse"]


class BothSamples(TypedDict):
    """A number of each sample."""

    training: int
    """Of the training objects."""
    target: int
    """Of the target objects."""


class Auc(Score):
    """Area under the ROC curve of a classifier that tells the samples apart; 0.5 if it cannot."""

    surely: float | None
    """Lower limit of an interval of 99.5 %."""


class RemainingAuc(Auc):
    """How well the samples are told apart once training objects have the estimated frequencies."""

    method: Estimator
    """Whose estimates."""


class Effective(TypedDict):
    """What training objects are worth that are weighted to look like the target's."""

    value: float
    """Effective sample size, a fraction."""
    clipped: float
    """Fraction of the weights that were cut."""
    limit: float
    """Where they are cut."""


class Driver(TypedDict):
    """Features by which the samples are told apart; those that are correlated together."""

    columns: list[str]
    """Those that differ more first."""
    drop: float
    """What the classifier loses of its AUC where they are permuted."""
    error: float | None
    """Standard error of the drop."""
    drives: bool
    """Whether the drop is large, and beyond chance."""
    distance: list[float]
    """Kolmogorov-Smirnov distance of each column."""


class SampleCounts(TypedDict):
    """The distribution of a column in a sample."""

    counts: list[int]
    """Objects between the edges."""
    rows: int
    """Objects of the sample."""
    missing: int
    """Of these, without a value."""
    median: float | None
    """Median of the others."""


class ComparedColumn(TypedDict):
    """A column in both samples."""

    name: str
    """The column."""
    distance: float
    """Kolmogorov-Smirnov distance."""
    edges: list[float]
    """Edges of the bins, in the column's unit."""
    training: SampleCounts
    """Of the training objects."""
    target: SampleCounts
    """Of the target objects."""


class SampleComparison(TypedDict):
    """Whether classifiers can tell training from target objects."""

    reason: str | None
    """Why it was not tried."""
    rows: BothSamples
    """Objects, drawn at random where there are many."""
    units: BothSamples
    """Their units."""
    columns: list[str]
    """What models may use, in both samples."""
    auc: Auc | None
    """Of boosted trees."""
    linear: Auc | None
    """Of a linear classifier."""
    effective: Effective | None
    """What the training objects are worth."""
    drivers: list[Driver]
    """Largest drop first."""
    compared: list[ComparedColumn]
    """Distributions of the columns that differ most."""


class PrevalenceSample(TypedDict):
    """How many objects."""

    rows: int
    """Objects."""
    units: int
    """Their units."""


class Frequency(Interval):
    """The frequency of a class among target objects."""

    changed: bool
    """Whether it differs from training's beyond luck, all classes together."""


_OfClass = TypedDict("_OfClass", {"class": Annotated[str, "The class."]})


class ClassPrevalence(_OfClass):
    """How frequent a class is."""

    training: float
    """Fraction of the labelled objects."""
    n_training: int
    """Labelled objects of the class."""
    em: Frequency | None
    """Among target objects, by expectation-maximisation."""
    bbse: Frequency | None
    """Among target objects, by black-box shift estimation."""


class ClassPurity(_OfClass):
    """Purity and completeness of a class at the frequencies that are used."""

    prevalence: float
    """Frequency where the model is used."""
    training: float
    """Frequency among the labelled objects."""
    n_members: int
    """Objects of the class."""
    n_negatives: int
    """Other objects."""
    n_false: int
    """Of these, those taken for members."""
    purity: Score
    """Of what is taken for the class, the part that is of it."""
    completeness: Score
    """Of the class, the part that is taken for it."""


class PriorAdjustment(TypedDict):
    """How probabilities are brought to the frequencies that are used."""

    classes: list[str]
    """The classes."""
    slope: float
    """Inverse temperature by which the logarithms are multiplied first."""
    bias: list[float]
    """What is added to the logarithm of each class."""
    ratio: list[float]
    """By which factor each class then becomes more frequent."""


class Estimated(TypedDict, total=False):
    """Frequencies of the classes, estimated from predictions."""

    reason: Required[str | None]
    """Why nothing was estimated; it stands alone where the target is a number."""
    labelled: PrevalenceSample
    """Labelled objects, which the model has not learnt from."""
    target: PrevalenceSample | None
    """Target objects."""
    reasons: dict[MethodName, str]
    """Why a method (em, bbse) gives no estimate."""
    classes: list[ClassPrevalence]
    """By class."""


class Used(TypedDict, total=False):
    """Frequencies that are used, and what follows."""

    setting: str
    """The study's: training, estimate, or stated."""
    source: Source
    """Where they are from."""
    note: str
    """Why not from where the study wants them."""
    used: dict[ClassName, float]
    """The frequencies."""
    purity: list[ClassPurity]
    """Purity and completeness at these."""
    split: str
    """The split that purity is judged on."""
    adjustment: PriorAdjustment | None
    """How new probabilities are adjusted; null where they are not."""


class Prevalence(Estimated, Used):
    """How frequent the classes are where the model is used."""

    remaining: NotRequired[RemainingAuc | None]
    """What frequencies do not explain; null without an estimate."""


class Shift(TypedDict):
    """Are the training objects like those that the model is for?"""

    target: bool
    """Whether there is a target sample."""
    reason: str | None
    """Why there is none."""
    two_sample: SampleComparison | None
    """Training against target objects."""
    prevalence: Prevalence
    """Frequencies of the classes."""
    findings: list[FindingEntry]
    """What differs."""
