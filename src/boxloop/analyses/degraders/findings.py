"""Findings on degraded data: a simpler model that overtakes early, a score that is soon nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boxloop.analyses.degraders.scores import Judge
from boxloop.findings import Finding, known
from boxloop.study.known_degraders import DEGRADERS

if TYPE_CHECKING:
    from boxloop.results.degraders import DegraderEntry, Overtaken

#: A finding needs a difference of this share of what the selected model gains over the dummy.
SHARE = 0.1

_SETS = {"test": "test set", "calibration": "calibration set"}


def said(name: str, strength: float) -> str:
    """Say in words what a degrader of some strength has done to the data."""
    number, percent = f"{strength:g}", f"{100 * strength:g} %"
    if name in DEGRADERS:
        return DEGRADERS[name].said.format(number=number, percent=percent)
    return f"{name} has the strength {number}"


def findings_of(
    curves: Sequence["DegraderEntry"], judge: Judge, split: str, rows: int
) -> list[Finding]:
    """Return a finding for every degrader under which the selected model fails early.

    Early is at or below the degrader's mild strength. That a simpler model overtakes counts where
    the difference is also larger than a tenth of what the selected model gains over the dummy on
    the data as they are, so that a near tie is no alarm.
    """
    found = []
    for about in curves:
        level, ahead = about["at_dummy"], about["overtaken"]
        if level is not None and level <= about["mild"]:
            found.append(_at_dummy(about, level, judge, split, rows))
        elif ahead and ahead["strength"] <= about["mild"] and _large(ahead, about, judge):
            found.append(_overtaken(about, ahead, judge, split, rows))
    return found


def _large(ahead: "Overtaken", about: "DegraderEntry", judge: Judge) -> bool:
    gains = [of[0]["value"] for name, of in about["differences"].items() if name == judge.dummy]
    gain = gains[0] if gains and gains[0] is not None else 0.0
    return bool(-known(ahead["value"]) > SHARE * gain)


def _at_dummy(
    about: "DegraderEntry", strength: float, judge: Judge, split: str, rows: int
) -> Finding:
    i = about["strengths"].index(strength)
    mine, nothing = (about["scores"][n] for n in (judge.selected, str(judge.dummy)))
    metric = judge.metric.replace("_", " ")
    return Finding(
        "medium",
        "degrades",
        None,
        f"On the {_SETS[split]} the selected {judge.selected} is no better than {judge.dummy}, "
        f"which has learnt nothing, where {said(about['name'], strength)}: {metric} "
        f"{mine[i]['value']:.3g} against {nothing[i]['value']:.3g}; on the data as they are it is "
        f"{mine[0]['value']:.3g}. Do not use it on data that are so much worse.",
        {
            "degrader": about["name"],
            "strength": strength,
            "score": mine[i]["value"],
            "score_before": mine[0]["value"],
            "dummy": nothing[i]["value"],
            "rows": rows,
        },
    )


def _overtaken(
    about: "DegraderEntry", ahead: "Overtaken", judge: Judge, split: str, rows: int
) -> Finding:
    i = about["strengths"].index(ahead["strength"])
    mine, other = (about["scores"][n][i]["value"] for n in (judge.selected, ahead["by"]))
    metric = judge.metric.replace("_", " ")
    better, low, high = (-known(end) for end in (ahead["value"], ahead["high"], ahead["low"]))
    return Finding(
        "medium",
        "degrades",
        None,
        f"On the {_SETS[split]} the simpler {ahead['by']} overtakes the selected {judge.selected} "
        f"where {said(about['name'], ahead['strength'])}: {metric} {other:.3g} against "
        f"{mine:.3g} (difference {better:.3g}, interval {low:.3g} to {high:.3g}). For "
        "data that are so much worse take the simpler one.",
        {
            "degrader": about["name"],
            "strength": ahead["strength"],
            "by": ahead["by"],
            "score": mine,
            "score_by": other,
            "difference": better,
            "low": low,
            "high": high,
            "rows": rows,
        },
    )
