"""Findings about plausibility: rules that the selected model breaks too often."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from boxloop.findings import Finding, known
from boxloop.metrics.interval import COVERAGE

if TYPE_CHECKING:
    from boxloop.results.understanding import BrokenShare, Plausible

#: A rule of the study is broken too often where surely more than this share of predictions does
#: so; a rule that nobody wrote, from the training targets, where more than that share does.
OFTEN = 0.001
OFTEN_AUTOMATIC = 0.01


def implausible(section: "Plausible", selected: str) -> Iterator[Finding]:
    """Yield a finding for each rule that the selected model surely breaks too often.

    The lower bound of the share holds for all rules together (Bonferroni).
    """
    rules = section["rules"]
    for rule in rules:
        found = rule["models"].get(selected)
        if found is None or found["low"] is None:
            continue
        often = OFTEN_AUTOMATIC if rule["automatic"] else OFTEN
        low = _corrected(found, len(rules))
        if low <= often:
            continue
        share = f"{found['violations']} of {found['objects']} predictions"
        yield Finding(
            "high" if low > 10 * often else "medium",
            "implausible",
            None,
            f"{share} of {selected} ({100 * known(found['share']):.2g} %) are implausible: "
            f"{rule['said']}. The share is at least {100 * low:.2g} %.",
            {
                "rule": rule["name"],
                "model": selected,
                "rows": found["violations"],
                "share": found["share"],
                "low": low,
                "objects": found["objects"],
            },
        )


def _corrected(found: "BrokenShare", looks: int) -> float:
    """Return a lower bound of a share that holds with the looks at other rules counted."""
    from scipy.stats import beta

    n, share = found["n_units"], found["share"]
    if not share:
        return 0.0
    # Clopper and Pearson's, on units; never above the interval that is printed.
    exact = float(beta.ppf((1 - COVERAGE) / 2 / max(looks, 1), share * n, n - share * n + 1))
    return min(exact, known(found["low"]))
