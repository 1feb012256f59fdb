"""Groups of objects in the made-up studies of `report_fixture`."""

from typing import Any

from report_fixture_data import CLASSES, MODELS


def groups_of(task: str, metric: str, shown: str) -> dict[str, Any]:
    """Return groups in bins, of which the faintest stands out, and fields, with decisions."""
    bins = [_group(f"{a} to {a + 1}", 50, 0.02 + 0.01 * (a - 17), task) for a in (17, 18, 19)]
    bins[2] |= {"stands_out": True, "verdict": "worse"}
    fields = [_group(c, 60, v, task) for c, v in (("north", 0.02), ("south", 0.03))]
    found = [
        _grouping("r_mag", "bins", [*bins, _group("missing", 8, None, task)], metric, worst=2),
        _grouping("field_id", "categories", fields, metric),
    ]
    if task == "classification":
        found[1] |= {"protected": True, "decisions": _decisions()}
    return {
        "split": shown,
        "model": "forest",
        "metric": metric,
        "margin": 0.005,
        "coverage": 0.95,
        "fewest_units": 10,
        "n": 158,
        "groupings": found,
        "findings": [],
    }


def _grouping(
    name: str, kind: str, groups: list[dict[str, Any]], metric: str, worst: int | None = None
) -> dict[str, Any]:
    about = {"name": name, "columns": [name], "kind": kind, "protected": False, "metric": metric}
    judged = sum(g["score"]["value"] is not None for g in groups)
    about |= {"note": "", "overall": 0.0203, "n_judged": judged, "worst": worst}
    return {**about, "groups": groups}


def _group(label: str, n: int, value: float | None, task: str) -> dict[str, Any]:
    def score(v: float | None) -> dict[str, Any]:
        limits = (None, None) if v is None else (v * 0.9, v * 1.15)
        reason = "no interval below 10 units" if v is None else ""
        return {"value": v, "low": limits[0], "high": limits[1], "reason": reason}

    rates = {"members": 9, "share": 0.3, "selection_rate": 0.3, "recall": 0.8}
    errors: dict[str, Any] = {
        c: rates | {"false_positive_rate": 0.1, "reason": ""} for c in CLASSES
    }
    if task == "regression":
        errors = {"bias": score(value), "spread": 0.04}
    return {
        "label": label,
        "low": None,
        "high": None,
        "n": n,
        "n_units": n,
        "score": {**score(value), "n_units": n},
        "difference": {"rest": 0.02, "p": 0.01, "p_holm": 0.02, **score(value)},
        "models": {m: value for m in MODELS},
        "errors": errors,
        "verdict": "undecided",
        "stands_out": False,
    }


def _decisions() -> dict[str, Any]:
    rate = {"value": 0.31, "rest": 0.42, "difference": -0.11, "low": -0.2, "high": -0.02}
    rates = {r: rate for r in ("selection_rate", "recall", "false_positive_rate")}
    rows = [{"label": c, "share": 0.33, "rest_share": 0.34, **rates} for c in ("north", "south")]
    measures = [
        f"{what}_{how}"
        for what in ("demographic_parity", "equalized_odds")
        for how in ("difference", "ratio")
    ]
    value = {"value": 0.12, "low": 0.03, "high": 0.2, "reason": ""}
    return {"left_out": [], "classes": {"QSO": {**{m: value for m in measures}, "groups": rows}}}
