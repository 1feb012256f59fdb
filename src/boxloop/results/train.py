"""What stands in train/<model>/: what a model learnt, and how it was fitted."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from boxloop.results.prepare import Recipe


class FittedTrial(TypedDict):
    """Which model was fitted."""

    model: str
    """Its name in the study."""
    kind: str | None
    """The registered model; null for a function of one's own."""
    function: str | None
    """One's own function; null for a registered model."""
    inputs: list[str] | None
    """Which data it sees; null where the study does not say."""
    hyperparameters: dict[str, Any]
    """Values by hyperparameter."""
    precision: NotRequired[str]
    """In what a network computes, where it is not float32."""


class TreeNode(TypedDict):
    """A node of a decision tree."""

    depth: int
    """0 for the root."""
    rows: int
    """Fitting rows in the node."""
    value: float | list[float]
    """Mean of the target, or share of each class."""
    column: NotRequired[str]
    """The column that it is split by; a leaf has none."""
    cut: NotRequired[float]
    """Values up to it go left [unit of the column]."""
    left: NotRequired[int]
    """Place of the left child in the list."""
    right: NotRequired[int]
    """Place of the right child in the list."""


class FitDescription(FittedTrial):
    """The content of train/<model>/fit.json."""

    classes: list[str]
    """Classes in sorted order; none of a regression."""
    rows: int
    """Fitting rows."""
    epochs: int | None
    """Epochs of training; null but for networks."""
    seconds: float
    """Time that the fit took [s]."""
    parameters: int | None
    """Number of weights; null but for networks."""
    importances: dict[str, float] | None
    """Importance of each column, as the model itself gives it; null where it gives none."""
    final_loss: float | None
    """Loss of the last epoch; null but for networks."""
    scaling: list[float]
    """Centre and scale that a network's target was brought to [unit of the target]."""
    gpu: NotRequired[str]
    """Name of the GPU that the network was trained on, where there was one."""
    components: NotRequired[int]
    """Number of Gaussians of a model that predicts distributions."""
    point: NotRequired[str]
    """What of a distribution is the prediction: mean or median."""
    tree: NotRequired[list[TreeNode]]
    """Nodes of a decision tree down to depth 8, the root first."""


class LearntCurves(TypedDict):
    """What was learnt of light curves; empty where the model sees none."""

    length: NotRequired[int]
    """Epochs of the longest."""
    bands: NotRequired[list[str]]
    """Bands in sorted order."""
    errors: NotRequired[bool]
    """Whether there are errors."""
    centre: NotRequired[float]
    """Mean of the values."""
    scale: NotRequired[float]
    """Standard deviation of the values."""
    step: NotRequired[float]
    """Median time between two epochs."""


class LearntRecipe(TypedDict):
    """The content of train/<model>/recipe.json."""

    unfitted: Recipe
    """The recipe as *prepare* wrote it."""
    indicators: list[str]
    """Of its indicators those that vary among the fitting rows."""
    centre: list[float]
    """Mean of each column; none where values are kept as they are."""
    scale: list[float]
    """Standard deviation of each column."""
    fill: list[float]
    """What stands for a missing value of each column: its median."""
    image_centre: list[float]
    """Mean of each channel."""
    image_scale: list[float]
    """Standard deviation of each channel."""
    light_curve: LearntCurves
    """What was learnt of light curves."""


class ExternalPredictions(TypedDict):
    """The content of train/<model>/model.json: somebody else's predictions."""

    kind: str
    """What it is instead of a model: predictions."""
    name: str
    """Name of the model, with which its columns begin."""
    classes: list[str]
    """Classes in sorted order; none of a regression."""
