"""Find the columns that hold positions on the sky."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from boxloop.draft.looks import Look
from boxloop.draft.names import joined

_RA = re.compile(r"(?i)^_?(ra|alpha|raj?2000|rightascension)(.*)$")
_DEC = re.compile(r"(?i)^_?(dec|decl|delta|dej?2000|declination|de)(.*)$")
#: What may follow: a frame, an epoch, a unit, or the name of a survey.
_FRAME = (
    r"(j?2000|b?1950|deg|degrees?|icrs|fk5|fk4|h|hours?|d|lin|linear|sdss|gaia|2mass|twomass|wise|ps1"
    r"|panstarrs|first|nvss|xmm|chandra|kic|tic|epic|mean|corr|opt|obj|target|source|star|x|s)?"
)
_PARTS = re.compile(r"^(RA[hms]|DE[dms-])$")
_OTHER = (
    (
        "galactic",
        r"(?i)^_?(glon|gl|l|l_?gal|gal_?lon|l_?deg)$",
        r"(?i)^_?(glat|gb|b|b_?gal|gal_?lat|b_?deg)$",
    ),
    ("ecliptic", r"(?i)^_?(elon|ecl_?lon|lambda)$", r"(?i)^_?(elat|ecl_?lat|beta)$"),
)
_SEXAGESIMAL = re.compile(r"^[-+]?\d{1,3}[:hd ]\s*\d{1,2}([:m ' ]\s*\d{1,2}(\.\d*)?)?[s\"]?$")


@dataclass
class Positions:
    """What was found.

    Attributes
    ----------
    ra, dec : str
        Columns in degrees, or empty.
    evidence : str
    left_out : dict
        Further columns of positions, each with the reason why they are not used.
    """

    ra: str = ""
    dec: str = ""
    evidence: str = ""
    left_out: dict[str, str] = field(default_factory=dict)


def find_positions(looks: Mapping[str, Look], but: Sequence[str] = ()) -> Positions:
    """Find right ascension and declination in degrees; set other positions aside.

    Hours, sexagesimal text and positions in other frames are left out, each with the reason: they
    are no properties of an object that a model should learn from.

    Parameters
    ----------
    looks : mapping of str to Look
    but : sequence of str
        Columns that are not to be taken, such as the target.
    """
    names = [n for n in looks if n not in but]
    found = Positions()
    for ra, dec in _pairs(names):
        reason = _why_not(looks[ra], looks[dec])
        if reason:
            found.left_out.update({ra: reason, dec: reason})
        elif found.ra:
            again = f"a second position, beside {found.ra} and {found.dec}"
            found.left_out.update({ra: again, dec: again})
        else:
            found.ra, found.dec = ra, dec
            found.evidence = _evidence(looks[ra], looks[dec])
    parts = [n for n in names if _PARTS.match(n) and n not in found.left_out]
    if len(parts) > 1:
        found.left_out.update(dict.fromkeys(parts, "part of a sexagesimal position"))
    for frame, longitude, latitude in _OTHER:
        first = [n for n in names if re.match(longitude, n) and _in(looks[n], -180, 360)]
        second = [n for n in names if re.match(latitude, n) and _in(looks[n], -90, 90)]
        if first and second and {first[0], second[0]}.isdisjoint({found.ra, found.dec}):
            reason = f"{frame} position; a place on the sky is no property of an object"
            found.left_out.update({first[0]: reason, second[0]: reason})
    return found


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return right ascension and declination, where both are there with the same ending."""
    right = {_tail(n, _RA): n for n in reversed(names) if _tail(n, _RA) is not None}
    declination = {_tail(n, _DEC): n for n in reversed(names) if _tail(n, _DEC) is not None}
    both = [(n, declination[t]) for t, n in right.items() if t in declination]
    if not both and len(right) == len(declination) == 1:
        both = [(next(iter(right.values())), next(iter(declination.values())))]
    return sorted(both, key=lambda pair: list(names).index(pair[0]))


def _tail(name: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.match(name)
    if match is None or not re.fullmatch(_FRAME, joined(match[2])):
        return None
    tail = joined(match[2])
    return re.sub(r"^(h|hours?|d|deg|degrees?)$", "", tail)


def _why_not(ra: Look, dec: Look) -> str:
    """Return why a position cannot be used as degrees, or nothing."""
    if not (ra.number and dec.number):
        texts = [str(v).strip() for v in np.asarray(ra.values, dtype=object)[:20] if v is not None]
        if texts and all(_SEXAGESIMAL.match(t) for t in texts):
            return f"sexagesimal text such as {texts[0]!r}; add columns in degrees to use it"
        return "a position that is not made of numbers"
    if ra.unit in ("h", "hourangle", "hr") or ra.name.endswith(("h", "_hours")):
        return "right ascension in hours; add a column in degrees to use it"
    if not (_in(ra, -360, 360) and _in(dec, -90, 90)):
        return "beyond the limits of a position in degrees"
    wide = np.ptp(ra.finite) > 18 and ra.finite.min() >= 0 and np.ptp(dec.finite) > 40
    if ra.finite.max() <= 24 and wide and ra.unit not in ("deg", "degree"):
        return "right ascension ends at 24 and seems to be in hours; add a column in degrees"
    return ""


def _in(look: Look, low: float, high: float) -> bool:
    finite = look.finite if look.number else np.array([])
    return bool(len(finite)) and bool(finite.min() >= low and finite.max() <= high)


def _evidence(ra: Look, dec: Look) -> str:
    limits = [f"{look.finite.min():.4g} to {look.finite.max():.4g}" for look in (ra, dec)]
    return f"{limits[0]} and {limits[1]} deg; positions are not offered to the models"
