"""How large is a quantity of an object?"""

from typing import TYPE_CHECKING, Any

from boxloop.tasks.base import Conformal, Task

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Regression(Task):
    """The target is one number."""

    def encode(self, values: "NDArray[Any]") -> tuple["NDArray[Any]", tuple[str, ...]]:
        """Return the numbers (n,), and no classes."""
        return values.astype(float), ()

    def predictions(self, column: "pd.Series[Any]") -> "pd.Series[Any]":
        """Return the numbers, whatever type an empty column was read as."""
        return column.astype("float64")


REGRESSION = Regression(
    name="regression",
    kind_of_target="number",
    conformal=Conformal(
        "intervals",
        methods=("cqr", "absolute"),
        applied=("cqr", "absolute"),
        columns=("low", "high"),
    ),
    inapplicable={"prevalence": "the target is a number: it has no classes"},
)
