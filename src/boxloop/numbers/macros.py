"""Numbers of a report: each is read from a results file and becomes a LaTeX macro with a source."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.latex import Tex, escape, number_in_latex
from boxloop.numbers.rounding import decimals, written

#: What templates print; where code reads its keys too, it is a TypedDict beside the section.
Printed = dict[str, object]

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Number:
    r"""A number or word of the results, as a report prints it.

    Attributes
    ----------
    macro : str
        ``\boxForestTestNmad``; empty where there is no value.
    plain : str
        As the page prints it.
    text : str
        As LaTeX prints it.
    value : Any
    file, key : str
        Where it was read.
    """

    macro: str
    plain: str
    text: str
    value: Any
    file: str
    key: str

    def __str__(self) -> str:
        return self.plain

    def tex(self) -> Tex:
        """Return what a LaTeX document writes for it."""
        return Tex(self.macro + "{}") if self.macro else Tex(self.text)


@dataclass(frozen=True)
class Score:
    """A score with its interval, rounded together."""

    value: Number
    low: Number
    high: Number
    n_units: Number
    reason: str


class Numbers:
    """All numbers that a report used so far.

    Parameters
    ----------
    evidence : Evidence
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._used: dict[str, Number] = {}

    def __call__(
        self,
        name: str,
        source: str,
        key: str,
        *,
        places: int | None = None,
        show: Callable[[Any], str] | None = None,
    ) -> Number:
        """Read a number and give it a macro.

        Parameters
        ----------
        name : str
            Words of the macro's name, for example ``"forest test nmad"``.
        source, key : str
            Short name of the results file, and the dotted key in it.
        places : int, optional
            Decimals.
        show : callable, optional
            Another way to write the value, for example as a duration.
        """
        value = self._evidence.at(source, key)
        file = self._evidence.files[source]
        plain = show(value) if show else written(value, places)
        if value is None:
            return Number("", "–", "--", None, file, key)
        text = escape(plain) if isinstance(value, str | list) else number_in_latex(plain)
        macro = macro_name(name)
        while macro in self._used and (self._used[macro].file, self._used[macro].key) != (
            file,
            key,
        ):
            macro += "Also"
        if macro not in self._used:
            self._used[macro] = Number(macro, plain, text, value, file, key)
        return self._used[macro]

    def score(self, name: str, source: str, key: str) -> Score:
        """Read a score {value, low, high, n_units}, rounded to two digits of its interval."""
        content = self._evidence.at(source, key)
        places = decimals(content.get("low"), content.get("high"))
        value, low, high = (
            self(f"{name} {suffix}".strip(), source, f"{key}.{part}", places=places)
            for part, suffix in (("value", ""), ("low", "low"), ("high", "high"))
        )
        units = self(f"{name} units", source, f"{key}.n_units") if "n_units" in content else value
        return Score(value, low, high, units, content.get("reason") or "")

    def macros(self) -> str:
        """Return macros.tex: plain definitions, which load in any class."""
        lines = ["% Every number of the report, by name; macros.json says where each was read."]
        lines += [rf"\newcommand{{{n.macro}}}{{{n.text}}}" for n in self._sorted()]
        return "\n".join(lines) + "\n"

    def traced(self) -> dict[str, Printed]:
        """Return macros.json: macro to text, value, file and key."""
        return {
            n.macro: {"text": n.text, "value": n.value, "file": n.file, "key": n.key}
            for n in self._sorted()
        }

    def _sorted(self) -> list[Number]:
        return [self._used[name] for name in sorted(self._used)]


def macro_name(name: str) -> str:
    r"""Return ``\box...`` for words: letters only, digits spelt out, each word capitalised."""
    words = re.findall(r"[A-Za-z]+|\d", name)
    if not words:
        raise ValueError(f"no letter or digit in {json.dumps(name)}")
    spelt = (_DIGITS[int(w)] if w.isdigit() else w[0].upper() + w[1:] for w in words)
    return "\\box" + "".join(spelt)
