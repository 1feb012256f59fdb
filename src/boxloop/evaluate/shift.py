"""Are the training objects like those that the model is for?"""

from typing import Any


def make_shift(**about: Any) -> dict[str, Any]:
    """Return the content of ``evaluate/shift.json``."""
    return {"findings": []}
