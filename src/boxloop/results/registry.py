"""The JSON files of results/: a line each, from which docs/outputs.md and the schema follow."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class File:
    """A file of results.

    Attributes
    ----------
    path : str
        Relative to results/<study>/; parts in angle brackets stand for names.
    record : str
        ``module:Class`` of its record, or of one entry where the file is a list or goes by name.
    many : {"", "list", "name"}
        Whether the file is a list of such records, or has one by name.
    """

    path: str
    record: str
    many: Literal["", "list", "name"] = ""


FILES: tuple[File, ...] = (
    # evaluate
    File("evaluate/metrics.json", "boxloop.results.metrics:Metrics"),
    File("evaluate/audit.json", "boxloop.results.audit:Audit"),
    File("evaluate/details.json", "boxloop.results.details:Details"),
    File("evaluate/groups.json", "boxloop.results.groups:Groups"),
    File("evaluate/calibration.json", "boxloop.results.calibration:Calibration"),
    File("evaluate/shift.json", "boxloop.results.shift:Shift"),
    File("evaluate/degraders.json", "boxloop.results.degraders:Degraders"),
    File("evaluate/understanding.json", "boxloop.results.understanding:Understanding"),
)
