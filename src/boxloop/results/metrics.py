"""evaluate/metrics.json: every score of every model, and how the models compare."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.results.common import MetricName, ModelName, Score, SplitName, Verdict
from boxloop.results.search import NearlyBest


class MetricScore(Score):
    """A score under one metric."""

    left_out: NotRequired[int]
    """Objects that could not be judged: no positive error (chi2), no prediction, trained on."""


class ComparedModels(TypedDict):
    """A model against another, on the same objects and resamples."""

    model: str
    """The one."""
    other: str
    """The other."""
    split: str
    """The split they are compared on."""
    metric: str
    """The study's metric."""
    difference: float | None
    """Positive where `model` is better; null where a score is not defined."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""
    margin: float
    """Differences below it do not matter."""
    verdict: Verdict
    """What interval and margin say of `model`."""


class Comparison(ComparedModels):
    """The selected model against another."""

    candidate: bool
    """Whether `other` could be selected."""


class Bootstrap(TypedDict):
    """The paired bootstrap test."""

    p: float | None
    """Two-sided; null where there are too few units."""
    p_holm: NotRequired[float | None]
    """Corrected for the number of pairs."""


class McNemar(TypedDict):
    """McNemar's exact test of two classifiers."""

    p: float | None
    """Two-sided."""
    only_first: int | None
    """Objects that only `model` has right."""
    only_second: int | None
    """Objects that only `other` has right."""
    reason: str
    """Why p is null."""
    p_holm: NotRequired[float | None]
    """Corrected for the number of pairs."""


class FoldsTest(TypedDict):
    """The corrected resampled t test of the scores of the same folds."""

    difference: float | None
    """Mean over the folds, positive where `model` is better."""
    standard_error: float | None
    """Corrected for the training objects that folds share."""
    t: float | None
    """Their ratio."""
    p: float | None
    """Two-sided."""
    folds: int
    """Number of folds."""
    reason: str
    """Why there is no test."""
    p_holm: NotRequired[float | None]
    """Corrected for the number of pairs."""


TestName = Literal["bootstrap", "mcnemar", "folds"]


class Pair(ComparedModels):
    """A model against one after it, with tests."""

    candidates: bool
    """Whether both could be selected."""
    bootstrap: Bootstrap
    """By resamples of units."""
    mcnemar: McNemar
    """By the objects that only one has right."""
    folds: FoldsTest
    """By the folds of cross-validation."""


class Comparisons(TypedDict):
    """How the models compare."""

    comparisons: list[Comparison]
    """The selected model against every other."""
    pairs: list[Pair]
    """Each model against every one after it."""
    one_standard_error: NearlyBest | None
    """As in selected.json; null where the folds' scores are not known."""


class PublishedScore(TypedDict):
    """A score that others have published, as the study has it."""

    cite: str
    """Key in the bibliography."""
    metric: str
    """Under which metric."""
    value: float
    """The published score."""
    comparable: Literal["same_objects", "same_sample", "same_survey", "other"]
    """What the two numbers have in common."""
    note: str
    """What to bear in mind when they are compared."""


class Published(PublishedScore):
    """A published score beside ours."""

    ours: float | None
    """Score of the selected model on the split that is shown."""


class Given(TypedDict):
    """What predictions of somebody else are judged by."""

    objects: int
    """Objects of the split shown."""
    missing: int
    """Of these, without a prediction."""
    trained_on: int
    """Of the others, those that it was trained on."""
    judged: int
    """The rest."""
    their_training: int
    """Objects of all splits that it was trained on."""


class Nested(TypedDict):
    """The score of the whole procedure: in each outer fold of the model selected without it."""

    selected: list[str]
    """The model selected for each outer fold."""
    folds: list[dict[str, Any]]
    """Contents of search/outer/<n>.json."""
    scores: dict[MetricName, MetricScore]
    """Of the test objects, each predicted by its fold's own choice."""


class Scored(Comparisons):
    """What scoring all models gives."""

    schema: int
    """Version of this format: 1."""
    study: str
    """Name of the study."""
    task: str
    """What is predicted."""
    provenance: str
    """real, simulated or mixed."""
    status: Literal["draft", "final"]
    """Whether the test set was opened."""
    metric: str
    """The metric that models are chosen by."""
    selected: str
    """The model that cross-validation chose."""
    shown: Literal["cv", "test"]
    """The split that results are shown of."""
    classes: list[str]
    """Sorted; empty for a number."""
    candidates: list[str]
    """Models that could be selected."""
    models: dict[ModelName, dict[SplitName, dict[MetricName, MetricScore]]]
    """Scores, from simple to complex; of somebody else's also of the split `their_training`."""
    rankings: dict[MetricName, list[str]]
    """Models with a value on the split shown, best first."""
    published: list[Published]
    """Published scores."""
    given: NotRequired[dict[ModelName, Given]]
    """Of models of kind `predictions`, where there are any."""


class Metrics(Scored):
    """Scores of all models on all splits, their comparison, and what others have published."""

    protocol: str
    """How the test set is used: the study's `split.protocol`."""
    nested: Nested | None
    """With protocol outer_folds."""
