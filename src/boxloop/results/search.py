"""What stands in the files of *search*: trials, plans, the choice, and what tests the result."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from boxloop.study.trials import Trial

__all__ = ["Trial"]


class FoldScores(TypedDict):
    """What the folds of a trial gave."""

    status: Literal["done", "failed", "not_run"]
    """Whether it has scores."""
    reason: str
    """Why not; empty where it has."""
    scores: list[float | None]
    """The metric of each fold; null where it is not defined."""
    mean: float | None
    """Mean of the scores."""
    std: float | None
    """Their standard deviation."""
    train_scores: list[float | None]
    """The metric on at most 5,000 fitting rows of each fold."""
    train_mean: float | None
    """Mean of these."""
    epochs: list[int] | None
    """Epochs that each fold was trained for; null but for networks."""
    rung: int | None
    """Epochs after which halving stopped it; null where it did not."""
    parameters: int | None
    """Number of weights; null but for networks."""


class TrialResult(Trial, FoldScores):
    """A trial of search/chunks/<model>-<n>.json."""

    seconds: float
    """Time that all folds took [s]; trials trained as one share it."""


class NearlyBest(TypedDict):
    """The models that are hardly worse than the best."""

    best: str
    """The model of the best mean."""
    simplest: str
    """The first of `within`."""
    within: list[str]
    """Candidates so near to the best, from simple to complex."""
    standard_error: float | None
    """Corrected standard error of the best one's mean."""


class ChosenTrial(TypedDict):
    """The best trial of a model."""

    trial: str
    """Its identifier."""
    kind: str | None
    """The registered model; null for a function of one's own."""
    function: str | None
    """One's own function; null for a registered model."""
    inputs: list[str] | None
    """Which data it sees; null where the study does not say."""
    hyperparameters: dict[str, Any]
    """Values by hyperparameter."""
    mean: float | None
    """Mean of its scores."""
    std: float | None
    """Their standard deviation."""
    scores: list[float | None]
    """The metric of each fold."""
    precision: NotRequired[str]
    """In what a network computes, where it is not float32."""


class SelectedModel(ChosenTrial):
    """A model as the search leaves it."""

    candidate: bool
    """Whether it could be selected."""
    epochs: int | None
    """Median over the folds; null but for networks."""


class Selected(TypedDict):
    """The content of search/selected.json."""

    metric: str
    """By which models are chosen."""
    selected: str
    """Name of the selected model."""
    choose: str
    """best or one_standard_error."""
    repeats: int
    """How often the objects were dealt into folds."""
    one_standard_error: NearlyBest
    """The models that are hardly worse than the best."""
    models: dict[str, SelectedModel]
    """The best trial of each model, by name, simple to complex."""


class OuterModel(TypedDict):
    """A model of a search without one outer fold."""

    trial: str
    """Its best trial there."""
    mean: float | None
    """Mean of its scores there."""
    hyperparameters: dict[str, Any]
    """Values by hyperparameter."""


class OuterFold(TypedDict):
    """The content of search/outer/<n>.json."""

    outer: int
    """Number of the outer fold."""
    selected: str
    """The model that the search without it selects."""
    rows: int
    """Objects of the fold."""
    models: dict[str, OuterModel]
    """All models, by name."""


class ShuffledRun(TypedDict):
    """Scores of a model that learnt from shuffled labels."""

    run: int
    """Its number."""
    score: float | None
    """Out of fold; null where the metric is not defined."""
    low: NotRequired[float]
    """2.5 % of further shuffles score less."""
    median: NotRequired[float]
    """Median score of further shuffles."""
    high: NotRequired[float]
    """97.5 % of further shuffles score less."""
    p: NotRequired[float]
    """Probability of a score at least as good by chance."""
    shuffles: NotRequired[int]
    """Number of further shuffles."""


class AgainTrained(TypedDict):
    """What the folds gave when trained again."""

    scores: list[float | None]
    """The metric of each fold."""
    mean: float | None
    """Mean of the scores."""
    std: float | None
    """Their standard deviation."""
    train_mean: float | None
    """Mean score on fitting rows."""
    epochs: list[int] | None
    """Epochs of each fold; null but for networks."""


class LearningPoint(TypedDict):
    """How much there was to learn from."""

    fraction: float
    """Of the independent units."""
    rows: float
    """Fitting rows, mean over the folds."""


class LearningRun(LearningPoint, AgainTrained):
    """Scores with fewer objects to learn from."""


class SeedPoint(TypedDict):
    """From which seed it was trained."""

    run: int
    """Its number."""
    seed: int
    """The seed."""


class SeedRun(SeedPoint, AgainTrained):
    """Scores from another seed."""


class Gain(TypedDict):
    """By how much one score is better than another on the same objects."""

    gain: float
    """Positive where the second is better."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""
    n_units: int
    """Number of independent units."""


class Reweighted(TypedDict):
    """Scores on objects weighted to look like the target sample."""

    effective: float
    """Effective sample size, a fraction of the objects."""
    plain: float
    """Score of the model as it is."""
    reweighted: float
    """Score of the model that learnt under the weights."""


class ReweightRun(Reweighted, Gain):
    """What weighting towards the target sample does."""


class TimeOrdered(TypedDict):
    """Scores on stretches of time."""

    any_time: float
    """Learnt from objects of any time."""
    past: float
    """Learnt from as many objects of the past."""


class TimeOrderRun(TimeOrdered, Gain):
    """Whether the past predicts the future as well as neighbours in time do."""


#: What was run, by purpose.
Runs = (
    list[ShuffledRun] | list[LearningRun] | list[SeedRun] | list[ReweightRun] | list[TimeOrderRun]
)


class Probe(TypedDict):
    """The content of search/probes/<purpose>.json."""

    purpose: str
    """shuffled, learning_curve, seeds, reweight or time_order."""
    model: str
    """The selected model."""
    trial: str
    """Its trial."""
    metric: str
    """By which it is scored."""
    score: float | None
    """Its mean score in the search."""
    runs: Runs
    """What was run, by purpose."""
    reason: str
    """Why there are no runs; empty where there are."""
