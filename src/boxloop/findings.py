"""A finding: one remark on data or results, in words and numbers; and how findings are ranked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from boxloop.results.common import FindingEntry

Severity = Literal["high", "medium", "low"]
_RANK = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Finding:
    """One remark on the data or the results.

    Attributes
    ----------
    severity : {"high", "medium", "low"}
    kind : str
        A name of `boxloop.study.vocabulary.FINDINGS` or `REMARKS`.
    column : str or None
        The column it is about; the first of them where there are several.
    message : str
        Complete sentences, with the numbers.
    evidence : dict
        The numbers; ``rows`` is how many objects are touched.
    columns : tuple of str
        All columns it is about; `column` alone where nothing is said.
    """

    severity: Severity
    kind: str
    column: str | None
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns and self.column is not None:
            object.__setattr__(self, "columns", (self.column,))


def known(number: float | None) -> float:
    """Return a number of a record that may be null there, where it is not."""
    assert number is not None
    return number


def ranked(findings: Iterable[Finding]) -> list["FindingEntry"]:
    """Return findings as plain data: the serious first, then those that touch more objects."""
    order = sorted(findings, key=lambda f: (_RANK[f.severity], -(f.evidence.get("rows") or 0)))
    return [
        {
            "severity": f.severity,
            "kind": f.kind,
            "column": f.column,
            "message": f.message,
            "evidence": f.evidence,
            "columns": list(f.columns),
        }
        for f in order
    ]
