"""The unit and meaning of a column: from its file where that says, else guessed from its name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from boxloop.draft.looks import Look
from boxloop.draft.names import guess_unit
from boxloop.study.quantities import unit_fault

#: How catalogues write units that astropy writes otherwise.
_WRITTEN = {
    "---": "", "--": "", "-": "", "msun": "solMass", "rsun": "solRad", "lsun": "solLum",
    "days": "d", "degrees": "deg", "magnitude": "mag", "mags": "mag", "kelvin": "K", "[sun]": "dex",
}  # fmt: skip
_LOGARITHM = re.compile(r"^\[(.*)\]$|^log\((.*)\)$")
#: Values beyond these are no magnitudes, whatever their name.
_MAGNITUDES = (-30.0, 45.0)


@dataclass(frozen=True)
class Unit:
    """A unit, where it comes from (file, name, or nowhere), and the description of the column."""

    unit: str
    source: str
    description: str


def unit_of(look: Look, names: Iterable[str]) -> Unit:
    """Return what is known of a column's unit.

    Parameters
    ----------
    look : Look
        Its `unit` and `description` are those of the file.
    names : iterable of str
        All columns: one letter is a filter only beside others.
    """
    written = look.unit.strip()
    about = " ".join(look.description.split())
    if written:
        unit = _WRITTEN.get(written.lower(), written)
        logarithm = _LOGARITHM.match(unit)
        if logarithm:
            inner = logarithm[1] or logarithm[2] or ""
            about = f"{about} (logarithm of {inner})" if inner else about
            unit = "dex"
        if unit_fault(unit) is None:
            return Unit(unit, "file" if unit else "", about)
        return Unit("", "", f"{about} ({written})".strip())
    guessed = guess_unit(look.name, names)
    if guessed == "mag" and not _like_magnitudes(look):
        guessed = ""
    return Unit(guessed, "name" if guessed else "", about)


def _like_magnitudes(look: Look) -> bool:
    """Whether most values could be magnitudes, and those that are not are markers far out."""
    finite = look.finite if look.number else np.array([])
    near = finite[(finite > _MAGNITUDES[0]) & (finite < _MAGNITUDES[1])]
    return len(near) > 0.5 * len(finite) or bool(
        len(near) and (np.abs(finite) > 90).sum() + len(near) == len(finite)
    )
