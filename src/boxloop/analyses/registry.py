"""The analyses that a study gets, a line each: rules, figures and report follow from it.

An input that no other analysis asks for gets a property of `boxloop.analyses.evaluated.Evaluated`,
and a line in `INPUTS` of workflow/rules/evaluate.smk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

#: What each analysis of predictions begins with.
PREDICTED = ("metrics", "truth", "cross_validated", "predictions")


@dataclass(frozen=True)
class Analysis:
    """An analysis.

    Attributes
    ----------
    name : str
        Of its folder in `boxloop.analyses`, its file in evaluate/ and its section of the report.
    rule : str
        Of the workflow; empty where it tells a part of metrics.json and computes nothing.
    inputs : tuple of str
        Files that it asks for, by the names of the properties of
        `boxloop.analyses.evaluated.Evaluated`; ``arrays`` and ``target_arrays`` belong to ``table``
        and ``target``.
    params : tuple of str
        Dotted keys of the study whose values its function gets, by their last parts; ``group``
        and ``together`` stand for the column of the unit and those that keep objects together. All
        get the seed.
    calls : tuple of str
        Uses of functions that a study names (`boxloop.study.references`) and that it calls.
    figures : tuple of str
        Names of the figures that stand in its section of the page, in their order; in print its
        template places them. Those of ``figures.py`` and, drawn by the report itself, others.
    """

    name: str
    rule: str = ""
    inputs: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


#: In the order of the report.
ANALYSES = (
    Analysis("external"),
    Analysis(
        "audit",
        rule="audit",
        inputs=(
            "metrics",
            "truth",
            "cross_validated",
            "table",
            "split",
            "folds",
            "probes",
            "openings",
        ),
        params=("together", "margin"),
        figures=("learning_curve",),
    ),
    Analysis(
        "groups",
        rule="groups",
        inputs=PREDICTED,
        params=("groups", "protected", "margin"),
        figures=("groups",),
    ),
    Analysis(
        "calibration",
        rule="calibrate",
        inputs=(*PREDICTED, "selection"),
        params=("recalibrate", "conformal"),
        figures=("reliability", "coverage", "conformal", "calibration_pdf"),
    ),
    Analysis(
        "shift",
        rule="shift",
        inputs=(*PREDICTED, "table", "arrays", "target", "target_arrays", "split", "models"),
        params=("prevalence", "group"),
        calls=("model",),
        figures=("shift", "prevalence", "applied"),
    ),
    Analysis(
        "degraders",
        rule="degrade",
        inputs=("metrics", "truth", "table", "arrays", "split", "models"),
        params=("degraders", "columns.derived", "margin"),
        calls=("degrader", "derived", "model"),
        figures=("degraders",),
    ),
    Analysis(
        "understanding",
        rule="understand",
        inputs=(*PREDICTED, "table", "arrays", "split", "models"),
        params=("columns", "plausible"),
        calls=("plausible", "derived", "model"),
        figures=(
            "importances",
            "permutation_importance",
            "partial_dependence",
            "worst_images",
        ),
    ),
)
#: Those that have a file of their own, by name.
COMPUTED = {analysis.name: analysis for analysis in ANALYSES if analysis.rule}

FOLDER = Path(__file__).parent


def modules(part: str) -> list[Path]:
    """Return the files of all analyses' ``compute``, ``figures`` or ``section``."""
    found = [FOLDER / analysis.name / f"{part}.py" for analysis in ANALYSES]
    return [path for path in found if path.is_file()]


def parts(part: str) -> Iterable[tuple[str, Callable[..., Any]]]:
    """Yield name and function of that name, ``figures`` or ``section``, of each analysis."""
    for path in modules(part):
        name = path.parent.name
        yield name, getattr(import_module(f"boxloop.analyses.{name}.{part}"), part)
