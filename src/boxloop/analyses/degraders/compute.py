"""How do the scores fall where data get worse?

The word *degrader* is that of RAIL, the photometric redshift framework of the LSST Dark Energy
Science Collaboration: what turns good data into realistic bad ones.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from boxloop.analyses.degraders.findings import findings_of, said
from boxloop.analyses.degraders.plan import Degrader, check_identity, planned
from boxloop.analyses.degraders.scores import Judge, Scored, curve, score_models
from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.scores.compute import Truth
from boxloop.features import derived_anew
from boxloop.findings import ranked
from boxloop.fitting import Fitted
from boxloop.fitting.targets import judged
from boxloop.metrics import Judged, Resamples
from boxloop.modalities.registry import names_of
from boxloop.sampling import draw_fraction
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from boxloop.results.degraders import DegraderAbout, DegraderEntry, Degraders
    from boxloop.results.metrics import Metrics

#: Most objects that are degraded, drawn by unit: of a table alone, and with images or light curves.
MOST, MOST_HEAVY = 5000, 1000

#: Why somebody else's predictions are not among the curves.
_STILL = "its predictions are read from a column: nobody can make them again from worse data"

_LOG = logging.getLogger("boxloop.analyses.degraders.compute")


def compute(
    evaluated: Evaluated,
    *,
    degraders: Iterable[Mapping[str, Any]] | None,
    derived: Mapping[str, Mapping[str, Any]],
    margin: float,
    seed: int,
) -> "Degraders":
    """Return the content of ``evaluate/degraders.json``.

    No model was fitted to the objects that are degraded: those of the test set in a final study,
    else those of the calibration set. All strengths of a degrader use the same random numbers, so
    that what is lost at a smaller strength is lost at a larger one too. Objects are put in the
    order of their identifiers first: the order of the rows of the table changes nothing. Somebody
    else's predictions are left out: no change of the data changes them.

    Parameters
    ----------
    evaluated : Evaluated
    degraders : iterable of mapping, or None
        The study's section of that name.
    derived : mapping
        The study's section ``columns.derived``.
    margin : float
        Smaller differences of the metric do not matter.
    seed : int

    Raises
    ------
    BoxloopError
        A function of the study's own returns what it ought not to.
    """
    metrics, user_code = evaluated.metrics, evaluated.user_code
    every = list(evaluated.models.values())
    still = [model.name for model in every if model.given]
    models = [model for model in every if not model.given]
    wanted = None if degraders is None else list(degraders)
    if wanted == []:
        return _nothing("the study asks for no degraders")
    if metrics["selected"] not in [model.name for model in models]:
        return _nothing("the selected model is a column of predictions, which no data change")
    about = _objects(evaluated.table, evaluated.split, evaluated.truth.frame, metrics, seed)
    if isinstance(about, str):
        return _nothing(about)
    chosen, left_out = planned(about.table, wanted, user_code)
    if not chosen:
        return {**_nothing("no degrader fits these data"), "left_out": left_out}
    judge = _judge(models, about, metrics, margin, seed, chosen)
    whole = [model.predict(about.table) for model in models]
    (before,) = score_models([about.judged(models, whole)], judge)
    curves: list[DegraderEntry] = []
    for degrader in chosen:
        check_identity(degrader, about.table, generator(seed, "degrade", degrader.name))
        worse = [
            _worse(degrader, s, about.table, derived, seed, user_code) for s in degrader.strengths
        ]
        touched = _touches(degrader, derived)
        found = _scored(models, whole, worse, touched, about, judge)
        steps = [(0.0, before), *zip(degrader.strengths, found, strict=True)]
        curves.append({**_described(degrader), **curve(steps, judge)})
        _LOG.info("%s: %d strengths", degrader.name, len(degrader.strengths))
    return {
        "set": about.set,
        "reason": "",
        "rows": len(about.table),
        "of_rows": about.of_rows,
        "n_units": judge.resamples.n_units,
        "metric": judge.metric,
        "selected": judge.selected,
        "dummy": judge.dummy,
        "margin": margin,
        "looks": judge.looks,
        "degraders": curves,
        "left_out": left_out,
        "models_left_out": [{"model": name, "reason": _STILL} for name in still],
        "findings": ranked(findings_of(curves, judge, about.set, len(about.table))),
    }


def _nothing(reason: str) -> "Degraders":
    return {
        "set": None,
        "reason": reason,
        "degraders": [],
        "left_out": [],
        "models_left_out": [],
        "findings": [],
    }


@dataclass(frozen=True)
class Objects:
    """The objects that are degraded, in the order of their identifiers.

    Attributes
    ----------
    table : Table
        Without the target.
    truth : Truth
        In the same order.
    set : str
    of_rows : int
        How many the set has.
    """

    table: Table
    truth: Truth
    set: Literal["test", "calibration"]
    of_rows: int

    def judged(
        self, models: Sequence[Fitted], predicted: Sequence[pd.DataFrame]
    ) -> dict[str, Judged]:
        """Put predictions of all models beside the truth."""
        frame, classes = self.truth.frame, self.truth.classes
        known = self.truth.codes(frame["target"].to_numpy())
        ends = ["error_low", "error_high"]
        error = frame[ends].to_numpy(float) if ends[0] in frame else None
        return {
            model.name: judged(found, known, classes, error)
            for model, found in zip(models, predicted, strict=True)
        }


def _objects(
    table: Table, split: pd.DataFrame, truth: pd.DataFrame, metrics: "Metrics", seed: int
) -> Objects | str:
    """Choose the objects, or say why there are none."""
    wanted: Literal["test", "calibration"]
    wanted = "test" if metrics["shown"] == "test" else "calibration"
    mine = split.loc[split["set"] == wanted, "id"]
    known = truth[truth["id"].isin(mine)].sort_values("id", kind="stable", ignore_index=True)
    if known.empty:
        return (
            "every object whose target may be known taught the final models: a draft has no "
            "calibration set (split.calibration)"
            if wanted == "calibration"
            else "no test object has a target"
        )
    classes = tuple(metrics["classes"])
    heavy = bool(names_of(table))
    most = MOST_HEAVY if heavy else MOST
    rows = np.ones(len(known), bool)
    if len(known) > most:
        units = known["unit"].to_numpy()
        grouped = known["unit"].nunique() < len(known)
        strata = known["target"].to_numpy() if classes and not grouped else None
        rows = draw_fraction(
            units, most / len(known), seed, "degrade", strata=strata, grouped=grouped
        )
    drawn = known[rows].reset_index(drop=True)
    name = table.id_name
    place = pd.Index(table.column(name)).get_indexer(pd.Index(drawn["id"]))
    blind = replace(
        table, frame=table.frame.drop(columns=table.of_role("target", "target_error"))
    ).take(place)
    return Objects(blind, Truth(drawn, classes), wanted, len(known))


def _judge(
    models: Sequence[Fitted],
    about: Objects,
    metrics: "Metrics",
    margin: float,
    seed: int,
    chosen: Sequence[Degrader],
) -> Judge:
    names, selected = [m.name for m in models], metrics["selected"]
    candidates = metrics.get("candidates", names)
    before = names[: names.index(selected)]
    dummies = [m.name for m in models if m.description.get("kind") == "dummy"]
    steps = sum(len(d.strengths) for d in chosen)
    return Judge(
        metrics["metric"],
        metrics["task"],
        selected,
        margin,
        tuple(names),
        tuple(n for n in before if n in candidates),
        next((n for n in dummies if n != selected), None),
        Resamples(about.truth.frame["unit"].to_numpy(), seed, "degrade"),
        (len(names) - 1) * (1 + steps) + steps,
    )


def _worse(
    degrader: Degrader,
    strength: float,
    table: Table,
    derived: Mapping[str, Mapping[str, Any]],
    seed: int,
    user_code: Sequence[str],
) -> Table:
    """Degrade a table; its derived columns are computed anew, with the same random numbers."""
    rng = generator(seed, "degrade", degrader.name)
    return derived_anew(degrader.degrade(table, strength, rng=rng), derived, user_code)


def _touches(degrader: Degrader, derived: Mapping[str, Any]) -> set[str]:
    """Return the parts of the data that change; what is derived may come from light curves."""
    return {*degrader.touches, *(["table"] if derived else [])}


def _scored(
    models: Sequence[Fitted],
    whole: Sequence[pd.DataFrame],
    worse: Sequence[Table],
    touched: set[str],
    about: Objects,
    judge: Judge,
) -> list[Scored]:
    """Score all models on each of the degraded tables; those that see no change keep their own."""
    predicted = [
        _predicted(model, worse) if touched & _inputs(model) else [before] * len(worse)
        for model, before in zip(models, whole, strict=True)
    ]
    steps = [about.judged(models, of) for of in zip(*predicted, strict=True)]
    return score_models(steps, judge)


def _inputs(model: Fitted) -> set[str]:
    return set(model.recipe.unfitted["inputs"])


def _predicted(model: Fitted, tables: Sequence[Table]) -> list[pd.DataFrame]:
    """Predict several tables of the same objects at once; those with arrays one after the other."""
    if any(name in tables[0].arrays for name in _inputs(model)):
        return [model.predict(table) for table in tables]
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    found = model.predict(replace(tables[0], frame=frame, arrays={}))
    n = len(tables[0])
    return [found.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(len(tables))]


def _described(degrader: Degrader) -> "DegraderAbout":
    return {
        "name": degrader.name,
        "function": degrader.function,
        "touches": list(degrader.touches),
        "columns": list(degrader.columns),
        "parameters": degrader.parameters,
        "mild": degrader.mild,
        "said": [said(degrader.name, s) for s in (0.0, *degrader.strengths)],
    }
