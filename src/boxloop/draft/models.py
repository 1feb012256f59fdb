"""Choose models from simple to complex, with spaces that fit the size of the data."""

from dataclasses import dataclass
from typing import Any

#: Values in the table of features (rows times columns, for classes times their number) up to which
#: a model is tried in so many ways. Measured so that a whole study takes minutes on two cores.
SMALL, MIDDLE, LARGE = 300_000, 5_000_000, 20_000_000
#: The network that is tried for images and light curves, and how it is trained: few objects need
#: small batches to learn anything, and early stopping ends what learns no more.
NETWORKS = {"image": "cnn", "light_curve": "cnn1d"}
BATCH, EPOCHS = 64, 30


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


def choose_models(task: str, size: Size, *, balanced: bool = True) -> list[dict[str, Any]]:
    """Return the section ``models`` for a table: what predicts without data first, boosting last.

    Parameters
    ----------
    task : str
        classification or regression.
    size : Size
    balanced : bool
        Whether classes are of like size; else models weigh small ones up.
    """
    weights = {} if balanced or task == "regression" else {"class_weight": "balanced"}
    first = _first(task, size, weights)
    tree = {"name": "tree", "parameters": {"min_samples_leaf": 5, **weights}}
    depths = [3, 5, 8, 12] if size.values <= MIDDLE else [4, 8]
    models = [{"name": "dummy"}, first, {**tree, "space": {"max_depth": depths}}]
    if size.values <= LARGE:
        models.append(_forest(size, weights))
    return [*models, _boosting(size)]


def choose_models_for_arrays(task: str, inputs: str, *, table: bool) -> list[dict[str, Any]]:
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
    simple: dict[str, Any] = {"name": "logistic", "inputs": seen, "parameters": {"C": 0.001}}
    if task == "regression":
        simple = {"name": "linear", "inputs": seen, "parameters": {"alpha": 1000.0}}
    network: dict[str, Any] = {
        "name": NETWORKS[inputs],
        "parameters": {"batch_size": BATCH, "epochs": EPOCHS},
    }
    forest: dict[str, Any] = {"name": "forest", "inputs": seen, "parameters": trees}
    return [{"name": "dummy"}, simple, forest, network]


def _first(task: str, size: Size, weights: dict[str, Any]) -> dict[str, Any]:
    if task == "regression":
        return {"name": "linear", "space": {"alpha": [0.0, 1.0, 100.0]}}
    steps = [0.1, 1.0, 10.0] if size.values * size.classes <= SMALL else [1.0]
    model: dict[str, Any] = {"name": "logistic", "space": {"C": steps}}
    return {**model, "parameters": weights} if weights else model


def _forest(size: Size, weights: dict[str, Any]) -> dict[str, Any]:
    small = size.values <= SMALL
    fixed = {"n_estimators": 100 if small else 50, "max_features": 0.3, **weights}
    leaves = [1, 5] if small else [5] if size.values <= MIDDLE else [20]
    return {"name": "forest", "parameters": fixed, "space": {"min_samples_leaf": leaves}}


def _boosting(size: Size) -> dict[str, Any]:
    small = size.values * max(1, size.classes) <= SMALL
    space = {
        "learning_rate": [0.05, 0.15] if small else [0.1],
        "max_leaf_nodes": [15, 31] if small else [31],
    }
    return {"name": "boosting", "space": space}
