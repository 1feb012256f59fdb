"""Try a draft as the data and prepare stages will: what they refuse, the draft has to mend."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from boxloop.data.assemble import assemble, columns_of_text
from boxloop.data.read import read_sample
from boxloop.errors import BoxloopError
from boxloop.prepare import assign_folds, assign_split
from boxloop.store import Table
from boxloop.study.model import Study


@dataclass(frozen=True)
class Trial:
    """What the stages make of a draft.

    Attributes
    ----------
    table : Table
        All labelled objects, the target null for those of the test set.
    group : str or None
        Column of the independent unit.
    fault : str
        Why the study cannot run so; empty where it can.
    arrays : bool
        Whether images or light curves belong to the objects.
    """

    table: Table
    group: str | None
    fault: str = ""
    arrays: bool = False

    def only(self, features: Sequence[str]) -> Table:
        """Return the table with some of its features."""
        out = [n for n in self.table.of_role("feature") if n not in set(features)]
        return replace(self.table, frame=self.table.frame.drop(columns=out))


def try_split(content: Mapping[str, Any], split: Mapping[str, Any], project: Path) -> Trial:
    """Assemble the table of a draft, draw its test set, and deal its folds.

    Parameters
    ----------
    content : mapping
        The sections so far.
    split : mapping
        The section ``split`` to be tried.
    project : Path
    """
    study = _study(content, split)
    columns = {**study.section("columns"), "image": None, "light_curve": None}
    arrays = study.columns.image is not None or study.columns.light_curve is not None
    sample = study.section("samples", "train")
    # A folder of light curves alone is its own table; all other files of objects are not opened.
    own = study.section("columns", "light_curve") if sample["reader"] == "light_curves" else None
    raw = read_sample(
        "train",
        sample,
        project / sample["path"],
        columns={**columns, "light_curve": own},
        text=columns_of_text(columns),
        seed=study.seed,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.PerformanceWarning)  # of no use to the user
            made = assemble(
                [raw],
                columns=columns,
                split=study.section("split"),
                task=study.task,
                seed=study.seed,
            )
        if study.task != "exploration":
            _deal(study, made.table, made.sealed, made.summary["classes"] or {})
    except BoxloopError as error:
        return Trial(Table(pd.DataFrame(), {}), None, str(error), arrays)
    return Trial(made.table, study.group_column, "", arrays)


def _study(content: Mapping[str, Any], split: Mapping[str, Any]) -> Study:
    """Return the draft as a study; what it says later does not matter for its data."""
    task = content["task"]
    rest = {} if task == "exploration" else {"models": [{"name": "dummy"}], "metric": "rmse"}
    words = {"what": "", "why": ""}
    return Study.model_validate(
        {
            **content,
            **rest,
            "split": split,
            "question": words,
            "report": {"title": "", "authors": [""]},
        }
    )


def _deal(study: Study, table: Table, sealed: pd.DataFrame, classes: Mapping[str, int]) -> None:
    common: dict[str, Any] = {
        "group": study.group_column,
        "together": study.together,
        "stratify": study.split.stratify,
        "task": study.task,
        "seed": study.seed,
    }
    sets = assign_split(table, set(sealed["id"]), calibration=study.split.calibration, **common)
    assign_folds(table, sets, folds=study.split.folds, **common)
    learnt = pd.Series(table.column(table.named("target") or ""))[
        (sets["set"] == "train").to_numpy()
    ]
    lost = sorted(set(classes) - set(learnt.dropna()))
    if lost:
        raise BoxloopError(f"no object of the class {lost[0]!r} would be left to learn from")
