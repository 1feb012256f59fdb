"""Sections of the report that each tell one file of the evaluation."""

from typing import Any

from boxloop.report.evidence import Evidence
from boxloop.report.numbers import Numbers
from boxloop.report.sections import (
    audit,
    calibration,
    degraders,
    given,
    groups,
    shift,
    understanding,
)

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

#: Figures that stand in a section of the page; all others stand with the data or the results.
FIGURES_OF = {
    "audit": ("learning_curve",),
    "groups": ("groups",),
    "calibration": ("reliability", "coverage", "conformal", "calibration_pdf"),
    "shift": ("shift", "prevalence", "applied"),
    "degraders": ("degraders",),
    "understanding": (
        "importances",
        "permutation_importance",
        "partial_dependence",
        "worst_images",
    ),
}


def sections(evidence: Evidence, n: Numbers) -> dict[str, dict[str, Any]]:
    """Return the content of every section, by name."""
    return {name: section(evidence, n) for name, section in SECTIONS.items()}
