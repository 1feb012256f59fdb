"""Say which rows are one object on the sky, and join them with the groups of the study."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from boxloop.sampling.sky import join_labels, sky_cells, sky_objects
from boxloop.store import Column, Table
from boxloop.study.quantities import angle_degrees
from boxloop.study.vocabulary import SKY_BLOCK, SKY_OBJECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import SkyDuplicates


def add_sky_objects(
    table: Table, sky: Mapping[str, Any] | None, group: str | None
) -> "tuple[Table, SkyDuplicates | None]":
    """Add the column that keeps the rows of one object, and of one group, together.

    An object is named by the smallest of its rows' identifiers, so that its name, by which sets and
    folds are drawn, does not depend on the order of the rows.

    Parameters
    ----------
    table : Table
        All labelled objects, of all samples.
    sky : mapping or None
        The study's section ``columns.sky``; nothing is done without its ``match``.
    group : str or None
        Column of ``split.group``. Rows that share it or a place on the sky are joined.

    Returns
    -------
    table : Table
        With the text column `SKY_OBJECT` of role group.
    duplicates : dict or None
        ``rows`` that share their object with another row, before groups are joined; ``objects``,
        how many objects these are; ``radius_arcsec``.
    """
    if not sky or not sky["match"]:
        return table, None
    radius = angle_degrees(sky["match"])
    labels = sky_objects(table.column(sky["ra"]), table.column(sky["dec"]), radius)
    sizes = np.bincount(labels)
    duplicates: SkyDuplicates = {
        "rows": int(sizes[sizes > 1].sum()),
        "objects": int((sizes > 1).sum()),
        "radius_arcsec": radius * 3600,
    }
    if group is not None:
        labels = join_labels(labels, table.column(group))
    named = naming_rows(table.frame["id"], labels)
    columns = {**table.columns, SKY_OBJECT: Column("group", "", "rows that are one object")}
    frame = table.frame.assign(**{SKY_OBJECT: table.frame["id"].take(named).array})
    return replace(table, frame=frame, columns=columns), duplicates


def add_sky_blocks(table: Table, sky: Mapping[str, Any] | None) -> Table:
    """Add the column that keeps the objects of one cell of the sky together.

    Rows of one object (`add_sky_objects`) lie in the cell of the row that names it. A row without a
    position is a cell of its own.

    Parameters
    ----------
    table : Table
    sky : mapping or None
        The study's section ``columns.sky``; nothing is done without its ``block``.
    """
    if not sky or not sky["block"]:
        return table
    cells = sky_cells(
        table.column(sky["ra"]), table.column(sky["dec"]), angle_degrees(sky["block"])
    )
    ids = table.column("id")
    if SKY_OBJECT in table.frame:
        cells = cells[pd.Index(ids).get_indexer(table.column(SKY_OBJECT))]
    lost = cells == ""
    cells[lost] = ids[lost]
    columns = {**table.columns, SKY_BLOCK: Column("group", "", "cell of the sky")}
    return replace(table, frame=table.frame.assign(**{SKY_BLOCK: cells}), columns=columns)


def naming_rows(names: "pd.Series[str]", labels: "NDArray[np.int64]") -> "NDArray[np.intp]":
    """Return for each row which row has the smallest name of its label."""
    rows = np.arange(len(labels))
    several = np.flatnonzero(np.bincount(labels)[labels] > 1)
    text = pa.array(names.iloc[several], pa.large_string())
    order = several[pc.sort_indices(text).to_numpy()]
    found, first = np.unique(labels[order], return_index=True)
    rows[several] = order[first][np.searchsorted(found, labels[several])]
    return rows
