"""The run record: which code, data and machine made these results, and what that took."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boxloop.results.data import Summary
    from boxloop.results.search import Selected
    from boxloop.results.track import Cost, RuleCost, Run, Surroundings
    from boxloop.slurm import Usage

#: Sections of a study that change its texts and not its numbers.
TEXTS = ("question", "checklists", "checklist", "published", "report")


def run_record(
    study: Mapping[str, Any],
    name: str,
    *,
    summary: "Summary",
    selected: "Selected | None",
    metrics: Mapping[str, Any] | None,
    owners: Mapping[str, str],
    codes: Mapping[str, str],
    usage: "Iterable[Usage]",
    surroundings: "Surroundings",
) -> "Run":
    """Put together the content of ``track/run.json``.

    Parameters
    ----------
    study : mapping
        The whole study file as plain data.
    name : str
        Name of the study.
    summary, selected, metrics : mapping
        Contents of data/summary.json, search/selected.json and evaluate/metrics.json; the last two
        are None for a study that only explores.
    owners : mapping of str to str
        For each stage the study whose results folder holds it.
    codes : mapping of str to str
        For each rule that makes numbers the hash of its code.
    usage : iterable of Usage
        What jobs took.
    surroundings : Surroundings

    Returns
    -------
    Run
        ``run_hash`` names the run: it is the same for the same
        data, code and science, whatever the report is called and however long the jobs took.
    """
    science = {k: v for k, v in study.items() if k not in TEXTS}
    identity = {
        "study": name,
        "science": science,
        "code": dict(codes),
        "data_hash": summary["data_hash"],
    }
    return {
        "study": name,
        "status": metrics["status"] if metrics else study["status"],
        "study_hash": _digest(study),
        "run_hash": _digest(identity),
        "git": surroundings["git"],
        "code": dict(codes),
        "data_hash": summary["data_hash"],
        "samples": summary["samples"],
        "seed": study["seed"],
        "owners": dict(owners),
        "versions": surroundings["versions"],
        "hardware": surroundings["hardware"],
        **_cost(list(usage)),
        "selected": selected["selected"] if selected else None,
        "metric": metrics["metric"] if metrics else None,
        "scores": _scores(metrics) if metrics else {},
    }


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cost(jobs: "list[Usage]") -> "Cost":
    """Sum up jobs and seconds by rule, take the longest and the largest memory; times as UTC."""
    rules: dict[str, RuleCost] = {}
    for job in jobs:
        fresh: RuleCost = {
            "jobs": 0,
            "seconds": 0.0,
            "longest_seconds": 0.0,
            "peak_memory_bytes": None,
        }
        rule = rules.setdefault(job.rule, fresh)
        rule["jobs"] += 1
        rule["seconds"] = round(rule["seconds"] + job.seconds, 3)
        rule["longest_seconds"] = max(rule["longest_seconds"], job.seconds)
        rule["peak_memory_bytes"] = _larger(rule["peak_memory_bytes"], job.peak_memory_bytes)
    started = min((job.ended - job.seconds for job in jobs), default=None)
    ended = max((job.ended for job in jobs), default=None)
    peak = None
    for rule in rules.values():
        peak = _larger(peak, rule["peak_memory_bytes"])
    return {
        "started": _utc(started),
        "ended": _utc(ended),
        "rules": rules,
        "seconds": round(sum(rule["seconds"] for rule in rules.values()), 3),
        "peak_memory_bytes": peak,
    }


def _larger(one: int | None, other: int | None) -> int | None:
    known = [v for v in (one, other) if v is not None]
    return max(known) if known else None


def _utc(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _scores(metrics: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Return for each model and split the value of the study's metric."""
    metric = metrics["metric"]
    return {
        model: {
            split: values[metric]["value"] for split, values in splits.items() if metric in values
        }
        for model, splits in metrics["models"].items()
    }
