"""Find which columns are standard errors, and of which other column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from boxloop.draft.names import joined, words

#: Words of a name that make it an error, and those that say on which side.
_ERROR = ("err", "error", "errors", "sigma", "sig", "unc", "uncert", "uncertainty")
_SURE = ("err", "error", "unc", "uncert", "uncertainty")
_DOWN = ("low", "lo", "lower", "minus", "neg", "down", "m")
_UP = ("high", "hi", "upper", "plus", "pos", "up", "p")
#: Error and what it belongs to written as one word: MAGERR_U, raerr, errflux, koi_teff_err1.
_GLUED = re.compile(r"(error|err)", re.I)


@dataclass(frozen=True)
class ErrorColumn:
    """An error, and what it is the error of.

    Attributes
    ----------
    name, of : str
        The column, and that whose error it holds; empty where there is none such.
    side : str
        down, up, or both.
    """

    name: str
    of: str
    side: str = "both"


def error_columns(names: Sequence[str]) -> list[ErrorColumn]:
    """Return the columns whose names say that they are errors.

    Known are ``e_X`` with ``E_X`` (lower and upper, as at the CDS), ``X_err``, ``Xerr``, ``err_X``,
    ``sigma_X``, ``MAGERR_X`` beside ``MAG_X``, and sides such as ``X_err_low`` and ``X_err1``.
    """
    known = {joined(n): n for n in reversed(names)}
    found = []
    for name in names:
        error = _of_cds(name, names) or _by_words(name, known) or _glued(name, known)
        if error is None and _certain(name):
            error = ErrorColumn(name, "")
        if error is not None and error.of != name:
            found.append(error)
    return found


def _of_cds(name: str, names: Sequence[str]) -> ErrorColumn | None:
    if name[:2] not in ("e_", "E_") or len(name) < 3:
        return None
    base, other = name[2:], ("E_" if name[0] == "e" else "e_") + name[2:]
    if base not in names:
        return None
    both = other not in names
    return ErrorColumn(name, base, "both" if both else ("down" if name[0] == "e" else "up"))


def _by_words(name: str, known: dict[str, str]) -> ErrorColumn | None:
    parts = words(name)
    for mark in [w for w in parts if re.sub(r"[12]$", "", w) in _ERROR]:
        rest, side = [w for w in parts if w != mark], "both"
        if mark[-1] in "12":  # as NASA's archive has it: first up, then down
            side = "up" if mark[-1] == "1" else "down"
        sides = [w for w in rest if w in _DOWN + _UP]
        for word in [*sides, ""]:
            left = [w for w in rest if w != word]
            base = known.get("".join(left))
            if base is not None and base != name:
                return ErrorColumn(name, base, _side(word) or side)
    return None


def _glued(name: str, known: dict[str, str]) -> ErrorColumn | None:
    for found in _GLUED.finditer(name):
        rest = name[: found.start()] + name[found.end() :]
        base, side = known.get(joined(rest)), "both"
        for part in [w for w in (*_DOWN, *_UP) if len(w) > 1]:
            if base is None and joined(rest).endswith(part):
                base, side = known.get(joined(rest).removesuffix(part)), _side(part)
        if base is None and rest[-1:] in ("1", "2"):
            base, side = known.get(joined(rest[:-1])), "up" if rest[-1] == "1" else "down"
        if base is not None and base != name:
            return ErrorColumn(name, base, side)
    return None


def _side(word: str) -> str:
    return "down" if word in _DOWN else "up" if word in _UP else ""


def _certain(name: str) -> bool:
    """Whether a name can only be that of an error, though nothing it would belong to is there."""
    parts = [re.sub(r"[12]$", "", w) for w in words(name)]
    return name.startswith(("e_", "E_")) or any(w in _SURE or w == "magerr" for w in parts)
