"""Degraders of measured features: more noise, fainter sources, values that are missing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.sampling.split_normal import split_normal
from boxloop.store import Table
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Features in mag whose median is fainter than this are magnitudes; others are colours, extinctions
#: or absolute magnitudes, which stay the same where a source is farther away [mag].
BRIGHTEST = 5.0
#: Scales the median absolute deviation to the standard deviation of a normal distribution.
_TO_SIGMA = 1.482602218505602


def noisier_features(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
    of_spread: float = 0.1,
) -> Table:
    """Scatter features by a multiple of their own errors.

    Where a feature has errors, each value moves by a draw of its own error times `strength`; an
    error of two sides gives draws of two widths
    (`boxloop.sampling.split_normal.split_normal`), and a value without a positive error stays.
    All errors grow by sqrt(1 + strength^2), for noise that is independent adds in quadrature. A
    feature without errors moves by a normal draw of
    ``strength * of_spread`` times its spread: 1.4826 times the median absolute deviation, or the
    standard deviation where more than half of the values are equal.

    Parameters
    ----------
    table : Table
    strength : float
        0 changes nothing; at 1 the noise has twice the variance.
    rng : numpy.random.Generator
    columns : sequence of str, optional
        Features; all by default.
    of_spread : float
        Noise at strength 1 of a feature without errors, in units of its spread.
    """
    frame = table.frame.copy()
    for name in _features(table, columns):
        values, ends = table.column(name).astype(float), errors_of(table, name)
        if ends:
            low, high = (table.column(end).astype(float) for end in (ends[0], ends[-1]))
            frame[name] = values + strength * split_normal(low, high, rng)
            for end in ends:
                frame[end] = table.column(end).astype(float) * np.sqrt(1 + strength**2)
        else:
            width = of_spread * spread(values)
            frame[name] = values + strength * width * rng.standard_normal(len(values))
    return replace(table, frame=frame)


def fainter(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
) -> Table:
    """Make sources fainter by some magnitudes, in all bands together, as the same telescope saw it.

    The noise of the sky dominates, so that the error of the flux stays the same while the flux
    falls: the error of a magnitude grows by 10^(0.4 strength). What is noise beyond that of the
    value as it was is added by a normal draw. A value fainter than its limit (``<name>__limit``)
    becomes not detected. Features without errors become fainter without more noise.

    Parameters
    ----------
    table : Table
    strength : float
        [mag]
    rng : numpy.random.Generator
    columns : sequence of str, optional
        Features; by default the magnitudes among them (`magnitudes_of`).
    """
    frame = table.frame.copy()
    growth = 10 ** (0.4 * strength)
    for name in magnitudes_of(table) if columns is None else columns:
        values, ends = table.column(name).astype(float), errors_of(table, name)
        if ends:
            low, high = (table.column(end).astype(float) for end in (ends[0], ends[-1]))
            values = values + np.sqrt(growth**2 - 1) * split_normal(low, high, rng)
            for end in ends:
                frame[end] = table.column(end).astype(float) * growth
        frame[name] = values + strength
        if f"{name}__limit" in frame and strength > 0:
            limit = frame[f"{name}__limit"].to_numpy(float)
            gone = frame[name].to_numpy(float) > limit
            take_away(frame, name, gone, STATES["not_detected"], ends)
    return replace(table, frame=frame)


def missing(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
) -> Table:
    """Take one feature away from a fraction of the objects.

    Which objects and which of their features is chosen by chance; the feature becomes *not
    observed*. Objects that lack it already stay as they are.

    Parameters
    ----------
    table : Table
    strength : float
        Fraction of the objects, 0 to 1. With the same `rng` the objects of a smaller fraction are
        among those of a larger one.
    rng : numpy.random.Generator
    columns : sequence of str, optional
        Features; all by default.
    """
    names, frame = _features(table, columns), table.frame.copy()
    order, which = rng.random(len(table)), rng.integers(len(names), size=len(table))
    drawn = np.zeros(len(table), bool)
    drawn[np.argsort(order, kind="stable")[: round(strength * len(table))]] = True
    for i, name in enumerate(names):
        gone = drawn & (which == i) & table.frame[name].notna().to_numpy()
        take_away(frame, name, gone, STATES["not_observed"], errors_of(table, name))
    return replace(table, frame=frame)


def take_away(
    frame: pd.DataFrame, name: str, gone: "NDArray[np.bool_]", state: int, errors: Sequence[str]
) -> None:
    """Take values away in place, with their errors, and write down why, as stage *data* does."""
    for column, code in ((name, state), *((error, state) for error in errors)):
        frame[column] = frame[column].astype(float).mask(gone)
        if f"{column}__state" in frame:
            states = frame[f"{column}__state"].to_numpy()
            frame[f"{column}__state"] = np.where(gone, code, states).astype(states.dtype)


def magnitudes_of(table: Table) -> list[str]:
    """Return the features that are magnitudes: in mag, and fainter than `BRIGHTEST` as a rule."""
    return [
        name
        for name in table.of_role("feature")
        if table.columns[name].unit == "mag"
        and table.frame[name].notna().any()
        and float(np.nanmedian(table.column(name).astype(float))) > BRIGHTEST
    ]


def errors_of(table: Table, name: str) -> list[str]:
    """Return the columns with the errors of a feature: none, one, or that downwards and upwards."""
    ends = [f"{name}_err", f"{name}_err_low", f"{name}_err_high"]
    return [end for end in ends if end in table.frame]


def spread(values: "NDArray[Any]") -> float:
    """Return a robust standard deviation of the finite values; 0 where there is none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0
    robust = _TO_SIGMA * float(np.median(np.abs(finite - np.median(finite))))
    return robust or float(finite.std())


def _features(table: Table, columns: Sequence[str] | None) -> list[str]:
    return table.of_role("feature") if columns is None else list(columns)
