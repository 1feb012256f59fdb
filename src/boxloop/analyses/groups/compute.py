"""For whom does the model fail? Scores, differences and kinds of error by groups of objects."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.groups.compared import Compared, compare
from boxloop.analyses.groups.decisions import decisions_of, equalise
from boxloop.analyses.groups.errors import errors_of
from boxloop.analyses.groups.findings import (
    FALSE_ALARM,
    findings_of_decisions,
    findings_of_groups,
    mark,
)
from boxloop.analyses.groups.grouping import groupings
from boxloop.analyses.groups.intervals import differences_of, scores_of
from boxloop.analyses.groups.scores import by_group, plain_value
from boxloop.findings import ranked
from boxloop.metrics import REGISTRY, Judged
from boxloop.metrics.interval import COVERAGE, FEWEST, RESAMPLES
from boxloop.metrics.simultaneous import holm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.groups import Group, Grouping, Groups

#: How the intervals and p values are corrected, for the file and the report.
CORRECTION = (
    "intervals hold together for all groups of a grouping (largest absolute deviation in the "
    "bootstrap over units; Wilson and Newcombe with an equal share of the error where events are "
    "few); p values are Holm's over all groups of all groupings"
)


def compute(
    evaluated: Evaluated,
    *,
    groups: Iterable[str | list[str]],
    protected: Iterable[str],
    margin: float,
    seed: int,
) -> "Groups":
    """Return the content of ``evaluate/groups.json``.

    Parameters
    ----------
    evaluated : Evaluated
    groups : iterable of str or list of str
        The study's groups; a list crosses its columns.
    protected : iterable of str
        Columns with attributes of people.
    margin : float
        Differences of the metric below it do not matter.
    seed : int
    """
    metrics, selected = evaluated.metrics, evaluated.selected
    objects, judged = evaluated.judged()
    found = groupings(objects, groups, protected, metrics["task"])
    looked = compare(found, objects["unit"].to_numpy(), judged, metrics, seed)
    entries = [_entry(of, judged, selected) for of in looked]
    _correct(entries, margin)
    findings = [
        *findings_of_groups(entries, selected, margin),
        *findings_of_decisions(entries, selected),
    ]
    return {
        "split": evaluated.shown,
        "model": selected,
        "metric": metrics["metric"],
        "margin": margin,
        "coverage": COVERAGE,
        "correction": CORRECTION,
        "false_alarm": FALSE_ALARM,
        "fewest_units": FEWEST,
        "resamples": RESAMPLES,
        "n": len(objects),
        "n_units": int(objects["unit"].nunique()),
        "groupings": entries,
        "findings": ranked(findings),
    }


def _entry(of: Compared, judged: Mapping[str, Judged], selected: str) -> "Grouping":
    """Return a grouping as plain data; differences are not yet corrected for other groupings."""
    g, mine = of.grouping, judged[selected]
    counts = np.bincount(g.codes, minlength=len(g.groups))
    plain = {
        name: _of_known(of.metric, pair, g.codes, len(g.groups), mine)
        for name, pair in judged.items()
        if not pair.lacks(REGISTRY[of.metric]) and name != selected
    } | {selected: of.scores.group}
    scores, differences = scores_of(of, counts), differences_of(of, counts)
    errors = errors_of(of.errors, mine, g.codes, of.units)
    rows: list[Group] = []
    for i, group in enumerate(g.groups):
        others = {name: float(plain[name][i]) if name in plain else None for name in judged}
        lack = bool(of.lacks[i])
        rows.append(
            {
                "label": group.label,
                "low": group.low,
                "high": group.high,
                "n": int(counts[i]),
                "n_units": int(of.units[i]),
                "score": {**scores[i], "n_units": int(of.units[i])},
                "difference": differences[i],
                "models": {
                    name: None if lack or v is None or not np.isfinite(v) else v
                    for name, v in others.items()
                },
                "errors": errors[i],
                "verdict": "undecided",
                "stands_out": False,
            }
        )
    entry: Grouping = {
        "name": g.name,
        "columns": list(g.columns),
        "kind": g.kind,
        "protected": g.protected,
        "metric": of.metric,
        "note": of.note,
        "overall": plain_value(of.metric, mine, mine),
        "n_judged": sum(score["low"] is not None for score in scores),
        "groups": rows,
        "worst": None,
    }
    if g.protected and mine.classes:
        labels = [group.label for group in g.groups]
        entry["decisions"] = decisions_of(
            mine, g.codes, labels, of.errors, of.units, single=of.single
        )
    return entry


def _of_known(
    name: str, judged: Judged, codes: "NDArray[np.intp]", groups: int, every: Judged
) -> "Floats":
    """Return a metric of each group (g,), of the objects that predictions may be judged by."""
    usable = judged.usable(REGISTRY[name])
    if usable is not None:
        judged, codes = judged.take(usable), codes[usable]
    return by_group(name, judged, codes, groups, every)


def _correct(entries: list["Grouping"], margin: float) -> None:
    """Correct all p values for all looks, and mark the groups that stand out."""
    rows = [row["difference"] for entry in entries for row in entry["groups"]]
    corrected = holm([np.nan if r["p"] is None else r["p"] for r in rows])
    for row, p in zip(rows, corrected, strict=True):
        row["p_holm"] = _finite(p)
    for entry in entries:
        mark(entry, margin)
    equalise(entries)


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
