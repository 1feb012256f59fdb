"""The members of a stack: what each has of its own, and what comes out for it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Inputs = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Data:
    """The rows that some members learn from, already transformed for them.

    Attributes
    ----------
    inputs : dict of str to ndarray, first axis the n rows
    target : ndarray, shape (n,) or (n, outputs)
    weight : ndarray, shape (n,), or None
        Weights of the rows, of mean 1.
    stopping : Data or None
        The inner slice for early stopping.
    scored : dict of str to ndarray, or None
        Inputs of the rows that each member predicts once it has finished.
    """

    inputs: "Inputs"
    target: "NDArray[Any]"
    weight: "NDArray[np.float32] | None" = None
    stopping: "Data | None" = None
    scored: "Inputs | None" = None

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class Member:
    """One network of a stack.

    Attributes
    ----------
    data : int
        Which of the stack's data it learns from: members of one fold share them.
    seed : tuple
        Root seed and the names of its use: initial weights, dropout and the order of the rows.
    hyperparameters : dict
        ``learning_rate, schedule, epochs, patience`` and, where it differs, ``weight_decay``.
    epochs : int or None
        Train exactly so long, without early stopping.
    """

    data: int
    seed: tuple[Any, ...]
    hyperparameters: dict[str, Any]
    epochs: int | None = None

    @property
    def longest(self) -> int:
        """The most epochs that it may train."""
        return int(self.epochs or self.hyperparameters["epochs"])


@dataclass
class StackedResult:
    """What training gave one member.

    Attributes
    ----------
    weights : list of ndarray
        Of ``model.variables`` of the architecture, in their order.
    output : ndarray, shape (scored rows, outputs), or None
        What the network gives for the rows to be scored.
    history : list of dict
        ``epoch``, ``loss`` and, with a stopping slice, ``stopping_loss``.
    epochs : int
        Epochs that led to the weights kept.
    failure : str
        Why the training broke off; empty where it did not.
    rung : int or None
        After how many epochs it was stopped because others were better.
    """

    weights: "list[NDArray[Any]]" = field(default_factory=list)
    output: "NDArray[np.float32] | None" = None
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int = 0
    failure: str = ""
    rung: int | None = None
