"""All models against each other, by which rule one was selected, and under which metrics not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed
from boxloop.numbers.rounding import decimals
from boxloop.plots import metric_label
from boxloop.report.results import VERDICTS, candidates_of

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics, Pair, TestName

#: Most pairs that a report prints; the rest stands in the results.
MOST = 12
#: Columns of p values, each with the words that head it.
TESTS: "dict[TestName, str]" = {"bootstrap": "resampled", "mcnemar": "McNemar", "folds": "folds"}


def compared(evidence: Evidence, n: Numbers) -> Printed:
    """Return pairs of models, the choice between them, and what other metrics prefer.

    Parameters
    ----------
    evidence : Evidence
    n : Numbers
        Collects each number with its source.
    """
    metrics: Metrics = evidence.contents["metrics"]
    pairs = metrics.get("pairs") or []
    tests = [t for t in TESTS if any(row[t]["p"] is not None for row in pairs)]
    rows = [_pair(n, i, row, tests) for i, row in enumerate(pairs[:MOST])]
    return {
        "tests": [TESTS[t] for t in tests],
        "pairs": rows if len(metrics["models"]) > 2 else [],
        "more": len(pairs) > MOST,
        "choice": _choice(evidence, n),
        "others_first": _others_first(evidence),
    }


def _pair(n: Numbers, i: int, row: "Pair", tests: Sequence["TestName"]) -> Printed:
    name, key = f"pair {row['model']} over {row['other']}", f"pairs.{i}"
    places = decimals(row["low"], row["high"])
    ends = {e: n(f"{name} {e}", "metrics", f"{key}.{e}", places=places) for e in ("low", "high")}
    return {
        "model": row["model"],
        "other": row["other"],
        "verdict": row["verdict"],
        "said": VERDICTS[row["verdict"]],
        "difference": n(f"{name} difference", "metrics", f"{key}.difference", places=places),
        **ends,
        "p_values": [_p_value(n, f"{name} {t}", f"{key}.{t}.p_holm") for t in tests],
    }


def _p_value(n: Numbers, name: str, key: str) -> Number:
    """Read a p value, to three decimals."""

    def shown(p: float | None) -> str:
        return "–" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"

    return n(f"{name} p", "metrics", key, show=shown)


def _choice(evidence: Evidence, n: Numbers) -> Printed | None:
    """Return the rule that selected a model and the models that cross-validation hardly parts."""
    selected = evidence.contents["selected"]
    near = selected.get("one_standard_error")
    if not near or near["standard_error"] is None:
        return None
    return {
        "rule": selected.get("choose", "best"),
        "best": near["best"],
        "simplest": near["simplest"],
        "within": near["within"],
        "error": n("corrected standard error", "selected", "one_standard_error.standard_error"),
    }


def _others_first(evidence: Evidence) -> list[Printed]:
    """Return the metrics under which another candidate comes before the selected model."""
    metrics: Metrics = evidence.contents["metrics"]
    found: dict[str, list[str]] = {}
    for metric, order in (metrics.get("rankings") or {}).items():
        rivals = [name for name in order if name in candidates_of(metrics)]
        if metrics["selected"] in rivals and rivals[0] != metrics["selected"]:
            found.setdefault(rivals[0], []).append(metric_label(metric))
    return [{"model": name, "metrics": of} for name, of in found.items()]
