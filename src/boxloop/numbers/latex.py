"""Text for LaTeX: everything is escaped unless it says that it is LaTeX already."""

import re
import unicodedata
from itertools import pairwise
from typing import Any

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_\allowbreak{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": "'",
    "`": r"\textasciigrave{}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "°": r"\textdegree{}",
    "µ": r"\ensuremath{\mu}",
    "−": r"\ensuremath{-}",
    "×": r"\ensuremath{\times}",
    "±": r"\ensuremath{\pm}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≈": r"\ensuremath{\approx}",
    "∼": r"\ensuremath{\sim}",
    "≠": r"\ensuremath{\neq}",
    "→": r"\ensuremath{\rightarrow}",
    "·": r"\ensuremath{\cdot}",
    "√": r"\ensuremath{\surd}",
    "∞": r"\ensuremath{\infty}",
    "⊙": r"\ensuremath{\odot}",
    "☉": r"\ensuremath{\odot}",
    "′": r"\ensuremath{'}",
    "″": r"\ensuremath{''}",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u202f": r"\,",
}
_SCRIPTS = {
    **{c: ("textsuperscript", p) for c, p in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True)},
    **{c: ("textsubscript", p) for c, p in zip("₀₁₂₃₄₅₆₇₈₉₋₊", "0123456789-+", strict=True)},
}
_GREEK = {c: unicodedata.name(c).split()[-1].lower() for c in "αβγδεζηθικλμνξπρστυφχψω"}
_GREEK |= {c: unicodedata.name(c).split()[-1].capitalize() for c in "ΓΔΘΛΞΠΣΥΦΨΩ"}
_GREEK |= {"λ": "lambda", "Λ": "Lambda"}


class Tex(str):
    """Text that is LaTeX already and is printed as it is."""

    __slots__ = ()


def escape(value: Any) -> Tex:
    """Return text so that LaTeX prints it as it stands; characters no font has become ``?``."""
    if isinstance(value, Tex):
        return value
    if value is None:
        return Tex("--")
    text = unicodedata.normalize("NFC", str(value))
    return Tex("".join(_after(before, c) for before, c in pairwise(f" {text}")))


def number_in_latex(plain: str) -> Tex:
    """Return a number that `written` wrote, as LaTeX for text and mathematics alike."""
    power = re.sub(r"×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", _power, plain)
    return Tex(power.replace("−", r"\ensuremath{-}").replace("<", r"\ensuremath{<}"))


def _power(found: re.Match[str]) -> str:
    digits = "".join(_SCRIPTS[c][1] for c in found.group(1))
    return rf"\ensuremath{{\times10^{{{digits}}}}}"


def _after(before: str, c: str) -> str:
    """Keep two of a kind from becoming another sign: two hyphens are no dash."""
    return ("{}" if c == before and c in "-,'" else "") + _character(c)


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _SCRIPTS:
        command, plain = _SCRIPTS[c]
        return rf"\{command}{{{plain}}}"
    if c in _GREEK:
        return rf"\ensuremath{{\{_GREEK[c]}}}"
    if c.isascii():
        return c if c.isprintable() else " "
    # Letters that the T1 encoding has, or that take an accent; else their nearest plain form.
    if "\u00a1" <= c <= "\u017e" and c.isprintable():  # a soft hyphen is not
        return c
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(_character(p) for p in plain) or "?"
