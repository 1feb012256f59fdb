"""Which figures a study gets, drawn from its results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from boxloop import plots
from boxloop.analyses.exploration.figures import SHARED, of_data, rendered
from boxloop.analyses.registry import parts
from boxloop.plots import Drawing
from boxloop.store import Table
from boxloop.tasks import task_of


def draw_figures(
    table: Table,
    split: pd.DataFrame,
    contents: Mapping[str, Any],
    *,
    trials: pd.DataFrame,
    cross_validated: pd.DataFrame,
    applied: pd.DataFrame,
    fits: Mapping[str, Mapping[str, Any]],
    histories: Mapping[str, pd.DataFrame],
    explored: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Draw every figure that the results allow.

    Parameters
    ----------
    table : Table
        All labelled objects; only training objects are drawn.
    split : pandas.DataFrame
        ``id, set``.
    contents : mapping of str to Any
        JSON contents: explore, training, embedding, selected, metrics, details.
    trials : pandas.DataFrame
        search/trials.parquet.
    cross_validated, applied : pandas.DataFrame
        Predictions out of fold, and of the target sample.
    fits : mapping of str to mapping
        fit.json of every model.
    histories : mapping of str to pandas.DataFrame
        history.csv of the networks.
    explored : mapping of str to bytes, optional
        What `draw_exploration` gave for the same results: those that are shared are taken from
        there. Absent: they are drawn here.

    Returns
    -------
    dict of str to bytes
        Contents of the files by name: pdf, svg, csv and json of every figure.
    """
    with plots.style():
        drawings = [] if explored else of_data(contents, table.provenance)
        drawings.append(_relations(table, split, contents))
        drawings += _of_models(contents, table, trials, fits, histories)
        drawings += _of_results(contents, table, cross_validated, applied)
        drawings += _of_judging(contents, table)
    shared = {n: f for n, f in (explored or {}).items() if Path(n).stem in SHARED}
    return shared | rendered(drawings)


def _relations(table: Table, split: pd.DataFrame, contents: Mapping[str, Any]) -> Drawing | None:
    name, metrics = table.named("target") or "", contents["metrics"]
    sets = split.set_index("id")["set"].reindex(table.ids)
    learn = table.frame[(sets == "train").to_numpy()]
    units = {n: c.unit for n, c in table.columns.items()}
    ranked = _ranked(table, contents["training"].get("with_target") or {})
    return plots.relations(learn, name, units, ranked, metrics["task"], table.provenance)


def _ranked(table: Table, with_target: Mapping[str, float | None]) -> list[str]:
    """Order features by how closely they follow the target, where that is known."""
    names = [
        n
        for n in table.of_role("feature", "derived")
        if pd.api.types.is_numeric_dtype(table.frame[n])
    ]
    return sorted(names, key=lambda n: -abs(with_target.get(n) or 0.0))


def _of_models(
    contents: Mapping[str, Any],
    table: Table,
    trials: pd.DataFrame,
    fits: Mapping[str, Mapping[str, Any]],
    histories: Mapping[str, pd.DataFrame],
) -> list[Drawing | None]:
    metrics, unit = contents["metrics"], _target_unit(table)
    compared = metrics.get("comparisons") or [{}]
    return [
        plots.search(trials, contents["selected"], table.provenance, unit),
        plots.capacity(trials, contents["selected"], table.provenance, unit),
        plots.comparison(metrics, compared[0].get("margin") or 0.0, unit),
        plots.history(histories, table.provenance),
        plots.importances(fits, table.provenance),
        *_of_tree(fits, metrics["selected"], table),
    ]


def _of_tree(
    fits: Mapping[str, Mapping[str, Any]], selected: str, table: Table
) -> list[Drawing | None]:
    """Draw the selected model where it is a tree, else the first that is one."""
    trees = [n for n in (selected, *fits) if len(fits[n].get("tree") or []) > 1]
    if not trees:
        return []
    fit = fits[trees[0]]
    about = (table.named("target") or "target", _target_unit(table), trees[0], table.provenance)
    drawn = [plots.tree_to_read(fit["tree"], fit.get("classes") or [], *about)]
    if max(node["depth"] for node in fit["tree"]) > plots.READ:
        drawn.append(plots.tree_shape(fit["tree"], fit.get("classes") or [], *about))
    return [*drawn]


def _of_results(
    contents: Mapping[str, Any], table: Table, trained: pd.DataFrame, applied: pd.DataFrame
) -> list[Drawing | None]:
    metrics, details, provenance = contents["metrics"], contents["details"], table.provenance
    name, unit = table.named("target") or "target", _target_unit(table)
    mine = trained[trained["model"] == metrics["selected"]]
    applied = applied.assign(prediction=task_of(metrics["task"]).predictions(applied["prediction"]))
    return [
        plots.prediction(details, name, unit, provenance),
        plots.confusion(details, provenance),
        plots.calibration_pdf(details, name, unit, provenance),
        plots.applied(mine, applied, metrics["task"], name, unit, provenance),
    ]


def _of_judging(contents: Mapping[str, Any], table: Table) -> list[Drawing]:
    about = contents["metrics"], _target_unit(table), table.provenance
    return [
        drawing
        for name, draw in parts("figures")
        if contents.get(name)
        for drawing in draw(contents[name], *about)
    ]


def _target_unit(table: Table) -> str:
    name = table.named("target")
    return table.columns[name].unit if name else ""
