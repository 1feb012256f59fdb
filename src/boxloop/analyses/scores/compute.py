"""Score every model on every split, with intervals; compare the selected one with the others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
import pandas as pd

from boxloop.analyses.external.models import THEIR_TRAINING, external_models, their_training
from boxloop.analyses.scores.comparisons import comparisons_of, rankings
from boxloop.errors import BoxloopError
from boxloop.fitting.targets import judged
from boxloop.metrics import Judged, Resamples, Score, scores
from boxloop.metrics.interval import Distribution
from boxloop.store import Table
from boxloop.study.vocabulary import CLASS_GROUP, SKY_GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.metrics import MetricScore, Published, PublishedScore, Scored


@dataclass(frozen=True)
class Truth:
    """The known targets, one row an object.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``id``, ``target``, ``unit`` (what is independent), ``group:<name>`` for each column by
        which errors are broken down, ``sky:ra``, ``sky:dec`` [deg] where sky regions are among
        them, and ``error_low``, ``error_high`` where the target has errors.
    classes : tuple of str
        Sorted; empty for a regression.
    """

    frame: pd.DataFrame
    classes: tuple[str, ...]

    def codes(self, values: "NDArray[Any]") -> "NDArray[Any]":
        """Return targets as numbers, or as codes of the classes."""
        if not self.classes:
            return values.astype(float)
        return pd.Index(self.classes).get_indexer(pd.Index(values.astype(str)))


def group_columns(groups: Iterable[str | list[str]], protected: Iterable[str] = ()) -> list[str]:
    """Return the columns that groups, also of several columns at once, are made of; each once."""
    named = [[g] if isinstance(g, str) else g for g in groups]
    return list(dict.fromkeys([c for columns in named for c in columns] + [*protected]))


#: Columns of `Truth` with the target's standard error, downwards and upwards.
_ERRORS = ["error_low", "error_high"]


def known_truth(
    table: Table, sealed: pd.DataFrame | None, *, group: str | None, groups: list[str]
) -> Truth:
    """Gather the targets that may be known: the table's, and the sealed ones once they are opened.

    Parameters
    ----------
    table : Table
        Its target is null for test objects.
    sealed : pandas.DataFrame or None
        ``id``, target and its errors of the test objects; None in a draft.
    group : str or None
        Column whose equal values are one independent unit.
    groups : list of str
        Columns by which errors are broken down; ``sky`` and ``class``, where the table has no such
        columns, stand for the position and for the target.
    """
    name = table.named("target") or "target"
    ids = table.ids
    target = table.frame[name].astype(object).set_axis(ids)
    if sealed is not None:
        target.loc[sealed["id"]] = sealed[name].astype(object).to_numpy()
    frame = pd.DataFrame({"id": ids, "target": target.to_numpy()})
    for column, own in zip(_ERRORS, table.of_role("target_error"), strict=False):
        error = table.frame[own].astype(float).set_axis(ids)
        if sealed is not None:
            error.loc[sealed["id"]] = sealed[own].astype(float).to_numpy()
        frame[column] = error.to_numpy()
    frame["unit"] = ids if group is None else table.column(group)
    for column in groups:
        if column == SKY_GROUP and column not in table.frame:
            for axis, own in zip(("ra", "dec"), table.of_role("sky"), strict=True):
                frame[f"sky:{axis}"] = table.column(own)
            continue
        is_target = column == name or (column == CLASS_GROUP and column not in table.frame)
        frame[f"group:{column}"] = target.to_numpy() if is_target else table.column(column)
    frame = frame[frame["target"].notna()].reset_index(drop=True).infer_objects()
    classes: tuple[str, ...] = ()
    if not pd.api.types.is_numeric_dtype(table.frame[name]):
        classes = tuple(sorted(frame["target"].astype(str).unique()))
    return Truth(frame, classes)


class Choice(TypedDict):
    """What `evaluate` has to know of the search."""

    selected: str
    candidates: list[str]
    fold_scores: dict[str, list[float]]
    repeats: int


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes
    ----------
    metrics : dict
        Content of ``evaluate/metrics.json``.
    shown : str
        The split that the details are about: test in a final study, cv in a draft.
    judged : mapping of str to Judged
        Each model's predictions of that split beside the truth.
    objects : pandas.DataFrame
        The objects of that split, in the same order.
    """

    metrics: "Scored"
    shown: Literal["cv", "test"]
    judged: dict[str, Judged]
    objects: pd.DataFrame


def evaluate(
    predictions: pd.DataFrame,
    cross_validated: pd.DataFrame,
    truth: Truth,
    *,
    study: str,
    task: str,
    provenance: str,
    status: Literal["draft", "final"],
    metric: str,
    margin: float,
    selected: str,
    published: Sequence["PublishedScore"],
    seed: int,
    candidates: Collection[str] | None = None,
    fold_scores: Mapping[str, Sequence[float]] | None = None,
    repeats: int = 1,
) -> Evaluation:
    """Score all models under all metrics of the task.

    Parameters
    ----------
    predictions : pandas.DataFrame
        ``evaluate/predictions.parquet``: sets train, calibration and, in a final study, test.
    cross_validated : pandas.DataFrame
        ``search/predictions.parquet``: out-of-fold predictions.
    truth : Truth
        Of the objects predicted; without the test objects in a draft.
    selected : str
        The model that cross-validation chose; nothing here changes the choice.
    candidates : collection of str, optional
        Models that could have been chosen; the others are shown only. All by default.
    fold_scores : mapping of str to sequence of float, optional
        By model, the scores of each fold of its best trial.
    repeats : int
        How often the objects were dealt into folds.

    Raises
    ------
    BoxloopError
        A predicted object has no target.
    """
    together = pd.concat([cross_validated.assign(set="cv"), predictions], ignore_index=True)
    names = list(dict.fromkeys(cross_validated["model"]))
    candidates = names if candidates is None else candidates
    shown: Literal["cv", "test"] = "test" if status == "final" else "cv"
    models: dict[str, dict[str, dict[str, MetricScore]]] = {name: {} for name in names}
    kept: dict[str, Distribution] = {}
    picture: tuple[dict[str, Judged], pd.DataFrame] | None = None
    for split in ("train", "cv", "calibration", "test"):
        rows = together[together["set"] == split]
        if rows.empty:
            continue
        objects, by_model = judged_by_model(rows, names, truth)
        resamples = Resamples(objects["unit"].to_numpy(), seed, split)
        found, spread = scores(by_model, resamples, task, intervals=split != "train")
        for name in names:
            models[name][split] = {key: plain_score(score) for key, score in found[name].items()}
        if split == shown:
            kept = {name: spread[name, metric] for name in names if (name, metric) in spread}
            picture = by_model, objects
    assert picture is not None
    given = external_models(together, shown)
    for name, about in given.items():
        if about[THEIR_TRAINING]:
            objects, alone = judged_by_model(their_training(together, name), [name], truth)
            resamples = Resamples(objects["unit"].to_numpy(), seed, "their training")
            found, _ = scores(alone, resamples, task)
            models[name][THEIR_TRAINING] = {k: plain_score(s) for k, s in found[name].items()}
    metrics: Scored = {
        "schema": 1,
        "study": study,
        "task": task,
        "provenance": provenance,
        "status": status,
        "metric": metric,
        "selected": selected,
        "shown": shown,
        "classes": list(truth.classes),
        "candidates": [name for name in names if name in candidates],
        "models": models,
        **comparisons_of(
            kept,
            picture[0],
            Resamples(picture[1]["unit"].to_numpy(), seed, shown),
            fold_scores or {},
            selected=selected,
            candidates=candidates,
            split=shown,
            metric=metric,
            margin=margin,
            repeats=repeats,
        ),
        "rankings": rankings(models, shown),
        "published": _beside_published(published, models[selected][shown]),
    }
    if given:
        metrics["given"] = given
    return Evaluation(metrics, shown, *picture)


def choice(searched: Mapping[str, Any]) -> Choice:
    """Return what `evaluate` has to know of ``search/selected.json``."""
    models = searched["models"]
    return {
        "selected": searched["selected"],
        "candidates": [name for name, model in models.items() if model["candidate"]],
        "fold_scores": {name: model["scores"] for name, model in models.items()},
        "repeats": searched.get("repeats", 1),
    }


def plain_score(score: Score) -> "MetricScore":
    """Return a score as plain data; what was left out is said where something was."""
    found: MetricScore = {
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "n_units": score.n_units,
        "reason": score.reason,
    }
    if score.left_out:
        found["left_out"] = score.left_out
    return found


def judged_by_model(
    rows: pd.DataFrame, names: list[str], truth: Truth
) -> tuple[pd.DataFrame, dict[str, Judged]]:
    """Put the predictions of all models for the same objects beside the truth, in one order."""
    parts = {name: rows[rows["model"] == name].set_index("id") for name in names}
    ids = parts[names[0]].index
    objects = truth.frame.set_index("id").reindex(ids).reset_index()
    if objects["target"].isna().any():
        missing = objects.loc[objects["target"].isna(), "id"]
        raise BoxloopError(
            f"{len(missing)} predicted objects have no target, for example {missing.iloc[0]!r}; "
            "delete the study's results from prepare on and run again"
        )
    known = truth.codes(objects["target"].to_numpy())
    error = objects[_ERRORS].to_numpy(float) if _ERRORS[0] in objects else None
    pairs = {}
    for name, part in parts.items():
        if not part.index.sort_values().equals(ids.sort_values()):
            raise BoxloopError(f"the models {names[0]} and {name} predict different objects")
        pairs[name] = judged(part.loc[ids].reset_index(), known, truth.classes, error)
    return objects, pairs


def _beside_published(
    published: Sequence["PublishedScore"], ours: Mapping[str, "MetricScore"]
) -> list["Published"]:
    return [{**p, "ours": ours[p["metric"]]["value"]} for p in published]


def gap(metrics: "Scored") -> dict[str, float | None]:
    """Return, for each model, its score on training objects minus its cross-validated score."""
    name = metrics["metric"]
    out: dict[str, float | None] = {}
    for model, splits in metrics["models"].items():
        if model in metrics.get("given", {}):  # it was not trained on our training objects
            out[model] = None
            continue
        train, cv = splits["train"][name]["value"], splits["cv"][name]["value"]
        out[model] = None if train is None or cv is None else float(np.subtract(train, cv))
    return out
