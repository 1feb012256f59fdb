"""evaluate/understanding.json: what a model rests on, and where it goes wrong."""

from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import ColumnName, Estimate, FindingEntry, Histogram, ModelName

#: What the features of a group are.


class FeatureGroup(TypedDict):
    """Features that are permuted together."""

    name: str
    """Its name."""
    kind: str
    """What they are."""
    columns: list[str]
    """Its columns."""
    derived: list[str]
    """Derived columns that follow."""


class Loss(Estimate):
    """What the score loses where a group is permuted; positive where it gets worse."""

    seen: bool
    """Whether the model is shown any of it."""
    repeats: list[float | None]
    """The loss of each permutation."""


class ModelImportance(TypedDict):
    """What a model rests on."""

    score: float | None
    """Its score on the objects as they are."""
    reason: str
    """Why there is none."""
    groups: list[Loss]
    """In the order of the groups."""


class Permuted(TypedDict):
    """What permutations say."""

    groups: list[FeatureGroup]
    """The most important for the selected model first."""
    models: dict[ModelName, ModelImportance]
    """The selected model, and the best simpler candidate."""


class Importance(Permuted):
    """Permutation importance on objects that models have not learnt from."""

    set: Literal["test", "calibration"] | None
    """Whose objects; null where there are none."""
    metric: str
    """The study's metric."""
    objects: int
    """Number of objects."""
    units: int
    """Their units."""
    repeats: int
    """Permutations of each group."""
    correlated: float
    """Rank correlation from which features are permuted together."""
    reason: str
    """Why there is no importance."""


_OfClass = TypedDict("_OfClass", {"class": Annotated[str | None, "The class; null for a number."]})


class DependenceCurve(_OfClass):
    """How a predicted number, or the probability of a class, follows a feature."""

    mean: list[float]
    """Mean over the objects, along the grid."""
    quantiles: list[list[float]]
    """Quantiles over single objects, each along the grid."""


class Dependence(TypedDict):
    """How predictions follow a feature while all else stays as it is."""

    grid: list[float]
    """Values of the feature."""
    curves: list[DependenceCurve]
    """One, or one of each class."""
    spread: float
    """By how much the mean moves."""
    density: Histogram
    """Where training objects have the feature."""


class FeatureDependence(Dependence):
    """How predictions follow a feature while all else stays as it is."""

    feature: str
    """The feature."""
    unit: str
    """Its unit; may be empty."""


class Dependences(TypedDict):
    """Partial dependence on the most important features."""

    model: str
    """The selected model."""
    objects: int
    """Objects moved along each feature."""
    range: list[float]
    """Quantiles of the training values between which they are moved."""
    features: list[FeatureDependence]
    """By feature."""
    quantiles: NotRequired[list[float]]
    """The quantiles over single objects."""
    reason: str
    """Why there are none."""


class Thumbnail(TypedDict):
    """A small picture in eight bits."""

    shape: list[int]
    """Height, width, channels [pixel]."""
    bytes: str
    """Row by row, in base64."""


class Neighbour(TypedDict):
    """A training object that is like another one."""

    id: str
    """The object."""
    target: str | float
    """Its class or number."""
    distance: float
    """How far it is, in standardised features."""
    features: dict[ColumnName, float | None]
    """Its features."""
    thumbnail: Thumbnail | None
    """Its image."""


class Beside(TypedDict):
    """An object beside the training objects that are most like it."""

    features: dict[ColumnName, float | None] | None
    """Its features; null where the model is shown no numbers."""
    thumbnail: Thumbnail | None
    """Its image."""
    distance: float | None
    """Mean distance of its neighbours."""
    neighbours: list[Neighbour] | None
    """The nearest first; null where there is nothing to compare by."""


class NamedError(TypedDict):
    """An object, its truth and its prediction."""

    id: str
    """The object."""
    truth: str | float
    """Class or number."""
    prediction: str | float
    """Class or number."""


Looks = Literal["truth_is_odd", "model_is_odd", "unlike_training", "mixed"]


class WorstError(NamedError, Beside):
    """A bad error, beside the training objects that are most like it."""

    size: float | None
    """What it is ranked by; null where that is chance."""
    times_usual: float | None
    """Its distance over the usual one."""
    looks: Looks | None
    """What the error looks like; null without neighbours."""


#: How the worst errors are chosen.
Ranked = Literal["residual", "residual_in_errors", "confidence", "chance"]


class WorstErrors(TypedDict):
    """The worst errors, one of a unit."""

    model: str
    """The selected model."""
    split: str
    """The split they are of."""
    ranked_by: Ranked
    """How they were chosen."""
    columns: list[str]
    """What objects are compared by."""
    objects: list[WorstError]
    """The worst first."""
    usual_distance: NotRequired[float | None]
    """Median distance of training objects from their neighbours."""
    far_distance: NotRequired[float | None]
    """Beyond it an object is unlike all training objects."""
    reason: str
    """Why there are none, or no neighbours."""


class BrokenShare(TypedDict):
    """How many predictions break a rule."""

    objects: int
    """Objects that the rule holds for."""
    violations: int
    """Of these, those that break it."""
    examples: list[str]
    """Some of them."""
    share: float | None
    """Their fraction."""
    n_units: int
    """Units of the objects."""
    low: float | None
    """Lower limit of the share."""
    high: float | None
    """Upper limit."""
    reason: str
    """Why there is no share or no interval."""


class StatedRule(TypedDict):
    """A rule that predictions ought to obey."""

    name: str
    """Its name."""
    low: float | None
    """Least allowed value, in the target's unit."""
    high: float | None
    """Largest allowed value."""
    classes: list[str] | None
    """Allowed classes."""
    where: dict[ColumnName, dict[str, Any]]
    """For which objects: low and below of columns."""
    function: str | None
    """The study's own function."""
    automatic: bool
    """Whether nobody wrote it: it follows from the training targets."""


class PlausibleRule(StatedRule):
    """A rule, and how many predictions break it."""

    said: str
    """What predictions that break it are, in words."""
    models: dict[ModelName, BrokenShare]
    """By model."""


class Plausible(TypedDict):
    """Predictions against laws of nature, or rules of the study."""

    split: str
    """The split that is looked at."""
    reason: str
    """Why there is no rule."""
    rules: list[PlausibleRule]
    """By rule."""


class Understanding(TypedDict):
    """What does the model rest on, where does it go wrong, and does it break a rule?"""

    importance: Importance
    """What the score loses when objects exchange features."""
    dependence: Dependences
    """How predictions follow a feature."""
    worst: WorstErrors
    """The worst errors."""
    plausible: Plausible
    """Predictions that cannot be."""
    findings: list[FindingEntry]
    """Rules that the selected model breaks too often."""
