"""Section degraders of the report: evaluate/degraders.json as numbers with their source."""

from typing import TYPE_CHECKING, Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed
from boxloop.numbers.rounding import decimals
from boxloop.plots.words import SPLIT_LABELS
from boxloop.study.known_degraders import DEGRADERS

if TYPE_CHECKING:
    from boxloop.results.degraders import Degraders
    from boxloop.results.metrics import Metrics

#: Most degraders that a table shows; the others stand in the results.
MOST = 12


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    found: Degraders | None = evidence.contents.get("degraders")
    if not found or not found["degraders"] or not found["set"]:
        return {"rows": [], "reason": found["reason"] if found else ""}
    rows = [_row(found, i, n) for i in range(min(len(found["degraders"]), MOST))]
    return {
        "rows": rows,
        "reason": "",
        "left_out": found["left_out"],
        "set": SPLIT_LABELS[found["set"]],
        "objects": n("degraded objects", "degraders", "rows"),
        "of": n("degraded objects of", "degraders", "of_rows"),
        "part": found["rows"] < found["of_rows"],
        "selected": found["selected"],
        "dummy": found["dummy"],
        "simplest": not _simpler(evidence.contents["metrics"]),
    }


def _row(found: "Degraders", i: int, n: Numbers) -> Printed:
    """Return one degrader: its mild strength, the scores there, and where the model gives way."""
    about, selected = found["degraders"][i], found["selected"]
    name, key = f"degraded {about['name']}", f"degraders.{i}"
    scores = about["scores"][selected]
    at = [k for k, s in enumerate(about["strengths"]) if s <= about["mild"]][-1]
    last = len(scores) - 1

    known = None if about["function"] else DEGRADERS.get(about["name"])
    show = _percent if known and known.percent else None

    def strength(what: str, where: str, there: bool) -> Number | None:
        return n(f"{name} {what}", "degraders", f"{key}.{where}", show=show) if there else None

    def score(what: str, k: int) -> Number:
        places = decimals(scores[k]["low"], scores[k]["high"])
        return n(f"{name} {what}", "degraders", f"{key}.scores.{selected}.{k}.value", places=places)

    ahead = about["overtaken"]
    return {
        "name": about["name"],
        "function": about["function"],
        "unit": known.unit if known else "",
        "mild": strength("mild", f"strengths.{at}", at > 0),
        "before": score("before", 0),
        "at_mild": score("at mild", at),
        "strongest": strength("strongest", f"strengths.{last}", True),
        "at_strongest": score("at strongest", last),
        "fallen": strength("fallen", "fallen", about["fallen"] is not None),
        "at_dummy": strength("at dummy", "at_dummy", about["at_dummy"] is not None),
        "overtaken": strength("overtaken", "overtaken.strength", ahead is not None),
        "by": ahead["by"] if ahead else "",
    }


def _percent(value: Any) -> str:
    return "–" if value is None else f"{100 * value:g}"


def _simpler(metrics: "Metrics") -> list[str]:
    models = list(metrics["models"])
    before = models[: models.index(metrics["selected"])]
    return [m for m in before if m in metrics.get("candidates", models)]
