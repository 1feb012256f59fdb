"""The checklist: answered by evidence where the pipeline measures it, by persons elsewhere."""

from boxloop.ethics.checklist import make_checklist, require_complete
from boxloop.ethics.measured import Evidence, Results

__all__ = ["Evidence", "Results", "make_checklist", "require_complete"]
