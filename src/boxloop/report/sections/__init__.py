"""Sections of the report that each tell one file of the evaluation."""

from typing import Any

from boxloop.report.evidence import Evidence
from boxloop.report.numbers import Numbers
from boxloop.report.sections import audit, calibration, degraders, given, groups, shift, understanding

#: By the short name of the file (given: a part of metrics.json), in the order of the report. Each
#: has its template in templates/sections, for the page and for LaTeX.
SECTIONS = {
    "given": given.section,
    "audit": audit.section,
    "groups": groups.section,
    "calibration": calibration.section,
    "shift": shift.section,
    "degraders": degraders.section,
    "understanding": understanding.section,
}


def sections(evidence: Evidence, n: Numbers) -> dict[str, dict[str, Any]]:
    """Return the content of every section, by name."""
    return {name: section(evidence, n) for name, section in SECTIONS.items()}
