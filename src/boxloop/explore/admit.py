"""Gates: findings with which a study does not go on to its models."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from boxloop.errors import BoxloopError, suggest

if TYPE_CHECKING:
    from boxloop.results.common import FindingEntry
    from boxloop.results.explore import Admitted

#: Findings that the message tells in full.
TOLD = 5


def admit(
    gates: Sequence[str],
    findings: "Iterable[FindingEntry]",
    *,
    study: str,
    columns: Collection[str] = (),
) -> "Admitted":
    """Let a study pass if none of its findings matches one of its gates.

    Parameters
    ----------
    gates : sequence of str
        Kinds of finding, or ``kind:column``.
    findings : iterable of FindingEntry
        Of explore/all.json and explore/training.json.
    study : str
        Name of the study, for the message.
    columns : collection of str
        All columns that were looked at; where they are given, a gate may name no other.

    Returns
    -------
    dict
        Content of ``explore/admitted.json``: ``gates`` and no ``findings``.

    Raises
    ------
    BoxloopError
        A finding matches, and the message names them and what can be done; or a gate names a
        column that was not looked at.
    """
    findings = list(findings)
    known = {*columns, *(c for f in findings for c in (f.get("column"), *(f.get("columns") or [])))}
    for gate in gates:
        column = gate.partition(":")[2]
        if column and columns and column not in known:
            raise BoxloopError(
                f"study {study}: gates: {gate!r}: the exploration looked at no column {column!r}"
                f"{suggest(column, sorted(k for k in known if k))}"
            )
    stopped = [f for f in findings if any(matches(gate, f) for gate in gates)]
    if not stopped:
        return {"gates": list(gates), "findings": []}
    told = [f"  {f['kind']} ({f['severity']}): {f['message']}" for f in stopped[:TOLD]]
    more = f"\n  ... and {len(stopped) - TOLD} more" if len(stopped) > TOLD else ""
    raise BoxloopError(
        f"study {study}: the key gates ({', '.join(gates)}) stops the search: expected no such "
        f"finding; found {len(stopped)}:\n" + "\n".join(told) + more + "\n"
        "Mend the data, leave the column out (columns.excluded, with the reason), or take the gate "
        "out of gates if you have looked and it is right as it is"
    )


def matches(gate: str, finding: "FindingEntry") -> bool:
    """Say whether a gate, ``kind`` or ``kind:column``, is about a finding."""
    kind, _, column = gate.partition(":")
    if finding["kind"] == "marker_value" and finding["severity"] == "low":
        return False  # declared, and read as missing: there is nothing to mend
    named = {finding.get("column"), *(finding.get("columns") or [])}
    return bool(kind == finding["kind"] and (not column or column in named))
