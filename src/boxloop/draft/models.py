"""Choose models from simple to complex, with spaces that fit the size of the data."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from boxloop.study.searching import Hyperparameters

#: Values in the table of features (rows times columns, for classes times their number) up to which
#: a model is tried in so many ways. Measured so that a whole study takes minutes on two cores.
SMALL, MIDDLE, LARGE = 300_000, 5_000_000, 20_000_000
#: The network that is tried for images and light curves, and how it is trained: few objects need
#: small batches to learn anything, and early stopping ends what learns no more.
NETWORKS = {"image": "cnn", "light_curve": "cnn1d"}
BATCH, EPOCHS = 64, 30


class ModelSection(TypedDict):
    """A model of the section ``models``."""

    name: str
    inputs: NotRequired[list[str]]
    parameters: NotRequired[Hyperparameters]
    space: NotRequired[dict[str, list[float]]]


@dataclass(frozen=True)
class Size:
    """How much there is to learn from.

    Attributes
    ----------
    rows, columns : int
    classes : int
        0 for a regression.
    """

    rows: int
    columns: int
    classes: int = 0

    @property
    def values(self) -> int:
        """Numbers that a model looks at."""
        return self.rows * max(1, self.columns)


def choose_models(task: str, size: Size, *, balanced: bool = True) -> list[ModelSection]:
    """Return the section ``models`` for a table: what predicts without data first, boosting last.

    Parameters
    ----------
    task : str
        classification or regression.
    size : Size
    balanced : bool
        Whether classes are of like size; else models weigh small ones up.
    """
    weights: Hyperparameters = {}
    if task == "classification" and not balanced:
        weights = {"class_weight": "balanced"}
    tree: ModelSection = {
        "name": "tree",
        "parameters": {"min_samples_leaf": 5, **weights},
        "space": {"max_depth": [3, 5, 8, 12] if size.values <= MIDDLE else [4, 8]},
    }
    models: list[ModelSection] = [{"name": "dummy"}, _first(task, size, weights), tree]
    if size.values <= LARGE:
        models.append(_forest(size, weights))
    return [*models, _boosting(size)]


def choose_models_for_arrays(task: str, inputs: str, *, table: bool) -> list[ModelSection]:
    """Return models for images or light curves: as one long row of numbers, then convolved.

    Parameters
    ----------
    task : str
        classification or regression.
    inputs : str
        image or light_curve.
    table : bool
        Whether there are features too, which the network does not see.
    """
    seen = ["table", inputs] if table else [inputs]
    trees = {"n_estimators": 100, "min_samples_leaf": 2, "max_features": "sqrt"}
    simple: ModelSection = {"name": "logistic", "inputs": seen, "parameters": {"C": 0.001}}
    if task == "regression":
        simple = {"name": "linear", "inputs": seen, "parameters": {"alpha": 1000.0}}
    network: ModelSection = {
        "name": NETWORKS[inputs],
        "parameters": {"batch_size": BATCH, "epochs": EPOCHS},
    }
    forest: ModelSection = {"name": "forest", "inputs": seen, "parameters": trees}
    return [{"name": "dummy"}, simple, forest, network]


def _first(task: str, size: Size, weights: Hyperparameters) -> ModelSection:
    if task == "regression":
        return {"name": "linear", "space": {"alpha": [0.0, 1.0, 100.0]}}
    steps = [0.1, 1.0, 10.0] if size.values * size.classes <= SMALL else [1.0]
    model: ModelSection = {"name": "logistic", "space": {"C": steps}}
    if weights:
        model["parameters"] = weights
    return model


def _forest(size: Size, weights: Hyperparameters) -> ModelSection:
    small = size.values <= SMALL
    fixed = {"n_estimators": 100 if small else 50, "max_features": 0.3, **weights}
    leaves: list[float] = [1, 5] if small else [5] if size.values <= MIDDLE else [20]
    return {"name": "forest", "parameters": fixed, "space": {"min_samples_leaf": leaves}}


def _boosting(size: Size) -> ModelSection:
    small = size.values * max(1, size.classes) <= SMALL
    space: dict[str, list[float]] = {
        "learning_rate": [0.05, 0.15] if small else [0.1],
        "max_leaf_nodes": [15, 31] if small else [31],
    }
    return {"name": "boosting", "space": space}
