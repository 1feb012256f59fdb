"""Luminosity of a star from its radius and effective temperature."""

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import Column, Table

#: Nominal effective temperature of the Sun [K] (IAU 2015, resolution B3).
SUN = 5772.0
#: Spellings of the two units, as astropy reads them.
_UNITS = {"radius": ("solRad", "Rsun", "R_sun"), "teff": ("K", "Kelvin")}


def luminosity(table: Table, *, radius: str, teff: str) -> Table:
    """Compute the logarithm of the luminosity by the law of Stefan and Boltzmann.

    log10(L / L_sun) = 2 log10(R / R_sun) + 4 log10(T_eff / 5772 K)

    Parameters
    ----------
    table : Table
    radius : str
        Name of the feature with the radius [solRad].
    teff : str
        Name of the feature with the effective temperature [K].

    Returns
    -------
    Table
        The columns ``log_luminosity`` [dex], role ``derived``, and ``log_luminosity__state``, the
        worse of the two states. It is missing where radius or temperature is not positive.

    Raises
    ------
    BoxloopError
        There is no such feature, or its unit is another.
    """
    names = {"radius": radius, "teff": teff}
    known = table.of_role("feature", "derived")
    for option, name in names.items():
        if name not in known:
            raise BoxloopError(
                f"luminosity: {option}: there is no feature {name!r}; there are {listed(known)}"
                f"{suggest(name, known)}"
            )
        unit = table.columns[name].unit
        if unit not in _UNITS[option]:
            raise BoxloopError(
                f"luminosity: {option}: expected {name!r} in {_UNITS[option][0]}; its unit is "
                f"{unit or 'not given'}; give it in columns.features.{name}.unit"
            )
    r, t = (np.asarray(table.column(name), dtype=np.float64) for name in names.values())
    positive = (r > 0) & (t > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(positive, 2 * np.log10(r) + 4 * np.log10(t / SUN), np.nan)
    state = np.maximum(_state(table, radius), _state(table, teff))
    state = np.where(~positive & (state == 0), 1, state).astype(np.int8)
    columns = {
        "log_luminosity": Column("derived", "dex", "log luminosity over that of the Sun"),
        "log_luminosity__state": Column("state", "", "why log_luminosity is missing"),
    }
    frame = pd.DataFrame({"log_luminosity": values, "log_luminosity__state": state})
    return Table(frame, columns, table.provenance)


def _state(table: Table, name: str) -> np.ndarray:
    if f"{name}__state" in table.frame:
        return table.column(f"{name}__state")
    return np.isnan(table.column(name)).astype(np.int8)
