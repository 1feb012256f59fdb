"""Units and angles that a study names: what astropy reads, without importing it for the usual ones.

Importing astropy takes longer than reading a study, which every run of snakemake does.
"""

import math
import re
from functools import cache

from boxloop.errors import suggest

#: Units that need no look at astropy, to which its prefixes may be added.
_BASE = ("m", "g", "s", "K", "pc", "eV", "erg", "Hz", "Jy", "W", "J", "yr")
_PREFIXES = ("", "k", "M", "G", "c", "m", "u", "n")
_PLAIN = (
    *(
        "mag",
        "mmag",
        "dex",
        "deg",
        "arcmin",
        "arcsec",
        "mas",
        "uas",
        "rad",
        "hourangle",
        "d",
        "day",
        "h",
    ),
    *("min", "yr", "AU", "lyr", "Angstrom", "AA", "um", "nm", "micron", "percent", "%", "pix"),
    *("pixel", "ct", "count", "photon", "electron", "adu", "DN", "solMass", "solRad", "solLum"),
    *("Msun", "Rsun", "Lsun", "M_sun", "R_sun", "L_sun", "Kelvin", "nmgy", "dyn", "bar", "beam"),
)
#: Units in use that astropy does not read.
_OTHER = ("ABmag", "STmag", "Vegamag", "degC")
_SIMPLE = frozenset({*_PLAIN, *_OTHER, *(p + b for p in _PREFIXES for b in _BASE)})
#: One unit with a power after another, multiplied or divided: ``km/s``, ``mas/yr``, ``cm-2``.
_ONE = r"[A-Za-z_%]+(?:\*{2})?(?:-?\d)?"
_FACTORS = re.compile(rf"^(?:1/)?{_ONE}(?:[ ./*]{_ONE})*$")
_WORD = re.compile(r"[A-Za-z_%]+")

_DEGREES = {
    **dict.fromkeys(("deg", "degree", "degrees", "d"), 1.0),
    **dict.fromkeys(("arcmin", "m", "'"), 1 / 60),
    **dict.fromkeys(("arcsec", "s", '"'), 1 / 3600),
    "mas": 1 / 3_600_000,
    "rad": 180 / math.pi,
}
_ANGLE = re.compile(r"^\s*([0-9.]+(?:[eE][-+]?\d+)?)\s*([A-Za-z]+|'|\")\s*$")


def unit_fault(text: str) -> str | None:
    """Return what is wrong with a unit, or None; the empty text is dimensionless."""
    if not text or text in _OTHER:
        return None
    if _FACTORS.match(text) and all(w in _SIMPLE for w in _WORD.findall(text)):
        return None
    return _astropy_unit_fault(text)


def angle_degrees(text: str) -> float:
    """Return an angle [deg].

    Raises
    ------
    ValueError
        The text is no angle, or one without a unit.
    """
    found = _ANGLE.match(text)
    if found and found[2] in _DEGREES:
        return float(found[1]) * _DEGREES[found[2]]
    return _astropy_degrees(text)


def angle_fault(text: str) -> str | None:
    """Return what is wrong with the angle within which positions are one object, or None."""
    try:
        degrees = angle_degrees(text)
    except ValueError:
        degrees = math.nan
    if 0 < degrees <= 90:
        return None
    return f"expected an angle above 0 and up to 90 deg, for example 1 arcsec; found {text!r}"


@cache
def _astropy_unit_fault(text: str) -> str | None:
    from astropy.units import Unit

    try:
        Unit(text)
    except (ValueError, TypeError):
        return (
            "expected a unit as astropy writes it, for example mag, km/s or erg/(s cm2); found "
            f"{text!r}{suggest(text, sorted({*_PLAIN, *_OTHER, 'km/s', 'mas/yr'}))}"
        )
    return None


@cache
def _astropy_degrees(text: str) -> float:
    from astropy.coordinates import Angle
    from astropy.units import UnitsError

    try:
        return float(Angle(text).deg)
    except (ValueError, TypeError, UnitsError):
        raise ValueError(f"no angle: {text!r}") from None
