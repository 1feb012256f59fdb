"""Score the selected model in all groups of all groupings, on the same resamples of units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.groups.grouping import Grouping
from boxloop.analyses.groups.scores import (
    OVER_CLASSES,
    OfObjects,
    Resampled,
    by_group,
    by_metric_frame,
    lacking_classes,
    plain_value,
    resample_objects,
)
from boxloop.analyses.groups.sums import (
    Wanted,
    apart_of,
    confusion_sums,
    resample_sums,
    residual_sums,
    sums_of,
)
from boxloop.metrics import REGISTRY, Judged, Resamples
from boxloop.metrics.interval import FEWEST
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats


@dataclass(frozen=True)
class Compared:
    """A grouping with what was found of the selected model.

    Attributes
    ----------
    grouping : Grouping
    metric : str
        That its groups are judged by.
    note : str
        Why it is another than the study's; empty where it is not.
    scores : Resampled
    errors : tuple of ndarray
        Sums of the confusion matrix, or of residuals, of each group: over all units, resamples,
        jackknife sets.
    units, rest_units : ndarray of int, shape (g,)
    single : bool
        Whether every object is a unit of its own.
    lacks, rest_lacks : list of list of str
        Classes of which there are too few objects.
    """

    grouping: Grouping
    metric: str
    note: str
    scores: Resampled
    errors: tuple["Floats", "Floats", "Floats"]
    units: "NDArray[np.intp]"
    rest_units: "NDArray[np.intp]"
    single: bool
    lacks: list[list[str]]
    rest_lacks: list[list[str]]


def compare(
    found: list[Grouping],
    unit_names: "NDArray[Any]",
    judged: Mapping[str, Judged],
    metrics: Mapping[str, Any],
    seed: int,
) -> list[Compared]:
    """Score the selected model in all groups of all groupings on the same resamples."""
    mine = judged[metrics["selected"]]
    unit = np.unique(unit_names, return_inverse=True)[1]
    classes = task_of(metrics["task"]).has_classes
    errors = confusion_sums(mine) if classes else residual_sums(mine)
    chosen = [_metric_of(g, mine, metrics["metric"], unit) for g in found]
    sums = {name: sums_of(REGISTRY[name], mine) for name, _ in chosen}
    wanted, whole_objects = {}, {}
    for i, (grouping, (name, _)) in enumerate(zip(found, chosen, strict=True)):
        g, own = len(grouping.groups), sums[name]
        wanted[f"{i} errors"] = Wanted(errors.by_group(grouping.codes, g, unit), g)
        if own is None:
            whole_objects[f"{i} metric"] = OfObjects(REGISTRY[name], mine, grouping.codes, g)
        elif REGISTRY[name].needs != "label":
            matrix = own.by_group(grouping.codes, g, unit)
            wanted[f"{i} metric"] = Wanted(matrix, g, own.finish)
    people = classes and any(grouping.protected for grouping in found)
    resamples = Resamples(unit_names, seed, "groups")
    every = resample_sums(wanted, resamples, jackknife=people)
    many = {key: parts[1] for key, parts in every.items()}
    many |= resample_objects(whole_objects, resamples)
    looked = []
    for i, (grouping, (name, note)) in enumerate(zip(found, chosen, strict=True)):
        g, own = len(grouping.groups), sums[name]
        whole, resampled, left_out = (part[0] for part in every[f"{i} errors"])
        if own is not None and REGISTRY[name].needs == "label":
            many[f"{i} metric"] = apart_of(resampled, own.finish)
        labels = REGISTRY[name].needs == "label"
        single = by_metric_frame if labels else by_group
        scores = Resampled(
            single(name, mine, grouping.codes, g),
            _rests(name, mine, grouping.codes, g),
            *many[f"{i} metric"],
        )
        looked.append(
            Compared(
                grouping,
                name,
                note,
                scores,
                (whole, resampled, left_out),
                *_units(grouping.codes, g, unit),
                resamples.n_units == len(unit),
                *_lacking(name, mine, grouping.codes, g),
            )
        )
    return looked


def _lacking(
    name: str, judged: Judged, codes: "NDArray[np.intp]", groups: int
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the classes that groups, and the objects outside them, have too few of."""
    if name not in OVER_CLASSES:
        return [[] for _ in range(groups)], [[] for _ in range(groups)]
    return lacking_classes(judged, codes, groups)


def _rests(name: str, judged: Judged, codes: "NDArray[np.intp]", groups: int) -> "Floats":
    """Return a metric of the objects outside each group (g,)."""
    outside = [codes != g for g in range(groups)]
    return np.array([plain_value(name, judged.take(rows), judged) for rows in outside])


def _metric_of(
    grouping: Grouping, judged: Judged, metric: str, unit: "NDArray[np.intp]"
) -> tuple[str, str]:
    """Choose what a grouping is judged by, and say why where it is not the study's metric."""
    if grouping.kind == "class":
        return "accuracy", "within a class the accuracy is the recall of the class"
    g = len(grouping.groups)
    if metric in OVER_CLASSES:
        large = _units(grouping.codes, g, unit)[0] >= FEWEST
        lacks = lacking_classes(judged, grouping.codes, g)[0]
        whole = [not few for few, ok in zip(lacks, large, strict=True) if ok]
        if sum(whole) < 2 and len(whole) > 1:
            note = "judged by accuracy, because nearly every group lacks a class"
            return "accuracy", note
    if metric == "r2":
        return metric, "in every group R² counts in the spread of the target over all objects"
    return metric, ""


def _units(
    codes: "NDArray[np.intp]", groups: int, unit: "NDArray[np.intp]"
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]"]:
    """Count the units of each group, and those of the objects outside it."""
    pairs = np.unique(codes * (int(unit.max()) + 1) + unit)
    own, of = np.divmod(pairs, int(unit.max()) + 1)
    several = np.bincount(of)[of] > 1
    inside = np.bincount(own, minlength=groups)
    only = np.bincount(own[~several], minlength=groups)
    return inside, len(np.unique(of)) - only
