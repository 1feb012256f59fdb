"""Plausibility: how many predictions break a law of nature, or a rule that the study states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.metrics import Resamples, distribution, interval, weighted, wilson
from boxloop.metrics.interval import FEWEST
from boxloop.study.code import user_function
from boxloop.study.known_modality import of_modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.understanding import BrokenShare, Plausible, PlausibleRule, StatedRule
    from boxloop.store import Table

#: How far beyond the training targets' range a prediction may lie, as a part of the range.
BEYOND = 0.1
#: Training targets this close to both ends of zero to one are taken as fractions.
_END = 0.02
#: Objects named of a rule.
_EXAMPLES = 3
#: Columns that no rule's function sees.
_SEALED = ("target", "target_error")


@dataclass(frozen=True)
class Shown:
    """The predictions that are shown.

    Attributes
    ----------
    table : Table
        The objects, in the order of `objects`.
    objects : pandas.DataFrame
        ``id`` and ``unit``.
    predictions : mapping of str to pandas.DataFrame
        By model, in the same order: ``id``, ``prediction``, ``p_<class>``, columns of mixtures.
    classes : tuple of str
        Empty for a regression.
    """

    table: "Table"
    objects: pd.DataFrame
    predictions: Mapping[str, pd.DataFrame]
    classes: tuple[str, ...] = ()


def automatic_rules(targets: "NDArray[np.float64]") -> list["StatedRule"]:
    """Return rules that the training targets suggest; for a study that states none.

    Parameters
    ----------
    targets : ndarray of float, shape (training objects,)
    """
    known = targets[np.isfinite(targets)]
    if not len(known):
        return []
    low, high = float(known.min()), float(known.max())
    rules: list[StatedRule] = []
    if low >= 0 and high <= 1 and low <= _END and high >= 1 - _END:
        rules.append(_automatic("fraction", 0.0, 1.0))
    elif low > 0:
        rules.append(_automatic("positive", 0.0, None))
    beyond = BEYOND * (high - low)
    return [*rules, _automatic("range", low - beyond, high + beyond)]


def _automatic(name: str, low: float, high: float | None) -> "StatedRule":
    return {
        "name": name,
        "low": low,
        "high": high,
        "classes": None,
        "where": {},
        "function": None,
        "automatic": True,
    }


def plausibility(
    rules: Sequence[Mapping[str, Any]],
    targets: "NDArray[np.float64]",
    shown: Shown,
    *,
    split: str,
    seed: int,
    user_code: Sequence[str] = (),
) -> "Plausible":
    """Return the section ``plausible`` of ``evaluate/understanding.json``.

    Parameters
    ----------
    rules : sequence of mapping
        The study's section ``plausible``.
    targets : ndarray of float, shape (training objects,)
        For rules where the study states none; not used for classes.
    shown : Shown
    split : str
        Which split they are.
    user_code : sequence of str
        Paths of the study's own modules.
    """
    stated = [_stated(rule) for rule in rules]
    if not stated and not shown.classes:
        stated = automatic_rules(targets)
    reason = "" if stated else "the study states no rule for its classes"
    return {
        "split": split,
        "reason": reason,
        "rules": [_judged(i, rule, shown, seed, user_code) for i, rule in enumerate(stated)],
    }


def _stated(rule: Mapping[str, Any]) -> "StatedRule":
    return {
        "name": rule["name"],
        "low": rule["low"],
        "high": rule["high"],
        "classes": rule["classes"],
        "where": rule["where"],
        "function": rule["function"],
        "automatic": False,
    }


def _judged(
    i: int, rule: "StatedRule", shown: Shown, seed: int, user_code: Sequence[str]
) -> "PlausibleRule":
    key = f"plausible.{i}"
    applies = _within(key, rule["where"], shown.table)
    unknown = [c for c in rule["classes"] or [] if c not in shown.classes]
    if unknown:
        raise BoxloopError(
            f"{key}.classes: expected classes of the target: {listed(shown.classes)}; found "
            f"{unknown[0]!r}{suggest(unknown[0], shown.classes)}"
        )
    models = {}
    for name, predicted in shown.predictions.items():
        broken = ~_obeyed(key, rule, shown.table, predicted, user_code) & applies
        models[name] = _share(broken, applies, shown.objects, seed, rule["name"])
    return {**rule, "said": said(rule), "models": models}


def _within(
    key: str, where: Mapping[str, Mapping[str, Any]], table: "Table"
) -> "NDArray[np.bool_]":
    """Return the objects that a rule holds for; not those without a value."""
    inside = np.ones(len(table), bool)
    for name, cut in where.items():
        at = f"{key}.where.{name}"
        if name not in table.frame or table.columns[name].role in _SEALED:
            roles = {n: c.role for n, c in table.columns.items()}
            known = [n for n, r in roles.items() if not (r in _SEALED or of_modality(r))]
            raise BoxloopError(
                f"{at}: expected a column of the table: {listed(known, 30)}; found {name!r}"
                f"{suggest(name, known)}"
            )
        if not pd.api.types.is_numeric_dtype(table.frame[name].dtype):
            raise BoxloopError(f"{at}: expected a column of numbers; found text; take another")
        values = table.frame[name].to_numpy(float, na_value=np.nan)
        inside &= np.isfinite(values)
        if cut.get("low") is not None:
            inside &= values >= cut["low"]
        if cut.get("below") is not None:
            inside &= values < cut["below"]
    return inside


def _obeyed(
    key: str,
    rule: "StatedRule",
    table: "Table",
    predicted: pd.DataFrame,
    user_code: Sequence[str],
) -> "NDArray[np.bool_]":
    if rule["function"]:
        return _own(f"{key}.function", rule["function"], table, predicted, user_code)
    if rule["classes"] is not None:
        return predicted["prediction"].astype(str).isin(rule["classes"]).to_numpy()
    values = predicted["prediction"].to_numpy(float)
    low = -np.inf if rule["low"] is None else rule["low"]
    high = np.inf if rule["high"] is None else rule["high"]
    obeyed: NDArray[np.bool_] = (values >= low) & (values <= high)
    return obeyed


def _own(
    at: str, reference: str, table: "Table", predicted: pd.DataFrame, user_code: Sequence[str]
) -> "NDArray[np.bool_]":
    function = user_function(reference, [Path(p) for p in user_code])
    frame = table.frame.drop(columns=table.of_role(*_SEALED))
    found = np.asarray(function(frame.copy(), predicted.copy()))
    if found.shape != (len(predicted),) or found.dtype != bool:
        raise BoxloopError(
            f"{at}: expected an array of bool with {len(predicted)} values from {reference}, true "
            f"where a prediction is plausible; found {found.dtype} of shape {found.shape}"
        )
    return found


def _share(
    broken: "NDArray[np.bool_]",
    applies: "NDArray[np.bool_]",
    objects: pd.DataFrame,
    seed: int,
    name: str,
) -> "BrokenShare":
    """Return how many of the objects that a rule holds for break it, with an interval."""
    n, events = int(applies.sum()), int(broken.sum())
    examples = sorted(objects["id"].astype(str).to_numpy()[broken])[:_EXAMPLES]
    units = objects["unit"].to_numpy()[applies]
    if not n:
        return {
            "objects": n,
            "violations": events,
            "examples": examples,
            "share": None,
            "low": None,
            "high": None,
            "n_units": 0,
            "reason": "the rule holds for none of the objects",
        }
    resamples = Resamples(units, seed, "plausible", name)
    about: BrokenShare = {
        "objects": n,
        "violations": events,
        "examples": examples,
        "share": events / n,
        "n_units": resamples.n_units,
        "low": None,
        "high": None,
        "reason": "",
    }
    if resamples.n_units < FEWEST:
        return {**about, "reason": f"no interval below {FEWEST} units"}
    limits = None
    if resamples.n_units < n:
        values = broken[applies].astype(float)
        touched = len(np.unique(units[broken[applies]].astype(str)))
        if touched >= FEWEST:
            limits = interval(distribution(lambda w: weighted.mean(values, w), resamples))
    # Objects of a unit may all do the same, so that units are counted and not objects.
    low, high = limits or wilson(events / n * resamples.n_units, resamples.n_units)
    return {**about, "low": low if events else 0.0, "high": high if events < n else 1.0}


def said(rule: "StatedRule") -> str:
    """Return what predictions that break a rule are, in words."""
    if rule["function"]:
        what = f"against the rule {rule['name']} ({rule['function']})"
    elif rule["classes"] is not None:
        what = f"against the rule {rule['name']}, which allows only {listed(rule['classes'])}"
    elif rule["name"] == "positive" and rule["automatic"]:
        what = "negative, where all training targets are positive"
    elif rule["name"] == "fraction" and rule["automatic"]:
        what = "outside zero to one, where all training targets are"
    elif rule["automatic"]:
        what = "far beyond the range of the training targets, outside "
        what += f"{rule['low']:.4g} to {rule['high']:.4g}"
    else:
        what = f"against the rule {rule['name']}, which allows "
        what += _limits(rule["low"], rule["high"])
    where = [f"{n} {_limits(c.get('low'), c.get('below'))}" for n, c in rule["where"].items()]
    return what + (f" where {' and '.join(where)}" if where else "")


def _limits(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"


def shown_predictions(
    rows: pd.DataFrame, models: Iterable[str], table: "Table", objects: pd.DataFrame
) -> Shown:
    """Gather the predictions of some models for the same objects, with the table's rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Predictions of the split that is shown.
    models : iterable of str
    table : Table
        All labelled objects.
    objects : pandas.DataFrame
        ``id`` and ``unit`` of the objects.
    """
    ids = objects["id"].to_numpy()
    place = pd.Index(table.ids).get_indexer(ids)
    small = replace(table, arrays={}).take(place)
    by_model = {m: rows[rows["model"] == m].set_index("id") for m in models}
    return Shown(small, objects, {m: of.loc[ids].reset_index() for m, of in by_model.items()})
