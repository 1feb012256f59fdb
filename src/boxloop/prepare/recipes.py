"""Write down, for each model, what is to be done to the table before it sees it; fit nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.modalities.registry import as_seen, of_table
from boxloop.store import Table
from boxloop.study.known_models import GIVEN, MODELS

if TYPE_CHECKING:
    from boxloop.results.prepare import ErrorUse, Recipe, Recipes, TargetErrorUse

#: Roles of the columns that models may use.
USABLE = ("feature", "derived", "feature_error")
#: Uses of a feature's error that belong to training; `feature` makes it a column like others.
TRAINING = ("weight", "resample")


def make_recipes(
    table: Table, models: list[dict[str, Any]], columns: Mapping[str, Any] | None = None
) -> "Recipes":
    """Return an unfitted recipe per model.

    Trees keep missing values as NaN; linear models, networks and the user's own models get them
    imputed and all columns scaled. The indicators are candidates: which columns have missing values
    is learnt with everything else, from the fitting rows.

    Parameters
    ----------
    table : Table
        Its columns' roles are looked at, never their values.
    models : list of dict
        The study's section ``models``; ``features`` names features, derived columns, or keys of
        ``columns.derived`` for all columns they make.
    columns : mapping, optional
        The study's section ``columns``: it says how errors are used.

    Raises
    ------
    BoxloopError
        A model names a feature that the table does not have.
    """
    columns = columns or {"features": {}, "target": None}
    available = as_seen([*(["table"] if table.of_role(*USABLE) else []), *of_table(table)])
    target = _target_error(table, columns["target"])
    recipes = {m["name"]: _recipe(m, available, table, columns) for m in models}
    if target is not None:
        for recipe in recipes.values():
            recipe["target_error"] = target
    return recipes


def _recipe(
    model: dict[str, Any], available: list[str], table: Table, columns: Mapping[str, Any]
) -> "Recipe":
    kind = None if model["function"] else (model["kind"] or model["name"])
    if kind in ("dummy", GIVEN):
        return {"inputs": []}
    known = MODELS.get(kind or "")
    inputs = model["inputs"] or (available if kind is None else [(known and known.sees) or "table"])
    recipe: Recipe = {"inputs": [i for i in available if i in inputs]}
    if "table" in recipe["inputs"]:
        seen = _seen(table, model)
        states = [f"{c}__state" for c in seen]
        recipe["table"] = {
            "columns": seen,
            "indicators": [s for s in table.of_role("state") if s in states],
            "impute": not (known and known.keeps_missing),
        }
        errors = _errors(table, columns["features"], seen)
        if errors:
            recipe["table"]["errors"] = errors
        if any(error["use"] == "resample" for error in errors.values()):
            # What is computed from a scattered value has to be computed anew.
            recipe["table"]["derived"] = dict(columns.get("derived") or {})
    there = of_table(table)
    steps = {name: there[name].recipe(table) for name in recipe["inputs"] if name in there}
    return cast("Recipe", {**recipe, **steps})  # also of modalities of the user's own


def _seen(table: Table, model: Mapping[str, Any]) -> list[str]:
    """Return the columns that a model sees, in table order; offered errors go with features."""
    usable, wanted = table.of_role(*USABLE), model.get("features")
    if wanted is None:
        return usable
    belongs = {c: {c, table.columns[c].made_by} for c in table.of_role("feature", "derived")}
    for feature in table.of_role("feature"):
        for end in ("", "_low", "_high"):
            if f"{feature}_err{end}" in usable:
                belongs.setdefault(f"{feature}_err{end}", {feature})
    known = sorted(set().union(*belongs.values()) - {""})
    for name in wanted:
        if name not in known:
            raise BoxloopError(
                f"models.{model['name']}.features: expected features, derived columns or keys of "
                f"columns.derived: {listed(known, 30)}; found {name!r}{suggest(name, known)}"
            )
    return [c for c in usable if belongs[c] & set(wanted)]


def _errors(
    table: Table, features: Mapping[str, Any], seen: Sequence[str]
) -> "dict[str, ErrorUse]":
    """Return how errors of the features seen are used in training, and their columns.

    A derived column stands for features that the model may not see itself: all are scattered.
    """
    found: dict[str, ErrorUse] = {}
    derived = set(seen) & set(table.of_role("derived"))
    for name, feature in features.items():
        through = bool(derived) and feature["use_error"] == "resample"
        if (name in seen or through) and feature["use_error"] in TRAINING:
            ends = [f"{name}_err{end}" for end in ("_low", "_high")]
            low, high = ends if ends[0] in table.frame else [f"{name}_err"] * 2
            found[name] = {"use": feature["use_error"], "low": low, "high": high}
    return found


def _target_error(table: Table, target: Mapping[str, Any] | None) -> "TargetErrorUse | None":
    columns = table.of_role("target_error")
    if not columns or target is None:
        return None
    low, high = columns
    return {"low": low, "high": high, "use": target["use_error"]}
