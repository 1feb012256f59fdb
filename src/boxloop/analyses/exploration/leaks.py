"""Leaks: columns, alone or in pairs, that give the target away as honest measurements do not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.exploration.leak_pairs import CERTAIN, NEARLY, telling_pairs
from boxloop.analyses.exploration.leak_scores import FEWEST, FOLDS, Score, Scorer
from boxloop.findings import Finding, Severity
from boxloop.study.seeds import generator, integer_seed
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows that are drawn at the most.
ROWS = 10_000
#: The same for a column that tells one class of several and beats all others in the rest too.
NEARLY_ALL_CLASSES = 0.06
#: How many times more all the other columns leave unexplained, where it is no honest feature.
TIMES, MANY_TIMES = 3.0, 5.0
#: Pairs that are named at the most.
NAMED = 10


def leak_audit(
    features: pd.DataFrame,
    target: "NDArray[Any]",
    *,
    task: str,
    seed: int,
    groups: "NDArray[Any] | None" = None,
    lineage: Mapping[str, Iterable[str]] | None = None,
) -> list[Finding]:
    """Look for single columns and pairs of columns that give the target away.

    A column or pair is a leak where it gives the target nearly perfectly, and all the other
    columns together come nowhere near. Lines in x and log x find formulae, such as a mass from
    surface gravity and radius; small trees find copies, codes, serial numbers and telling gaps.
    Columns that are nearly perfect do not excuse each other: two copies are two leaks.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, columns)
        Numbers; NaN where missing. What is no number counts as missing.
    target : ndarray, shape (rows,)
        Classes, or numbers; rows without one are left out.
    task : str
    seed : int
        Decides which rows are drawn, at most `ROWS`.
    groups : ndarray, shape (rows,), optional
        Independent units: those learnt from are never scored.
    lineage : mapping of str to iterable of str, optional
        What was computed from what; a column's relatives are not its honest competitors.

    Returns
    -------
    list of Finding
        Of kind leak and leak_pair: high where it is nearly certain, medium where somebody who
        knows the data has to decide. Empty where there are too few rows to tell.
    """
    if features.columns.empty:  # images or light curves alone
        return []
    rows = usable_rows(target, task, seed)
    names, values = _numbers(features, rows)
    answers = np.asarray(target)[rows]
    classes = task_of(task).has_classes
    labels: list[str] = sorted({str(a) for a in answers}) if classes else []
    truth = np.searchsorted(labels, answers.astype(str)) if classes else answers.astype(np.float64)
    if len(rows) < FEWEST or not names or len(np.unique(truth)) < 2:
        return []
    scorer = Scorer(
        values,
        truth,
        classes=classes,
        seed=integer_seed(seed, "explore", "leaks"),
        groups=_units(values, None if groups is None else np.asarray(groups)[rows]),
    )
    singles = {i: s for i in range(len(names)) if (s := scorer.score([i])) is not None}
    strong: dict[tuple[int, ...], Score] = {(i,): s for i, s in singles.items() if s.rest < NEARLY}
    strong |= telling_pairs(scorer, singles)
    return _judged(scorer, names, strong, singles, labels, lineage or {})


def usable_rows(target: "NDArray[Any]", task: str, seed: int) -> "NDArray[np.intp]":
    """Return the rows that an audit looks at: of known targets and of classes that are not tiny."""
    there = _KNOWN[task_of(task).kind_of_target](pd.Series(np.asarray(target)))
    rows = np.flatnonzero(there)
    if len(rows) <= ROWS:
        return rows
    return np.sort(generator(seed, "explore", "leaks").choice(rows, ROWS, replace=False))


def _known_numbers(target: "pd.Series[Any]") -> "NDArray[np.bool_]":
    return np.isfinite(pd.to_numeric(target, errors="coerce").to_numpy(dtype=float))


def _known_classes(target: "pd.Series[Any]") -> "NDArray[np.bool_]":
    """Return where there is a class; one of few objects can neither be learnt nor scored."""
    counts = target.map(target.value_counts()).to_numpy(dtype=float, na_value=0)
    return target.notna().to_numpy() & (counts >= 10 * FOLDS)


_KNOWN = {"classes": _known_classes, "number": _known_numbers}


def _numbers(
    features: pd.DataFrame, rows: "NDArray[np.intp]"
) -> tuple[list[str], "NDArray[np.float64]"]:
    some = features.iloc[rows]
    found = {}
    for name in some.columns:
        column = pd.to_numeric(some[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        column = np.where(np.isfinite(column), column, np.nan)
        if len(np.unique(column)) > 1:
            found[str(name)] = column
    return list(found), np.column_stack(list(found.values())) if found else np.empty((len(rows), 0))


def _units(
    values: "NDArray[np.float64]", groups: "NDArray[Any] | None"
) -> "NDArray[np.intp] | None":
    """Return what stays in one fold: the groups given, or else rows that are equal in all columns.

    A star that is listed once for each of its planets would otherwise be learnt by heart.
    """
    if groups is not None:
        return np.asarray(pd.factorize(groups)[0])
    same = pd.util.hash_pandas_object(pd.DataFrame(values), index=False).to_numpy()
    units = np.asarray(pd.factorize(same)[0])
    return units if units.max() + 1 < len(units) else None


def _judged(
    scorer: Scorer,
    names: Sequence[str],
    strong: Mapping[tuple[int, ...], Score],
    singles: Mapping[int, Score],
    labels: Sequence[str],
    lineage: Mapping[str, Iterable[str]],
) -> list[Finding]:
    """Compare what is nearly perfect with all the other columns, and say what is not honest."""
    at = {name: i for i, name in enumerate(names)}
    kin = _relatives(lineage)
    out = {i for key in strong for i in key}
    out |= {at[r] for i in set(out) for r in kin.get(names[i], ()) if r in at}
    others = [i for i in range(len(names)) if i not in out]
    predicted: dict[str, NDArray[Any]] = {}
    found: list[Finding] = []
    for key, score in sorted(strong.items(), key=lambda k: (len(k[0]), k[1].rest)):
        if len(key) == 2 and sum(f.kind == "leak_pair" for f in found) >= NAMED:
            continue
        if others and score.scale not in predicted:
            predicted[score.scale] = scorer.others(others, score.scale)
        rest = None
        if others:
            rest = scorer.rest(predicted[score.scale], score.scale, score.rows)
        severity = _severity(score.rest, rest, scorer.classes)
        if severity:
            found.append(_finding(severity, [names[i] for i in key], score, rest))
    paired = {c for f in found if f.kind == "leak_pair" and f.severity == "high" for c in f.columns}
    # Half of a formula often goes with the target by itself: the pair says why.
    found = [f for f in found if f.severity == "high" or f.column not in paired]
    if scorer.classes and len(labels) > 2:
        left = {i: s for i, s in singles.items() if names[i] not in {f.column for f in found}}
        found += _one_class(scorer, names, left, labels)
    return found


def _relatives(lineage: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return, for each column, those it was computed from or that were computed from it."""
    found: dict[str, set[str]] = {}
    for child in lineage:
        ahead, seen = list(lineage[child]), set[str]()
        while ahead:
            parent = ahead.pop()
            if parent not in seen:
                seen.add(parent)
                ahead += list(lineage.get(parent, ()))
        for parent in seen - {child}:
            found.setdefault(child, set()).add(parent)
            found.setdefault(parent, set()).add(child)
    return found


def _severity(rest: float, others: float | None, classes: bool) -> Severity | None:
    certain = CERTAIN["classes" if classes else "number"]
    if others is None:  # nothing honest to compare with
        return "high" if rest < certain / 10 else "medium"
    if rest < certain and others > max(MANY_TIMES * rest, NEARLY):
        return "high"
    return "medium" if others > TIMES * rest and others > NEARLY else None


def _finding(
    severity: Severity, columns: Sequence[str], score: Score, rest: float | None
) -> Finding:
    pair = len(columns) == 2
    subject = (
        f"{columns[0]} and {columns[1]} together give" if pair else f"{columns[0]} alone gives"
    )
    measure = _measure(score)
    found = f"{measure} {1 - score.rest:.4f}, cross-validated on {len(score.rows)} objects"
    than = "there is no other column" if rest is None else f"all other columns reach {1 - rest:.4f}"
    evidence = {
        "measure": measure,
        "score": 1 - score.rest,
        "others": None if rest is None else 1 - rest,
        "rows": len(score.rows),
        "how": score.how,
        "scale": score.scale,
    }
    return Finding(
        severity,
        "leak_pair" if pair else "leak",
        columns[0],
        f"{subject} the target ({found}; {than}). {_asks(severity == 'high')}",
        evidence,
        tuple(columns),
    )


def _measure(score: Score) -> str:
    scales = {
        "classes": "balanced accuracy",
        "value": "R squared",
        "log": "R squared of the logarithm",
        "rank": "R squared of the rank",
    }
    return scales[score.scale]


def _one_class(
    scorer: Scorer, names: Sequence[str], singles: Mapping[int, Score], labels: Sequence[str]
) -> list[Finding]:
    """Remark on columns that tell one class of several from all others, as no others do."""
    told: dict[int, tuple[int, float]] = {}
    for i, score in singles.items():
        rests = [
            scorer.rest(score.predicted, "classes", score.rows, only=c) for c in range(len(labels))
        ]
        best = int(np.argmin(rests))
        if rests[best] < CERTAIN["classes"]:
            told[i] = (best, rests[best])
    others = [i for i in range(len(names)) if i not in told]
    if not told or not others:
        return []
    predicted = scorer.others(others, "classes")
    found = []
    for i, (c, rest) in told.items():
        rows = singles[i].rows
        reached = scorer.rest(predicted, "classes", rows, only=c)
        if reached <= max(TIMES * rest, NEARLY):
            continue
        all_classes = scorer.rest(predicted, "classes", rows)
        certain = (
            reached > MANY_TIMES * rest
            and singles[i].rest < NEARLY_ALL_CLASSES
            and all_classes > 2 * singles[i].rest
        )
        message = (
            f"{names[i]} alone tells the class {labels[c]} from all others (balanced accuracy "
            f"{1 - rest:.4f}, cross-validated on {len(rows)} objects; all other columns reach "
            f"{1 - reached:.4f}), and all classes with {1 - singles[i].rest:.4f} (the others: "
            f"{1 - all_classes:.4f}). {_asks(certain)}"
        )
        evidence = {
            "measure": "balanced accuracy",
            "score": 1 - rest,
            "others": 1 - reached,
            "score_all_classes": 1 - singles[i].rest,
            "others_all_classes": 1 - all_classes,
            "rows": len(rows),
            "class": labels[c],
        }
        found.append(Finding("high" if certain else "medium", "leak", names[i], message, evidence))
    return found


def _asks(certain: bool) -> str:
    if certain:
        return "Would it be known before the target is?"
    return "Nearly perfect: check that it was not made from the target."
