"""The checklist: answered by evidence where the pipeline measures it, by persons elsewhere."""

from boxloop.ethics.checklist import OPEN, make_checklist, require_complete, status_of
from boxloop.ethics.deon import for_deon
from boxloop.ethics.evidence import FILES, EvidenceItem, Results

__all__ = [
    "FILES",
    "OPEN",
    "EvidenceItem",
    "Results",
    "for_deon",
    "make_checklist",
    "require_complete",
    "status_of",
]
