"""Made-up comparisons of all pairs of models, and of models within one standard error."""

from typing import Any

ONE_STANDARD_ERROR = {
    "best": "forest",
    "simplest": "linear",
    "within": ["linear", "forest"],
    "standard_error": 0.0021,
}


def pair(row: dict[str, Any]) -> dict[str, Any]:
    """A comparison with the tests of a pair, of which one does not apply."""
    return {
        **row,
        "candidates": True,
        "bootstrap": {"p": 0.0001, "p_holm": 0.0003},
        "mcnemar": {"p": None, "p_holm": None, "reason": "it is for classes"},
        "folds": {"p": 0.03, "p_holm": 0.09},
    }
