"""Write down, for each model, what is to be done to the table before it sees it; fit nothing."""

from typing import Any

from boxloop.store import Table
from boxloop.study.vocabulary import KEEPS_MISSING

#: Roles of the columns that models may use.
USABLE = ("feature", "derived", "feature_error")


def make_recipes(table: Table, models: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return an unfitted recipe per model.

    Trees keep missing values as NaN; linear models, networks and the user's own models get them
    imputed and all columns scaled. The indicators are candidates: which columns have missing values
    is learnt with everything else, from the fitting rows.

    Parameters
    ----------
    table : Table
        Its columns' roles are looked at, never their values.
    models : list of dict
        The study's section ``models``.
    """
    columns = table.of_role(*USABLE)
    available = [
        name
        for name, there in (
            ("table", bool(columns)),
            ("image", "image" in table.arrays),
            ("light_curve", "light_curve.value" in table.frame),
        )
        if there
    ]
    states = table.of_role("state")
    return {m["name"]: _recipe(m, columns, states, available, table) for m in models}


def _recipe(
    model: dict[str, Any],
    columns: list[str],
    states: list[str],
    available: list[str],
    table: Table,
) -> dict[str, Any]:
    kind = None if model["function"] else (model["kind"] or model["name"])
    if kind == "dummy":
        return {"inputs": []}
    inputs = model["inputs"] or (available if kind is None else ["table"])
    recipe: dict[str, Any] = {"inputs": [i for i in available if i in inputs]}
    keeps = kind in KEEPS_MISSING
    if "table" in recipe["inputs"]:
        own = [s for s in states if s.removesuffix("__state") in columns]
        recipe["table"] = {"columns": columns, "indicators": own, "impute": not keeps}
    if "image" in recipe["inputs"]:
        recipe["image"] = {"scale": "channel"}
    if "light_curve" in recipe["inputs"]:
        has = table.frame.columns
        recipe["light_curve"] = {
            "errors": "light_curve.error" in has,
            "bands": "light_curve.band" in has,
        }
    return recipe
