"""evaluate/details.json: what the figures of the evaluation show."""

from typing import NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import ClassName, Histogram, ModelName


class Confusion(TypedDict):
    """A confusion matrix."""

    classes: list[str]
    """Sorted."""
    matrix: list[list[int]]
    """Objects; rows are the truth."""


class ClassScore(TypedDict):
    """A score of one class against the rest."""

    value: float | None
    """The score; null where there is no object that it could be a fraction of."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""
    n: int
    """The objects that it is a fraction of."""
    reason: str
    """Why there is no value or no interval."""


class PerClass(TypedDict):
    """Scores of a class for itself."""

    n: int
    """Its objects."""
    named: int
    """Objects put into it."""
    precision: ClassScore
    """Of the objects put into it, those that belong there."""
    recall: ClassScore
    """Of its objects, those put into it."""
    f1: ClassScore
    """Harmonic mean of both."""
    specificity: ClassScore
    """Of the other objects, those not put into it."""


class Scatter(TypedDict):
    """Prediction against truth, as counts of objects."""

    edges_x: list[float]
    """Edges of the truth, in the target's unit."""
    edges_y: list[float]
    """Edges of the prediction, in the target's unit."""
    counts: list[list[int]]
    """Objects; rows are the truth."""


class NominalCoverage(TypedDict):
    """How often central intervals hold the truth."""

    nominal: float
    """The fraction that they ought to hold."""
    found: float
    """The fraction that they hold."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""


class Example(TypedDict):
    """The predicted distribution of one object."""

    id: str
    """The object."""
    truth: float
    """Its true value, in the target's unit."""
    at: list[float]
    """Values of the target."""
    density: list[float]
    """The density there."""


class Opening(TypedDict):
    """An entry of a ledger: an opening of the test set."""

    study: NotRequired[str]
    """Whose ledger it stands in; not in the ledger itself."""
    key: str
    """Hash of data, test set and what the study asks of them."""
    test_set: str
    """Hash of data and test set."""
    metric: str
    """The study's metric."""
    opened: str
    """When (UTC)."""
    score: float | None
    """Score of the selected model; null until it is known."""
    closed: str | None
    """When it was scored (UTC)."""


class Shape(TypedDict, total=False):
    """How prediction and truth lie to each other."""

    confusion: Confusion
    """Of the selected model, in a classification."""
    scatter: Scatter
    """Of the selected model, in a regression."""
    residuals: Histogram
    """Prediction minus truth, in the target's unit, in a regression."""


class Honesty(TypedDict, total=False):
    """Whether predicted distributions are as wide as they ought to be."""

    distribution: str
    """The model that predicts distributions: the selected one if it does."""
    pit: Histogram
    """Its probability integral transform."""
    coverage: list[NominalCoverage]
    """How often its central intervals hold the truth."""
    examples: list[Example]
    """Objects of a narrow, a middling and a wide distribution."""


class Details(Shape, Honesty):
    """What the figures of the evaluation show."""

    split: str
    """The split they show: test in a final study, cv in a draft."""
    model: str
    """The selected model."""
    per_class: NotRequired[dict[ClassName, PerClass]]
    """Of the selected model, in a classification."""
    openings: list[Opening]
    """Entries about this test set in all ledgers of the folder; none in a draft."""
    generalisation_gap: dict[ModelName, float | None]
    """Score on training objects minus that of cross-validation."""
