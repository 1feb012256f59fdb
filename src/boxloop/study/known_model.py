"""What is known of a model that one can name in a study; `known_models` has a line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

#: What every network takes besides the parameters of its architecture.
FITTING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "weight_decay": None,
    "batch_size": 256,
    "epochs": 30,
    "patience": 5,
    "loss": None,
}


@dataclass(frozen=True)
class KnownModel:
    """A model, and what has to be known of it.

    Attributes
    ----------
    build : str
        The function that builds it, as ``module:function``; empty where predictions are read from
        the table, and there is nothing to build.
    defaults : mapping of str to Any
        Its hyperparameters and their defaults.
    task : str
        The one task it can be used for; empty: for all that predict.
    sees : str
        The one kind of data it sees, where it is not for all: other models see the table, or what
        `inputs` names, images and light curves as rows of numbers.
    keeps_missing : bool
        Whether it takes NaN as it is; else its recipe imputes and scales.
    mixture : bool
        Whether it predicts a mixture of Gaussians (`components` of them) and not a number.
    probabilities : bool
        Whether it gives probabilities of classes.
    reconstructs : bool
        Whether its last output is the error of a reconstruction of its inputs, a part of the loss.
    grows : str
        The hyperparameter that says how far an ensemble grows; a smaller one is a larger one's
        beginning.
    """

    build: str
    defaults: Mapping[str, Any]
    task: str = ""
    sees: str = ""
    keeps_missing: bool = False
    mixture: bool = False
    probabilities: bool = True
    reconstructs: bool = False
    grows: str = ""

    @property
    def network(self) -> bool:
        """Whether it is a Keras network and not a scikit-learn estimator."""
        return "epochs" in self.defaults

    def builder(self) -> Callable[..., Any]:
        """Return the function that builds it."""
        if not self.build:
            raise TypeError("somebody else's predictions are read from the table: nothing is built")
        module, _, name = self.build.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found
