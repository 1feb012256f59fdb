"""Is the result what it seems: sets apart, chance at chance, the test set opened seldom?"""

from typing import Any


def make_audit(**about: Any) -> dict[str, Any]:
    """Return the content of ``evaluate/audit.json``."""
    return {"findings": []}
