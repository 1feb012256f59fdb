"""To which class does an object belong?"""

from typing import TYPE_CHECKING, Any

from boxloop.tasks.base import Conformal, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Classification(Task):
    """The target is one of several classes."""

    def encode(self, values: "NDArray[Any]") -> tuple["NDArray[Any]", tuple[str, ...]]:
        """Return classes as codes (n,) of the sorted ones, and those."""
        import numpy as np

        classes, codes = np.unique(values.astype(str), return_inverse=True)
        return codes, tuple(str(c) for c in classes)

    def strata(self, values: "NDArray[Any]") -> "NDArray[Any] | None":
        """Return the classes themselves."""
        return values


CLASSIFICATION = Classification(
    name="classification",
    kind_of_target="classes",
    conformal=Conformal("sets", methods=("lac", "aps"), applied=("lac",), columns=("set",)),
)
