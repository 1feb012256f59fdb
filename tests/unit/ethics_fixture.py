"""Results that answers of the checklist rest on: every file of them, small and made up."""

from dataclasses import replace
from typing import Any

from boxloop.ethics import Results


def score(value: float | None, low: float | None = None, high: float | None = None) -> Any:
    return {"value": value, "low": low, "high": high}


def finding(kind: str, column: str | None, message: str, **evidence: Any) -> dict[str, Any]:
    return {
        "severity": "high",
        "kind": kind,
        "column": column,
        "columns": [column] if column else [],
        "message": message,
        "evidence": evidence,
    }


def group(label: str, value: float | None, low: float | None, high: float | None) -> Any:
    rates = {"members": 40, "share": 0.5, "selection_rate": 0.5, "false_positive_rate": 0.1}
    return {
        "label": label,
        "n": 80,
        "score": score(value, low, high),
        "difference": score(-0.4, -0.5, -0.3) | {"rest": 0.9},
        "stands_out": label == "faint",
        "errors": {
            "a": {**rates, "recall": value or 0.7},
            "b": {**rates, "recall": 0.8},
        },
    }


RESULTS = Results(
    summary={
        "study": "made_up",
        "provenance": "real",
        "samples": {
            "train": {
                "rows": 100,
                "provenance": "real",
                "licence": "CC0",
                "origin": {"source": "s"},
            }
        },
        "columns": [
            {"name": "u", "role": "feature"},
            {"name": "r", "role": "feature"},
            {"name": "u__state", "role": "state"},
        ],
        "data_hash": "0123456789abcdef",
    },
    explore={
        "rows": 150,
        "findings": [
            finding("missing", "u", "u is not measured", rows=12),
            finding("shift", "r", "r differs", distance=0.4),
            finding("shift", "g", "g differs", distance=0.6),
            finding("rounded", "g", "g is rounded", step=0.1),
        ],
    },
    metrics={
        "task": "classification",
        "provenance": "real",
        "status": "final",
        "metric": "accuracy",
        "selected": "forest",
        "candidates": ["dummy", "forest"],
        "models": {
            "dummy": {
                "test": {"accuracy": score(0.5), "mcc": score(0.0), "recall": score(0.95)},
                "cv": {"accuracy": score(0.51)},
            },
            "forest": {
                "test": {"accuracy": score(0.9), "mcc": score(0.8), "recall": score(0.9)},
                "cv": {"accuracy": score(0.91)},
            },
        },
    },
    details={
        "split": "test",
        "confusion": {"classes": ["a", "b"], "matrix": [[8, 2], [1, 9]]},
        "openings": [{"opened": "2026-01-02T00:00:00Z", "score": 0.9}],
        "generalisation_gap": {"forest": 0.1},
    },
    calibration={
        "findings": [finding("miscalibrated", None, "p is too sure of itself", slope=0.6)],
        "models": {
            "forest": {"used": "none", "methods": {"none": {"ece": 0.04, "brier": 0.1}}},
            "dummy": {"used": "none", "methods": {"none": {"ece": 0.01, "brier": 0.2}}},
        },
        "resamples": 1000,
    },
    groups={
        "margin": 0.01,
        "groupings": [
            {
                "name": "r",
                "metric": "accuracy",
                "protected": False,
                "worst": 1,
                "groups": [
                    group("bright", 0.9, 0.85, 0.95),
                    group("faint", 0.5, 0.45, 0.55),
                    group("none", None, None, None),
                ],
            },
            {
                "name": "age",
                "metric": "accuracy",
                "protected": True,
                "worst": None,
                "groups": [group("old", 0.9, 0.8, 0.95), group("young", 0.91, 0.82, 0.96)],
                "decisions": {
                    "classes": {
                        "a": {
                            "demographic_parity_difference": score(0.25, 0.2, 0.3),
                            "equalized_odds_difference": score(0.1, 0.05, 0.2),
                            "demographic_parity_ratio": score(0.5, 0.4, 0.6),
                        }
                    }
                },
            },
        ],
    },
    shift={
        "target": True,
        "two_sample": {
            "auc": score(0.71, 0.68, 0.74),
            "linear": score(0.6, 0.55, 0.65),
            "effective": {"value": 0.31, "units": 31},
            "reason": None,
        },
        "prevalence": {
            "classes": [
                {"class": "a", "training": 0.5, "em": score(0.2, 0.1, 0.3) | {"changed": True}},
                {"class": "b", "training": 0.5, "em": score(0.8, 0.7, 0.9) | {"changed": True}},
            ]
        },
    },
    audit={
        "openings": 1,
        "findings": [
            finding("duplicate_across_sets", None, "two objects stand in two sets", rows=2),
            finding("unstable", None, "the score varies", std=0.1),
        ],
    },
    apply={
        "target": True,
        "rows": 50,
        "outside_rows": 5,
        "model": "forest",
        "columns": {"u": {"outside": 1}, "g": {"outside": 4}, "r": {"outside": 2}},
    },
)


def _of_number(label: str, bias: float) -> dict[str, Any]:
    errors = {"bias": score(bias, bias - 0.01, bias + 0.01), "spread": 0.1}
    return {**group(label, 0.1, 0.05, 0.2), "stands_out": False, "errors": errors}


REGRESSION = replace(
    RESULTS,
    metrics={
        **RESULTS.metrics,
        "task": "regression",
        "metric": "nmad",
        "models": {"forest": {"test": {"bias": score(0.01), "outlier_fraction": score(0.02)}}},
    },
    details={
        "split": "test",
        "openings": [],
        "residuals": {"edges": [-2, -1, 0, 1, 2], "counts": [1, 2, 3, 4]},
    },
    groups={
        "groupings": [
            {
                "name": "r",
                "metric": "nmad",
                "groups": [_of_number("bright", -0.02), _of_number("faint", 0.03)],
            }
        ]
    },
)
#: Nothing but what every study has: no target sample, no groups, no new files.
BARE = replace(
    REGRESSION,
    groups={},
    shift={},
    calibration={},
    audit={},
    explore={"findings": []},
    apply={"target": False, "rows": 0, "outside_rows": 0, "columns": {}},
)
