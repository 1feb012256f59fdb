"""What every task says of its target and of what is predicted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Conformal:
    """What conformal prediction gives.

    Attributes
    ----------
    regions : str
        What holds the truth: sets or intervals.
    methods : tuple of str
        All that are judged.
    applied : tuple of str
        Those that new objects may get; the first that a model can.
    columns : tuple of str
        Of the predictions, with the regions.
    """

    regions: str
    methods: tuple[str, ...]
    applied: tuple[str, ...]
    columns: tuple[str, ...]


_NOTHING = Conformal("", (), (), ())


@dataclass(frozen=True)
class Task:
    """What is asked of the data.

    Attributes
    ----------
    name : str
        As a study file has it.
    kind_of_target : str
        ``classes``, ``number`` or ``none``. Packages that choose a function by the target have a
        table with a line for each kind: the loss, the estimators, the panels of a figure.
    conformal : Conformal
        Empty where nothing is predicted.
    inapplicable : mapping of str to str
        Why an analysis, or a part of one, has no answer here, by its name.
    """

    name: str
    kind_of_target: str
    conformal: Conformal = _NOTHING
    inapplicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def predicts(self) -> bool:
        """Whether there is a target, and models that predict it."""
        return self.kind_of_target != "none"

    @property
    def has_classes(self) -> bool:
        """Whether the target is one of several classes, with a probability for each."""
        return self.kind_of_target == "classes"

    def encode(self, values: "NDArray[Any]") -> tuple["NDArray[Any]", tuple[str, ...]]:
        """Return target values (n,) as a model learns them, and the classes, sorted, if any."""
        raise TypeError(f"{self.name} has no target to encode")

    def strata(self, values: "NDArray[Any]") -> "NDArray[Any] | None":
        """Return that of which all parts of a split hold equal shares (n,); None for nothing."""
        return None

    def predictions(self, column: "pd.Series[Any]") -> "pd.Series[Any]":
        """Return a column of predictions, as it was read, in the target's type."""
        return column
