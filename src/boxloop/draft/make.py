"""Draft a study: from files to a study file that runs as it stands."""

import getpass
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boxloop.draft.attached import Attached, attach
from boxloop.draft.compose import Draft, compose_columns, compose_question
from boxloop.draft.files import place_files
from boxloop.draft.leaking import Audit, audit, relevant
from boxloop.draft.models import Size, choose_models, choose_models_for_arrays
from boxloop.draft.reading import ReadTable, read_place
from boxloop.draft.request import Request
from boxloop.draft.roles import Roles, choose_group, sort_columns
from boxloop.draft.target import Target, understand_target
from boxloop.draft.trial import Trial, try_split
from boxloop.draft.units import unit_of
from boxloop.draft.yaml_text import study_text
from boxloop.errors import BoxloopError, listed


@dataclass(frozen=True)
class Drafted:
    """A study file to be written.

    Attributes
    ----------
    text : str
    said : list of str
        What was noticed, in a few lines.
    """

    text: str
    said: list[str]


def draft_study(request: Request, project: Path) -> Drafted:
    """Draft a study from a table, images or light curves.

    Parameters
    ----------
    request : Request
    project : Path
        The project's folder.

    Raises
    ------
    BoxloopError
        Files outside the project, that cannot be read, or of which no study can be made.
    """
    attached: Attached | None = None
    if request.tables:
        place = place_files(request.tables, project, request.name, copy=request.copy)
        read = read_place(place, project)
    else:
        attached, read = attach(request, project)
    frame, looks = read.frame, read.looks
    target = _target(request, read)
    classes = frame[request.target].to_numpy() if target and target.classes else None
    roles = sort_columns(frame, looks, request.target, classes)
    draft = Draft()
    _begin(draft, read, target)
    if attached:
        attached.claim(roles)
    compose_columns(draft, roles, looks, target)
    if attached:
        attached.compose(draft)
    trial = _choose_split(draft, roles, target, project, read)
    found = _leave_leaks_out(draft, trial, target)
    if target is not None:
        _compose_models(draft, target, trial, attached)
    compose_question(draft, target, Path(read.sample["path"]).name, _authors(project))
    return Drafted(_text(request, draft), _said(draft, roles, target, found, read))


def _target(request: Request, read: ReadTable) -> Target | None:
    if request.target is None:
        return None
    looks = list(read.looks.values())
    known = read.looks.get(request.target)
    unit = unit_of(known, read.looks).unit if known and known.number else ""
    return understand_target(request.target, looks, request.task, unit)


def _begin(draft: Draft, read: ReadTable, target: Target | None) -> None:
    """Write the sections that stand first: what kind of study, of which files."""
    content = draft.content
    content.update(schema=2, status="draft", seed=0)
    content["task"] = target.task if target else "exploration"
    draft.note("status", text="a draft never opens the test set")
    content["question"] = {}
    sample = dict(read.sample)
    if target and target.where:
        sample["where"] = {target.look.name: target.where}
    content["samples"] = {"train": sample}
    draft.note("samples", "train", text="provenance: correct it where data are simulated")
    if read.note:
        draft.note("samples", "train", text=read.note)


def _choose_split(
    draft: Draft, roles: Roles, target: Target | None, project: Path, read: ReadTable
) -> Trial:
    """Choose what keeps rows together: the first candidate with which the study can be split."""
    split: dict[str, Any] = {"test": 0.2, "calibration": 0.1}
    if target is not None:
        split = {"group": None, **split, "folds": target.folds}
        if target.folds < 5:
            draft.note("split", text=f"{target.folds} folds, for the smallest class")
    refused: list[str] = []
    for group, reason in [*roles.groups[:4], ("", "")] if target else [("", "")]:
        content = {k: v for k, v in split.items() if k != "group" or group}
        if group:
            content["group"] = group
        trial = try_split(draft.content, content, project)
        if trial.fault and group:
            refused.append(f"not by {group}, {trial.fault}")
            continue
        if trial.fault:
            raise BoxloopError(f"no study can be made of this table: {trial.fault}")
        if target is not None:
            draft.content["split"] = content
        if group:
            choose_group(roles, group)
            _take_group(draft, group)
            draft.note("split", text=f"rows of one {group} stay together: {reason}")
        for text in refused:
            draft.note("split", text=text)
        return trial
    raise AssertionError("the last candidate either fits or ends the draft")


def _take_group(draft: Draft, group: str) -> None:
    columns = draft.columns
    columns.get("excluded", {}).pop(group, None)
    columns["keep"] = [n for n in columns.get("keep", []) if n != group]
    for key in ("keep", "excluded"):
        if not columns.get(key):
            columns.pop(key, None)
    given = draft.names.get(group)
    if given in columns["features"]:
        del columns["features"][given]


def _leave_leaks_out(draft: Draft, trial: Trial, target: Target | None) -> Audit:
    table, task = trial.table, draft.content["task"]
    kept = relevant(table, task)
    for name in table.of_role("feature"):
        if name not in kept:
            feature = draft.columns["features"].pop(name)
            reason = f"not among the {len(kept)} columns that say most about the target"
            draft.columns.setdefault("excluded", {})[feature.get("from", name)] = reason
    found = audit(trial.only(kept), task=task, seed=0, group=trial.group)
    lineage = {r.column: list(r.parents) for r in found.relations}
    for name, evidence in found.out.items():
        if name in draft.columns["features"]:  # the group, taken since, is none any more
            draft.leave_out(name, evidence)
    for name, evidence in found.doubtful.items():
        if name in draft.columns["features"]:
            draft.note("columns", "features", name, text=f"look at this: {evidence}")
    if lineage:
        draft.columns["lineage"] = lineage
        for relation in found.relations:
            draft.note("columns", "lineage", relation.column, text=relation.equation)
    if target is not None and not draft.columns["features"] and not trial.arrays:
        raise BoxloopError(
            f"no column is left that {target.look.name!r} could be predicted from: "
            f"{listed((f'{k} ({v})' for k, v in draft.columns['excluded'].items()), 8)}"
        )
    return found


def _compose_models(draft: Draft, target: Target, trial: Trial, attached: Attached | None) -> None:
    content, features = draft.content, draft.columns["features"]
    if target.task == "classification":
        content["metric"] = "accuracy" if target.balanced else "f1_macro"
        text = "classes of like size" if target.balanced else "classes of different size"
        draft.note("metric", text=text)
        content["margin"] = 0.01
    else:
        content["metric"] = "rmse"
        content["margin"] = _margin(trial)
        draft.note("margin", text="a hundredth of the spread of the target")
    size = Size(len(trial.table), len(features), len(target.classes))
    if attached:
        models = choose_models_for_arrays(target.task, attached.inputs, table=bool(features))
    else:
        models = choose_models(target.task, size, balanced=not target.classes or target.balanced)
    content["models"] = models
    draft.note("models", text="simple to complex; spaces fit the size of the table")
    content["search"] = {"strategy": "grid", "chunk": 4}
    content["budget"] = {"trials": 8}
    # Errors by class stand in the confusion matrix.
    by_class = target.task == "classification"
    content["groups"] = list(features)[:1] if by_class else [draft.names[target.look.name]]


def _margin(trial: Trial) -> float:
    values = trial.table.column(trial.table.named("target") or "")
    spread = float(np.nanstd(np.asarray(values, dtype=np.float64)))
    return float(f"{spread / 100:.0e}")


def _authors(project: Path) -> list[str]:
    """Return the name that git knows, else the login."""
    command = ["git", "config", "user.name"]
    try:
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        name = done.stdout.strip()
    except OSError:
        name = ""
    try:
        return [name or getpass.getuser()]
    except (KeyError, OSError):
        return ["unknown"]


def _text(request: Request, draft: Draft) -> str:
    order = (
        "schema", "status", "seed", "task", "question", "samples", "columns", "split", "metric",
        "margin", "models", "search", "budget", "groups", "report",
    )  # fmt: skip
    content = {key: draft.content[key] for key in order if key in draft.content}
    if not draft.columns["features"]:
        columns = {k: v for k, v in draft.columns.items() if k != "features"}
        content["columns"] = columns
    head = [
        f"{request.name}: a first draft by boxloop new. It runs as it stands; what stands behind a "
        "# is what was seen in the files, on which the line rests."
    ]
    return study_text(content, draft.notes, head=head, left_out=draft.left_out)


def _said(
    draft: Draft, roles: Roles, target: Target | None, found: Audit, read: ReadTable
) -> list[str]:
    """Sum up in a few lines what was noticed."""
    columns = draft.columns
    marked = {n: f["missing"] for n, f in columns["features"].items() if "missing" in f}
    lines = [
        f"{len(read.frame)} rows, {len(read.looks)} columns: {len(columns['features'])} features, "
        f"{len(columns.get('excluded', {}))} left out"
    ]
    if target is not None:
        lines.append(f"target {target.look.name}: {target.task}, {target.why}")
    if target is not None and target.where:
        lines.append(f"rows without a target are cut: {target.where}")
    if roles.duplicates:
        lines.append(f"{roles.duplicates} rows repeat another in every column and are dropped")
    lines.append(f"identifier: {listed(roles.id) or 'none found; the row number stands for it'}")
    if marked:
        lines.append(f"markers of missing values in {len(marked)} columns: {_markers(marked)}")
    group = draft.content.get("split", {}).get("group")
    if group:
        lines.append(f"rows of one {group} stay in one set and fold")
    lines += [f"LEAK {name}: {evidence}" for name, evidence in found.out.items()]
    return lines


def _markers(marked: dict[str, dict[float, str]]) -> str:
    values = sorted({value for missing in marked.values() for value in missing})
    return listed(f"{value:g}" for value in values)
