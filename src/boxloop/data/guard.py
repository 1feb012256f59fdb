"""Refuse what would carry the target, or its error, past the seal of the test set."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.modalities.registry import modality, sections
from boxloop.sampling import unit_text
from boxloop.store import Table
from boxloop.study.checks.external import columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def refuse_leaks(
    columns: Mapping[str, Any], group: str | None, samples: Sequence[RawSample] = ()
) -> None:
    """Refuse a study that carries the target's column, or its error, a second time.

    Parameters
    ----------
    columns : mapping
        The study's section ``columns``.
    group : str or None
        Column of ``split.group``.
    samples : sequence of RawSample
        Where all of them bring their light curves apart, names of epochs are no columns.
    """
    target = columns["target"]
    if target is None:
        return
    sealed = {target["from"] or target["name"]: "target", target["name"]: "target"}
    for name in named_errors(target["error"]):
        sealed.setdefault(name, "target's error")
    for key, names in _carried(columns, group, samples):
        for name in names:
            if name in sealed:
                raise BoxloopError(
                    f"{key}: {name!r} is the {sealed[name]}; carried along as well it would give "
                    "the answer away and break the seal of the test set. Take it out there"
                )


def named_errors(error: "str | Sequence[str] | None") -> list[str]:
    """Return the columns of an ``error:``: none, one, or that downwards and that upwards."""
    return [error] if isinstance(error, str) else list(error or [])


def refuse_copies(table: Table, target: str) -> None:
    """Refuse a column that is written beside the seal and repeats the target in every row."""
    numbers = table.column(target).dtype.kind == "f"
    answers = table.frame[target]
    for name in table.of_role("id", "sky", "group", "keep", "prediction"):
        column = table.frame[name]
        if numbers and not _same_numbers(column[:1000], answers[:1000].to_numpy()):
            continue  # the first rows tell already
        if numbers:
            same = _same_numbers(column, answers.to_numpy())
        else:
            # Classes are text: numbers that mean classes are compared as numbers are written there.
            same = (unit_text(column.to_numpy()) == unit_text(answers.to_numpy())).all()
        if same:
            raise BoxloopError(
                f"{name!r} ({table.columns[name].role}) has the same values as the target "
                f"{target!r} in all {len(column)} rows; carried along it would give the answer "
                "away and break the seal of the test set. Take it out, or name another column"
            )


def refuse_unknown_exclusions(excluded: Mapping[str, str], samples: Sequence[RawSample]) -> None:
    """Refuse a column of ``columns.excluded`` that no sample has: its name is misspelt."""
    known = list(dict.fromkeys(c for raw in samples for c in raw.frame.columns))
    for name in excluded:
        if name not in known:
            raise BoxloopError(
                f"columns.excluded: no sample has a column {name!r}{suggest(name, known)}; "
                f"expected one of {listed(known, 30)}"
            )


def _carried(
    columns: Mapping[str, Any], group: str | None, samples: Sequence[RawSample]
) -> "list[tuple[str, list[str]]]":
    """Return every key that writes columns of the file into the table, with these columns."""
    wanted, sky = columns["id"] or [], columns["sky"] or {}
    carried = [
        ("columns.id", [wanted] if isinstance(wanted, str) else list(wanted)),
        ("columns.keep", list(columns["keep"])),
        ("split.group", [group] if group else []),
        *((f"columns.sky.{axis}", [sky[axis]]) for axis in ("ra", "dec") if sky),
    ]
    frames, own = [raw.frame for raw in samples], samples[0].own if samples else {}
    for name, section in sections(columns).items():
        carried += modality(name, own).carried(section, frames)
    carried += [(f"models.{m}", columns_of(of)) for m, of in columns.get("given", {}).items()]
    for name, feature in columns["features"].items():
        limit = [feature["limit"]] if feature["limit"] else []
        used = [feature["from"] or name, *named_errors(feature["error"]), *limit]
        carried.append((f"columns.features.{name}", used))
    return carried


def _same_numbers(column: "pd.Series[Any]", answers: "NDArray[np.float64]") -> bool:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    return np.array_equal(values, answers)
