"""Are the sets and folds apart: groups whole, and no object in two of them?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.findings import Finding, Severity
from boxloop.sampling import repeats_in
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.audit import Apart, Crossing, Duplicates

#: Columns that tell whether two rows are one object.
MEASURED = ("sky", "feature", "feature_error", "error")
#: Repeated rows are remarked on where chance makes fewer than this part of them.
BY_CHANCE = 0.1
#: Part of the scored rows from which repeated ones are grave.
GRAVE = 0.01


def check_leakage(
    table: Table, split: pd.DataFrame, folds: pd.DataFrame, together: Sequence[str]
) -> tuple["Apart", list[Finding]]:
    """Look whether anything stands in two sets, or in two folds.

    The files are looked at as they are now, whoever wrote them: a split that was changed by hand is
    found here.

    Parameters
    ----------
    table : Table
        All labelled objects; targets are not looked at.
    split : pandas.DataFrame
        ``id, set``.
    folds : pandas.DataFrame
        ``id, fold`` of the training objects, and the folds of further repeats.
    together : sequence of str
        Columns of which no value may stand in two parts.

    Returns
    -------
    about : dict
        ``groups.<column>`` {crossing, groups, example}, ``duplicates`` {scored, repeated,
        by_chance, columns}.
    findings : list of Finding
    """
    ids = table.ids
    parts = _parts(ids, split, folds)
    groups: dict[str, Crossing] = {}
    found: list[Finding] = []
    for column in dict.fromkeys(together):
        crossings = [_crossing(column, table.frame[column], part) for part in parts]
        groups[column], finding = max(crossings, key=lambda crossing: crossing[0]["crossing"])
        found += finding
    duplicates, finding = _repeated(table, parts[0])
    return {"groups": groups, "duplicates": duplicates}, [*found, *finding]


def _parts(ids: "NDArray[Any]", split: pd.DataFrame, folds: pd.DataFrame) -> "list[NDArray[Any]]":
    """Name the part of each row, its set or of training objects the fold, for each repeat."""
    sets = split.set_index("id")["set"].reindex(ids).astype(object).to_numpy()
    dealt = folds.set_index("id").reindex(ids)
    found = []
    for name, _ in repeats_in(dealt):
        named = "fold " + dealt[name].fillna(-1).astype(int).astype(str)
        found.append(np.where(sets == "train", named.to_numpy(object), sets).astype(str))
    return found


def _crossing(
    column: str, values: "pd.Series[Any]", part: "NDArray[Any]"
) -> tuple["Crossing", list[Finding]]:
    frame = pd.DataFrame({"group": values.astype(str).to_numpy(), "part": part})
    counts = frame.groupby("group")["part"].nunique()
    crossing = counts.index[counts > 1]
    about: Crossing = {"groups": len(counts), "crossing": len(crossing), "example": None}
    if not len(crossing):
        return about, []
    about["example"] = str(crossing[0])
    inside = frame["group"].isin(crossing)
    where = sorted(frame["part"][frame["group"] == crossing[0]].unique())
    message = (
        f"{len(crossing)} values of {column} have objects in two sets or folds, for example "
        f"{crossing[0]!r} in {' and '.join(where[:3])}: what is learnt of one helps with the other "
        "and the scores are too good. The split was changed after it was made; delete "
        "results/<study>/prepare and run again"
    )
    evidence = {"rows": int(inside.sum()), "groups": len(crossing)}
    return about, [Finding("high", "group_across_sets", column, message, evidence)]


def _repeated(table: Table, part: "NDArray[Any]") -> tuple["Duplicates", list[Finding]]:
    """Count rows whose measurements stand again in another part."""
    names = [n for n in table.of_role(*MEASURED) if table.column(n).dtype.kind == "f"]
    about: Duplicates = {"columns": names, "scored": len(part), "repeated": None}
    if len(names) < 2:
        return {**about, "reason": "too few measured columns to know an object by"}, []
    values = table.frame[names]
    known = values.notna().any(axis=1).to_numpy()
    keys = pd.util.hash_pandas_object(values, index=False).to_numpy()[known]
    frame = pd.DataFrame({"key": keys, "part": part[known]})
    parts = frame.groupby("key")["part"].transform("nunique")
    repeated = int((parts > 1).sum())
    chance = _by_chance(values[known])
    about = {**about, "scored": len(frame), "repeated": repeated, "by_chance": chance}
    if not repeated or chance > BY_CHANCE * repeated:
        return about, []
    message = (
        f"{repeated} of {len(frame)} objects have the same measurements as an object of another "
        f"set or fold: if they are the same objects, the model has seen the answers. Drop them, "
        "or keep them together with split.group or columns.sky.match"
    )
    grave: Severity = "high" if repeated > GRAVE * len(frame) else "medium"
    return about, [Finding(grave, "duplicate_across_sets", None, message, {"rows": repeated})]


def _by_chance(values: pd.DataFrame) -> float:
    """Return how many rows would agree with another one if the columns were independent."""
    n = len(values)
    alike = 1.0
    for name in values:
        share = values[name].value_counts(normalize=True, dropna=False).to_numpy()
        alike *= max(float((share**2).sum()) - 1 / n, 0.0)
    return n * min(1.0, (n - 1) * alike)
