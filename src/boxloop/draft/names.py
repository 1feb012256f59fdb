"""Names of columns: valid ones for the study, and what a name says of unit and meaning."""

import re
import unicodedata
from collections.abc import Iterable

#: Names that the table of the data stage uses itself.
RESERVED = ("id", "sample", "file", "sky_object", "sky_block", "light_curve", "image")

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "λ": "lambda",
    "μ": "mu",
    "σ": "sigma",
}
_SIGNS = {"*": "_star_", "%": "_percent_", "+": "_plus_", "Å": "Angstrom", "ß": "ss", **_GREEK}
#: What a name says of its unit, the first that fits: all are guesses.
_UNITS: tuple[tuple[str, str], ...] = (
    (r"(?i)(log_?g|feh|fe_h|mh|m_h|alpha_?fe|\[?fe/h\]?|.*metallicity.*)", "dex"),
    (r"(?i).*mag($|[^a-z].*|med|mean|max|min|auto|iso|aper|psf|nitude.*)", "mag"),
    (r"(?i)(ra|dec|de|glon|glat|elon|elat)(_|$).*", "deg"),
    (r"(?i)pm_?(ra|de|dec)?(_.*)?", "mas/yr"),
    (r"(?i)(parallax|plx)", "mas"),
    (r"(?i)(per|period|p_?days?|p_?orb)", "d"),
    (r"(?i)(mjd|jd|hjd|bjd).*", "d"),
    (r"(?i)(.*_)?(teff|t_eff|temp|temperature)(_.*)?", "K"),
    (r"(?i)(rv|v_?rad|v_?sini|radial_velocity)", "km/s"),
)
#: Letters of filters, which mean magnitudes where several stand together.
_FILTERS = "ugrizyYJHKUBVRI"


def valid_name(text: str, taken: Iterable[str] = ()) -> str:
    """Return a name the study format takes: letters, digits and underscores, and not yet taken.

    Accents are dropped, signs that mean something in astronomy are spelled out, all else becomes
    an underscore; a name that begins with a digit gets ``column_`` before it.
    """
    spelled = "".join(_SIGNS.get(c, c) for c in text)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    name = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]", "_", plain)).strip("_")
    if not name or not name[0].isalpha():
        name = f"column_{name}".rstrip("_")
    known = {*RESERVED, *taken}
    if name in RESERVED:
        name = f"{name}_of_file"
    free, n = name, 2
    while free in known:
        free, n = f"{name}_{n}", n + 1
    return free


def guess_unit(name: str, others: Iterable[str] = ()) -> str:
    """Return the unit that a column of this name usually has, or nothing.

    A letter alone is a magnitude only beside two more letters of filters among the other names.
    """
    filters = {n for n in others if n in _FILTERS and len(n) == 1}
    if len(filters) >= 3 and name in filters:
        return "mag"
    if re.fullmatch(rf"[{_FILTERS}]_?-?[{_FILTERS}]", name) and name[0] != name[-1]:
        return "mag"
    return next((unit for pattern, unit in _UNITS if re.fullmatch(pattern, name)), "")


def words(name: str) -> list[str]:
    """Return the words of a name, in small letters: psfMagErr_u gives psf, mag, err, u."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [w for w in re.split(r"[^0-9a-z]+", parted.lower()) if w]


def joined(name: str) -> str:
    """Return a name without anything but its letters and digits, to compare it with others."""
    return re.sub(r"[^0-9A-Za-z]", "", name).lower()
