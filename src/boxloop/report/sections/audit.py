"""Section audit of the report: evaluate/audit.json as numbers with their source."""

from typing import Any

from boxloop.report.evidence import Evidence
from boxloop.report.numbers import Numbers


def section(evidence: Evidence, n: Numbers) -> dict[str, Any]:
    """Return what the templates of this section print."""
    return {}
