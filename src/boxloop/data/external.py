"""Somebody else's predictions in the file: carried along beside the features, offered to nobody.

They become the columns ``<model>__prediction``, ``<model>__p_<class>``, ``<model>__sigma`` and
``<model>__trained_on`` of the table, with the names of classes that the target has.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.standardiser import Standardiser
from boxloop.data.target import class_text
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import Column, Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Role of the columns.
ROLE = "prediction"
#: How a file may say that an object was, or was not, one of those it was trained on.
_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0", "")
#: Most classes that a message names.
_MOST = 10


def add_external(build: Standardiser, name: str, given: Mapping[str, Any]) -> None:
    """Add the columns of one model of somebody else's predictions.

    Parameters
    ----------
    build : Standardiser
    name : str
        The model's.
    given : mapping
        ``task, column, probabilities, sigma, labels, missing, trained_on``, as
        `boxloop.study.model.Study.given` returns them.

    Raises
    ------
    BoxloopError
        A column is not there, is not made of numbers where these are wanted, holds no
        probabilities, or is no flag.
    """
    key = f"models.{name}"
    values = build.find(given["column"], f"{key}.column")
    gone = _marked(values, given["missing"])
    read = _PREDICTIONS[task_of(given["task"]).kind_of_target]
    prediction = read(build, key, given, values, gone)
    build.add(f"{name}__prediction", prediction, Column(ROLE, "", f"prediction of {name}"))
    for label, column in given["probabilities"].items():
        probability = _probability(build, column, f"{key}.probabilities.{label}")
        about = f"probability of {label} by {name}"
        build.add(f"{name}__p_{label}", probability, Column(ROLE, "", about))
    if given["sigma"]:
        sigma = build.numbers(given["sigma"], f"{key}.sigma")
        sigma = np.where(np.isfinite(sigma) & (sigma > 0), sigma, np.nan)
        build.add(f"{name}__sigma", sigma, Column(ROLE, "", f"standard error by {name}"))
    if given["trained_on"]:
        flag = _flag(build, given["trained_on"], f"{key}.trained_on")
        build.add(f"{name}__trained_on", flag, Column(ROLE, "", f"{name} was trained on it"))


def _classes(
    build: Standardiser,
    key: str,
    given: Mapping[str, Any],
    values: "NDArray[Any]",
    gone: "NDArray[np.bool_]",
) -> "NDArray[Any]":
    text, none = class_text(values)
    labels = given["labels"]
    prediction = np.array([labels.get(t, t) for t in text], dtype=object)
    prediction[gone | none] = None
    return prediction


def _numbers(
    build: Standardiser,
    key: str,
    given: Mapping[str, Any],
    values: "NDArray[Any]",
    gone: "NDArray[np.bool_]",
) -> "NDArray[Any]":
    kept = pd.Series(values).mask(gone).to_numpy() if gone.any() else values
    numbers = build.numbers(given["column"], f"{key}.column", kept)
    return np.where(np.isfinite(numbers), numbers, np.nan)


#: What makes a column of predictions of what is read, by the kind of the target.
_PREDICTIONS = {"classes": _classes, "number": _numbers}


def check_external(table: Table, given: Mapping[str, Mapping[str, Any]], target: str) -> Table:
    """Refuse predicted classes that the target does not have; complete the probabilities.

    Returns
    -------
    Table
        Probabilities of all classes add up to 1; one class that is not named has what is left.

    Raises
    ------
    BoxloopError
        A prediction, a label or a probability is of no class of the target, or there is no
        prediction at all.
    """
    columns, frame = dict(table.columns), table.frame.copy(deep=False)
    for name, about in given.items():
        prediction = table.frame[f"{name}__prediction"]
        if prediction.isna().all():
            raise BoxloopError(
                f"models.{name}.column: {about['column']!r} has a prediction for none of "
                f"{len(prediction)} labelled objects; name another column, or leave the model out"
            )
        if not task_of(about["task"]).has_classes:
            continue
        classes = sorted(set(table.frame[target]))
        _check_classes(prediction, name, about, classes)
        for label, values in _completed(table, name, about, classes).items():
            frame[f"{name}__p_{label}"] = values
            columns[f"{name}__p_{label}"] = Column(ROLE, "", f"probability of {label} by {name}")
    return replace(table, frame=frame, columns=columns)


def _marked(values: "NDArray[Any]", markers: list[Any]) -> "NDArray[np.bool_]":
    """Return which values are one of the markers, as numbers or as text."""
    gone = np.zeros(len(values), bool)
    if not markers:
        return gone
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(float)
    text = pd.Series(values).astype(str).str.strip().to_numpy(object)
    for marker in markers:
        same = text == marker if isinstance(marker, str) else numbers == marker
        gone |= np.asarray(same, bool)
    return gone


def _probability(build: Standardiser, column: str, key: str) -> "NDArray[np.float64]":
    values = build.numbers(column, key)
    values = np.where(np.isfinite(values), values, np.nan)
    wrong = np.flatnonzero((values < 0) | (values > 1))
    if len(wrong):
        raise BoxloopError(
            f"{key}: {len(wrong)} values of {column!r} are no probabilities, for example "
            f"{values[wrong[0]]:g} in row {build.raw.row[wrong[0]]} of {build.raw.file[wrong[0]]}; "
            "expected numbers from 0 to 1; are these percentages, or another column?"
        )
    return values


def _flag(build: Standardiser, column: str, key: str) -> "NDArray[np.bool_]":
    """Return a column of true and false; what is missing is false: a list names those it holds."""
    values = build.find(column, key)
    missing = np.asarray(pd.isna(values))
    text = pd.Series(values).astype(str).str.strip().str.lower().mask(missing, "").to_numpy(object)
    strange = sorted(set(text) - {*_TRUE, *_FALSE})
    if strange:
        raise BoxloopError(
            f"{key}: {column!r} holds {listed(map(repr, strange), _MOST)}; expected true or false "
            "(1 or 0) for every object"
        )
    return np.isin(text.astype(str), _TRUE)


def _check_classes(
    prediction: "pd.Series[Any]", name: str, about: Mapping[str, Any], classes: list[str]
) -> None:
    for key in ("labels", "probabilities"):
        named = about[key].values() if key == "labels" else about[key]
        for label in named:
            if label not in classes:
                raise BoxloopError(
                    f"models.{name}.{key}: expected classes of the target: {listed(classes)}; "
                    f"found {label!r}{suggest(label, classes)}"
                )
    counts = prediction.value_counts()
    strange = sorted(set(counts.index) - set(classes))
    if strange:
        shown = ", ".join(f"{label!r} ({counts[label]})" for label in strange[:_MOST])
        more = f" and {len(strange) - _MOST} more" if len(strange) > _MOST else ""
        raise BoxloopError(
            f"models.{name}.column: {about['column']!r} names classes that the target does not "
            f"have: {shown}{more}; expected {listed(classes)}; say what they are by labels: "
            f"{{{strange[0]}: {classes[0]}}}, or that they are none by missing: [{strange[0]}]"
        )


def _completed(
    table: Table, name: str, about: Mapping[str, Any], classes: list[str]
) -> "dict[str, NDArray[np.float64]]":
    named = list(about["probabilities"])
    if not named:
        return {}
    lacking = [c for c in classes if c not in named]
    if len(lacking) > 1:
        raise BoxloopError(
            f"models.{name}.probabilities: there is no column for {listed(lacking)}; expected one "
            f"for every class of the target, or for all but one: {listed(classes)}"
        )
    every = np.column_stack([table.column(f"{name}__p_{c}").astype(float) for c in named])
    total = every.sum(axis=1)
    if lacking:
        rest = np.maximum(1 - total, 0)
        every, total = np.column_stack([every, rest]), total + rest
    with np.errstate(divide="ignore", invalid="ignore"):
        every = np.where(total[:, None] > 0, every / total[:, None], np.nan)
    return dict(zip([*named, *lacking], every.T, strict=True))
