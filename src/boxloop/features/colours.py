"""Colours: differences of magnitudes in neighbouring bands."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import Column, Table


def colours(table: Table, *, bands: Sequence[str]) -> Table:
    """Compute the colour of each pair of neighbouring bands.

    Parameters
    ----------
    table : Table
        Has the bands [mag] and, where values may be missing, their columns ``<band>__state``.
    bands : sequence of str
        Names of magnitudes, in the order of wavelength.

    Returns
    -------
    Table
        For bands ``u_mag, g_mag, r_mag`` the columns ``u_g, g_r`` [mag] with the role ``derived``,
        and ``u_g__state, g_r__state``: the worse of the two magnitudes' states.

    Raises
    ------
    BoxloopError
        Fewer than two bands, an unknown band, or bands in different units.
    """
    if isinstance(bands, str) or len(bands) < 2:
        raise BoxloopError(f"colours: bands: expected a list of two or more; found {bands!r}")
    known = table.of_role("feature", "derived")
    for band in bands:
        if band not in known:
            raise BoxloopError(
                f"colours: bands: there is no feature {band!r}; there are {listed(known)}"
                f"{suggest(band, known)}"
            )
    units = {table.columns[b].unit for b in bands}
    if len(units) > 1:
        raise BoxloopError(
            f"colours: bands: expected magnitudes in one unit; found {listed(sorted(units))}"
        )
    short = short_names(bands)
    values: dict[str, np.ndarray] = {}
    columns: dict[str, Column] = {}
    for i in range(len(bands) - 1):
        blue, red = bands[i], bands[i + 1]
        name = f"{short[i]}_{short[i + 1]}"
        values[name] = table.column(blue) - table.column(red)
        values[f"{name}__state"] = np.maximum(_state(table, blue), _state(table, red))
        columns[name] = Column("derived", units.copy().pop(), f"colour {short[i]} - {short[i + 1]}")
        columns[f"{name}__state"] = Column("state", "", f"why {name} is missing")
    return Table(pd.DataFrame(values), columns, table.provenance)


def short_names(bands: Sequence[str]) -> list[str]:
    """Return the bands' names without the words that all of them begin or end with.

    >>> short_names(["u_mag", "g_mag"])
    ['u', 'g']
    """
    words = [b.split("_") for b in bands]
    while all(len(w) > 1 for w in words) and len({w[-1] for w in words}) == 1:
        words = [w[:-1] for w in words]
    while all(len(w) > 1 for w in words) and len({w[0] for w in words}) == 1:
        words = [w[1:] for w in words]
    return ["_".join(w) for w in words]


def _state(table: Table, name: str) -> np.ndarray:
    if f"{name}__state" in table.frame:
        return table.column(f"{name}__state")
    return np.isnan(table.column(name)).astype(np.int8)
