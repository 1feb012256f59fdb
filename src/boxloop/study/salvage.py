"""Make the best of a study with faults, so that the rest of it can be checked as well."""

import copy
from typing import Any

from pydantic import ValidationError

from boxloop.study.faults import locate
from boxloop.study.model import Study
from boxloop.study.yaml_lines import KeyPath

#: What stands in for a section that is missing or unusable; nothing is said about it.
_STAND_INS: dict[KeyPath, Any] = {
    ("schema",): 2,
    ("task",): "classification",
    ("metric",): "accuracy",
    ("question",): {"what": "", "why": ""},
    ("report",): {"title": "", "authors": [""]},
    ("models",): [{"name": "dummy"}],
    ("samples",): {"train": {"source": "unknown", "provenance": "real"}},
    ("columns", "target"): "unknown",
    ("columns",): {"features": {"unknown": {}}, "target": "target"},
}


def salvage(content: dict[str, Any]) -> tuple[Study | None, set[KeyPath]]:
    """Validate what is left of a study when its faulty parts are taken out.

    Returns
    -------
    study : Study or None
        None where too little is left.
    touched : set of key paths
        What was taken out or replaced; see `rests_on`.
    """
    content = copy.deepcopy(content)
    touched: set[KeyPath] = set()
    for _ in range(6):
        try:
            return Study.model_validate(content), touched
        except ValidationError as error:
            errors = [(e, locate(e, content)) for e in error.errors()]
            for e, at in errors:
                touched.add(at)
                if e["type"] == "missing" and at not in _STAND_INS:
                    at = at[:-1]
                _take_out(content, at, touched)
    return None, touched


def _take_out(content: dict[str, Any], at: KeyPath, touched: set[KeyPath]) -> None:
    """Remove the value at a key path; of a list other than models, the whole list."""
    if not at:
        return
    touched.add(at)
    if at in _STAND_INS:
        _parent(content, at)[at[-1]] = copy.deepcopy(_STAND_INS[at])
        return
    parent = _parent(content, at)
    if isinstance(parent, list) and at[:-1] == ("models",) and isinstance(at[-1], int):
        parent[at[-1]] = {"name": f"unknown_{at[-1]}", "kind": "dummy"}
    elif isinstance(parent, list):
        _take_out(content, at[:-1], touched)
    elif isinstance(parent, dict):
        for key in [k for k in parent if str(k) == str(at[-1])]:
            del parent[key]


def _parent(content: Any, at: KeyPath) -> Any:
    for key in at[:-1]:
        if isinstance(content, dict):
            content = next((v for k, v in content.items() if str(k) == str(key)), None)
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            return None
    return content


def rests_on(at: KeyPath, touched: set[KeyPath]) -> bool:
    """Whether what is said about a key may only follow from what was taken out."""
    return any(_depends(at, t) for t in touched)


def _depends(at: KeyPath, taken: KeyPath) -> bool:
    if at[: len(taken)] == taken:
        return True
    if not at:  # what is said about the whole study
        return False
    if taken[0] == at[0]:
        # A model whose kind or function was unreadable only seems to be of another kind.
        same_model = at[0] == "models" and at[:2] == taken[:2] and len(taken) == 3
        above = at[0] != "checklist" and taken[: len(at)] == at
        return same_model or above
    if taken[0] == "task":
        # Whether a model is for the task, but not which hyperparameters it has.
        return at[0] in ("metric", "published") or (at[0] == "models" and len(at) == 3)
    if taken[0] in ("search", "budget"):
        return at[0] == "models" and "space" in at
    if taken[0] == "columns" and at[0] == "groups":
        return len(taken) <= 3
    if taken[0] == "columns" and at[0] == "models" and "features" in at:
        return len(taken) <= 3  # a column that is not there now may be one that was unreadable
    return taken == ("columns", "features") and at[0] == "models"
