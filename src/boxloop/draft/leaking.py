"""Look for columns that give the target away, in the rows outside the test set of the study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.exploration.leaks import leak_audit
from boxloop.draft.lineage import Relation, find_relations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.store import Table

#: Features that a draft offers to its models at the most.
MOST = 200
#: Audits until nothing new is found: taking one column out may uncover another.
ROUNDS = 4


@dataclass
class Audit:
    """What gives the target away.

    Attributes
    ----------
    out : dict
        Features to leave out, each with the evidence.
    doubtful : dict
        Features that stay and should be looked at, each with the evidence.
    relations : list of Relation
        Features that were computed from others.
    pairs : dict
        For a feature left out because of pairs, its partner in each of them.
    """

    out: dict[str, str] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    pairs: dict[str, list[set[str]]] = field(default_factory=dict)


def audit(table: "Table", *, task: str, seed: int, group: str | None) -> Audit:
    """Look for leaks and for computed columns.

    Parameters
    ----------
    table : Table
        As the data stage makes it: the target is null for the test objects, whose rows are not
        looked at.
    task : str
    seed : int
    group : str or None
        Column of the independent unit.
    """
    target = table.named("target")
    if target is None:
        return Audit(relations=find_relations(_features(table, slice(None))))
    known = ~np.asarray(pd.isna(table.column(target)))
    answers = table.column(target)[known]
    features = _features(table, known)
    found = Audit(relations=find_relations(features))
    if task == "regression":
        found.out.update(_computed_with(target, features, answers))
    groups = None if group is None else table.column(group)[known]
    for left in range(ROUNDS, 0, -1):
        seen = pd.DataFrame({n: v for n, v in features.items() if n not in found.out})
        new = _audited(seen, answers, found, task=task, seed=seed, groups=groups)
        found.out.update(new)
        if not new or left == 1:
            break
    _take_back(found)
    found.relations = [r for r in found.relations if r.column not in found.out]
    return found


def _take_back(found: Audit) -> None:
    """Offer a feature again whose partners all went for reasons of their own."""
    for name, partners in found.pairs.items():
        if all(partner & (set(found.out) - {name}) for partner in partners):
            del found.out[name]


def relevant(table: "Table", task: str) -> list[str]:
    """Return the features that say most about the target, at most `MOST`, in the table's order.

    By rank correlation, or the part of the variance of ranks between classes; test rows are not
    looked at.
    """
    target, names = table.named("target"), table.of_role("feature")
    if len(names) <= MOST or target is None:
        return names[:MOST]
    known = ~np.asarray(pd.isna(table.column(target)))
    rows = np.flatnonzero(known)[:20_000]
    answers = pd.Series(table.column(target)[rows])
    codes = answers if task == "regression" else pd.Series(pd.factorize(answers)[0])
    strength = {n: _strength(table.column(n)[rows], codes, task) for n in names}
    best = set(sorted(names, key=lambda n: -strength[n])[:MOST])
    return [n for n in names if n in best]


def _features(table: "Table", rows: Any) -> dict[str, "NDArray[np.float64]"]:
    return {n: table.column(n)[rows].astype(np.float64) for n in table.of_role("feature")}


def _computed_with(
    target: str, features: Mapping[str, "NDArray[np.float64]"], answers: "NDArray[Any]"
) -> dict[str, str]:
    """Find features that an exact relation ties to the target, alone or with another feature."""
    numbers = np.asarray(answers, dtype=np.float64)
    found: dict[str, str] = {}
    for relation in find_relations({target: numbers, **features}, last=target):
        members = [n for n in (relation.column, *relation.parents) if n != target]
        if target in (relation.column, *relation.parents) and not set(members) & set(found):
            found[members[-1]] = f"gives the target away exactly: {relation.equation}"
    return found


def _audited(
    features: pd.DataFrame,
    answers: "NDArray[Any]",
    found: Audit,
    *,
    task: str,
    seed: int,
    groups: "NDArray[Any] | None",
) -> dict[str, str]:
    """Audit once; return the columns to leave out, and note the doubtful ones."""
    if features.empty:
        return {}
    lineage = {r.column: list(r.parents) for r in found.relations}
    findings = leak_audit(features, answers, task=task, seed=seed, groups=groups, lineage=lineage)
    sure = [f for f in findings if _beyond_doubt(f)]
    out = {f.column: f.message for f in sure if f.kind == "leak" and f.column}
    pairs = [f for f in sure if f.kind == "leak_pair" and not set(_both(f)) & set(out)]
    covered = _cover({_both(f): f.message for f in pairs}, [str(n) for n in features])
    out.update(covered)
    for name in covered:
        found.pairs[name] = [set(_both(f)) - {name} for f in pairs if name in _both(f)]
    for finding in findings:
        if not _beyond_doubt(finding):
            for name in _both(finding):
                found.doubtful.setdefault(name, finding.message)
    return out


def _beyond_doubt(finding: Any) -> bool:
    """Whether to leave something out: what is certain, and a column far better than all others.

    Taking an honest column in again is taking a sign away; a leak that stays spoils every number.
    """
    alone = finding.kind == "leak" and finding.evidence.get("others") is not None
    return finding.severity == "high" or (alone and "class" not in finding.evidence)


def _both(finding: Any) -> tuple[str, ...]:
    return tuple(finding.columns) if finding.columns else (finding.column,)


def _cover(pairs: Mapping[tuple[str, ...], str], order: Sequence[str]) -> dict[str, str]:
    """Choose as few columns as break every pair: that of most pairs first, else the later one."""
    left, chosen = dict(pairs), {}
    while left:
        counts = Counter(name for pair in left for name in pair)
        worst = max(counts, key=lambda n: (counts[n], order.index(n)))
        chosen[worst] = next(message for pair, message in left.items() if worst in pair)
        left = {pair: message for pair, message in left.items() if worst not in pair}
    return chosen


def _strength(values: "NDArray[np.float64]", codes: "pd.Series[Any]", task: str) -> float:
    ranks = pd.Series(values).rank()
    if ranks.notna().sum() < 10 or ranks.nunique() < 2:
        return 0.0
    if task == "regression":
        return float(np.nan_to_num(abs(ranks.corr(codes.rank()))))
    means = ranks.groupby(codes.to_numpy()).transform("mean")
    return float(np.nan_to_num(np.sqrt(means.var() / ranks.var())))
