"""For whom does the model fail?"""

from typing import Any


def make_groups(**about: Any) -> dict[str, Any]:
    """Return the content of ``evaluate/groups.json``."""
    return {"findings": []}
