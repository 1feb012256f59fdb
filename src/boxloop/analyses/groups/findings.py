"""Which groups stand out, and how that is said: `unfair_group` and `unequal_decisions`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.groups.errors import RATES
from boxloop.analyses.groups.scores import error_of
from boxloop.findings import Finding, Severity, known
from boxloop.metrics import REGISTRY, verdict

if TYPE_CHECKING:
    from boxloop.results.groups import Group, Grouping, GroupRates, RateDifference, RateName

#: A clean study raises a false alarm with this probability at most: p values are corrected for all
#: groups of all groupings, so twenty clean studies raise none in five cases of six.
FALSE_ALARM = 0.01
#: By this fraction at least the error of a group has to exceed that of the others.
LEAST = 0.1
#: The error of a group is grave where it is so many times that of the others, and the difference so
#: many margins.
GRAVE, MARGINS = 2.0, 5.0
#: Rates of decisions that differ by less are not remarked on.
LEAST_RATE = 0.05
#: Below this ratio of selection rates a difference is grave: the four-fifths rule of the Uniform
#: Guidelines on Employee Selection Procedures (1978).
FOUR_FIFTHS = 0.8


def mark(entry: "Grouping", margin: float) -> None:
    """Give each group of a grouping its verdict, and name the worst where it stands out."""
    metric = entry["metric"]
    sign = 1.0 if REGISTRY[metric].larger_is_better else -1.0
    worst: tuple[float, int] | None = None
    for i, row in enumerate(entry["groups"]):
        found = row["difference"]
        row["verdict"], row["stands_out"] = "undecided", False
        if found["value"] is None or found["low"] is None:
            continue
        better = sign * found["value"]
        low, high = sorted(sign * end for end in (found["low"], known(found["high"])))
        row["verdict"] = verdict(better, low, high, margin)
        error = error_of(metric, known(row["score"]["value"]))
        other = error_of(metric, known(found["rest"]))
        larger = not np.isfinite(error) or error >= (1 + LEAST) * other
        sure = found["p_holm"] is not None and found["p_holm"] < FALSE_ALARM
        row["stands_out"] = bool(row["verdict"] == "worse" and larger and sure)
        if row["stands_out"] and (worst is None or better < worst[0]):
            worst = better, i
    entry["worst"] = None if worst is None else worst[1]


def findings_of_groups(
    entries: Sequence["Grouping"], model: str, margin: float
) -> Iterator[Finding]:
    """Yield a finding for the worst group of each grouping, where it stands out.

    Where columns are crossed and one of them alone has such a group, that is the finding, and the
    crossed one, which mostly repeats it, is of low severity.
    """
    told = {e["name"] for e in entries if e["worst"] is not None and len(e["columns"]) == 1}
    for entry in entries:
        if entry["worst"] is None:
            continue
        row = entry["groups"][entry["worst"]]
        others = [r["label"] for r in entry["groups"] if r["stands_out"] and r is not row]
        repeats = len(entry["columns"]) > 1 and bool(told & set(entry["columns"]))
        yield Finding(
            "low" if repeats else _severity(entry, row, margin),
            "unfair_group",
            entry["columns"][0],
            _said(entry, row, model, margin, others),
            {
                "rows": row["n"],
                "n_units": row["n_units"],
                "grouping": entry["name"],
                "group": row["label"],
                "metric": entry["metric"],
                "value": row["score"]["value"],
                **{k: row["difference"][k] for k in ("rest", "low", "high", "p_holm")},
                "difference": row["difference"]["value"],
                "also": others,
            },
            tuple(entry["columns"]),
        )


def _severity(entry: "Grouping", row: "Group", margin: float) -> Severity:
    """High where the error is far larger: in proportion and, but for people, in margins too.

    What counts is the end of the interval that is nearer to no difference.
    """
    difference = row["difference"]
    other = error_of(entry["metric"], known(difference["rest"]))
    nearest = min(abs(known(difference["low"])), abs(known(difference["high"])))
    doubled = bool(np.isfinite(other) and nearest >= (GRAVE - 1) * other)
    far = nearest > MARGINS * margin
    if entry["protected"]:
        return "high" if doubled or (far and margin > 0) else "medium"
    return "high" if doubled and far else "medium"


def _said(entry: "Grouping", row: "Group", model: str, margin: float, others: Sequence[str]) -> str:
    difference = row["difference"]
    name = "recall" if entry["kind"] == "class" else entry["metric"]
    whom = f"where {entry['name']} is {row['label']}"
    if entry["kind"] == "sky":
        whom = f"in the sky region {row['label']}"
    if entry["kind"] == "class" and len(entry["columns"]) == 1:
        whom = f"for the class {row['label']}"
    if len(entry["columns"]) > 1:
        whom = f"where {' and '.join(entry['columns'])} are {row['label']}"
    small = f"; differences up to {margin:g} do not matter here" if margin else ""
    likewise = f" Likewise: {'; '.join(others[:4])}." if others else ""
    return (
        f"The model {model} is worse {whom} than for the other objects: {name} "
        f"{row['score']['value']:.3g} against {difference['rest']:.3g}, a difference of "
        f"{difference['value']:+.3g} [{difference['low']:+.3g}, {difference['high']:+.3g}] for "
        f"{row['n']} objects (interval for all {len(entry['groups'])} groups together{small})."
        f"{likewise}"
    )


def findings_of_decisions(entries: Sequence["Grouping"], model: str) -> Iterator[Finding]:
    """Yield a finding for the largest difference of decisions by each attribute of people."""
    for entry in entries:
        found = list(_unequal(entry))
        if not found:
            continue
        name, rate, row = max(found, key=lambda f: abs(known(f[2][f[1]]["difference"])))
        about, n = row[rate], len({f[2]["label"] for f in found})
        yield Finding(
            _severity_of(about, rate),
            "unequal_decisions",
            entry["columns"][0],
            _told(entry, name, rate, row, model),
            {
                "class": name,
                "rate": rate,
                "group": row["label"],
                **{k: about[k] for k in ("value", "rest", "difference", "low", "high", "p_holm")},
                "groups_that_differ": n,
                "rows": next(r["n"] for r in entry["groups"] if r["label"] == row["label"]),
            },
        )


def _unequal(entry: "Grouping") -> Iterator[tuple[str, "RateName", "GroupRates"]]:
    if "decisions" not in entry:
        return
    for name, of in entry["decisions"]["classes"].items():
        for row in of["groups"]:
            for rate in RATES:
                about = row[rate]
                if about["p_holm"] is None or about["p_holm"] >= FALSE_ALARM:
                    continue
                limits = known(about["low"]), known(about["high"])
                if abs(known(about["difference"])) > LEAST_RATE and limits[0] * limits[1] > 0:
                    yield name, rate, row


def _severity_of(about: "RateDifference", rate: "RateName") -> Severity:
    low, high = sorted([known(about["value"]), known(about["rest"])])
    if rate == "false_positive_rate":
        return "high" if high >= GRAVE * low and high - low > 2 * LEAST_RATE else "medium"
    return "high" if low < FOUR_FIFTHS * high else "medium"


def _told(entry: "Grouping", name: str, rate: "RateName", row: "GroupRates", model: str) -> str:
    about, attribute = row[rate], entry["name"]
    value, rest = (f"{about[k]:.1%}" for k in ("value", "rest"))
    where = f"where {attribute} is {row['label']}"
    limits = f"[{about['low']:+.1%}, {about['high']:+.1%}]"
    if rate == "selection_rate":
        first = (
            f"The model {model} gives the class {name} to {value} of the objects {where} and to "
            f"{rest} of the others"
        )
        truth = ""
        if row["share"] is not None and row["rest_share"] is not None:
            truth = f"; in truth {row['share']:.1%} and {row['rest_share']:.1%} are of that class"
        return f"{first} (difference {about['difference']:+.1%} {limits}){truth}."
    of = f"of the objects that are {name}" if rate == "recall" else f"of those that are not {name}"
    verb = "finds" if rate == "recall" else f"takes for {name}"
    return (
        f"{of[0].upper()}{of[1:]}, the model {model} {verb} {value} {where} and {rest} of the "
        f"others (difference {about['difference']:+.1%} {limits})."
    )
