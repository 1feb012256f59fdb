"""The report in LaTeX: a document whose every number is a macro."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from boxloop.numbers.evidence import Evidence, Figure
from boxloop.numbers.latex import Tex, escape
from boxloop.numbers.macros import Number, Numbers
from boxloop.report.bibliography import Bibliography
from boxloop.report.content import content, templates

#: Libraries that a report cites, in this order, where the run record knows their version.
SOFTWARE = (
    "snakemake",
    "dvc",
    "mlflow",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "tensorflow",
    "keras",
    "astropy",
    "matplotlib",
)
#: Parts of the report that only its authors can write, and what is asked of them.
PROSE = {
    "introduction": "why this question, and what is known",
    "related": "similar problems, and similar solutions to other problems",
    "discussion": "strengths, weaknesses, limitations, lessons learned",
    "milestones": "the steps of the project and when each was reached",
}


@dataclass(frozen=True)
class Report:
    """The files of a report.

    Attributes
    ----------
    tex, macros, bibliography : str
    traced : dict
        Macro to text, value, file and key.
    """

    tex: str
    macros: str
    traced: Mapping[str, Mapping[str, Any]]
    bibliography: str


def write_report(evidence: Evidence, prose: Mapping[str, str], bibliography: str) -> Report:
    """Write the report.

    Parameters
    ----------
    evidence : Evidence
    prose : mapping of str to str
        The user's own LaTeX by section; what is not there is marked as missing in a draft and
        left out of a final report.
    bibliography : str
        Text of config/references.bib.

    Raises
    ------
    BoxloopError
        A key is cited that the bibliography does not have, or a results file lacks a key.
    """
    numbers = Numbers(evidence)
    known = Bibliography(bibliography)
    folder = str((evidence.study.get("report") or {}).get("prose") or "prose")
    known.check_prose(dict(prose), f"config/studies/{folder.rstrip('/')}")
    said = content(evidence, numbers)
    versions = evidence.contents["run"].get("versions") or {}
    software = [k for k in SOFTWARE if k in versions and k in known.entries]
    text = (
        _environment()
        .get_template("report.tex")
        .render(
            **said,
            prose={k: Tex(v.strip()) for k, v in prose.items()},
            asked=PROSE,
            software=software,
            works=known.entries,
            cite=lambda key, place: _cite(known, key, place),
            gallery=lambda *names: _gallery(evidence.figures, names),
            has=evidence.figures.__contains__,
        )
    )
    return Report(text, numbers.macros(), numbers.traced(), bibliography)


def _cite(known: Bibliography, keys: str | list[str], place: str) -> Tex:
    every = [keys] if isinstance(keys, str) else list(keys)
    return Tex(rf"\citep{{{','.join(known.entry(k, place).key for k in every)}}}" if every else "")


def _gallery(figures: Mapping[str, Figure], names: Sequence[str]) -> Tex:
    """Place figures in order; two of column width that follow each other share a float.

    Floats of one width are kept in one queue by LaTeX and fill its pages; two queues do not.
    """
    waiting = [figures[n] for n in names if n in figures]
    floats = []
    while waiting:
        first, *waiting = waiting
        mate = next((f for f in waiting if f.width == "column"), None)
        if first.width == "page":
            floats.append(_float("figure*", _drawn(first)))
        elif mate is None:
            floats.append(_float("figure", _drawn(first)))
        else:
            waiting.remove(mate)
            floats.append(_float("figure*", _beside(first) + "\\hfill\n" + _beside(mate)))
    return Tex("".join(floats))


def _float(kind: str, inner: str) -> str:
    return f"\\begin{{{kind}}}\n\\centering\n{inner}\\end{{{kind}}}\n"


def _beside(figure: Figure) -> str:
    return (
        f"\\begin{{minipage}}[t]{{\\columnwidth}}\n\\centering\n{_drawn(figure)}\\end{{minipage}}"
    )


def _drawn(figure: Figure) -> str:
    return (
        f"\\includegraphics{{{figure.name}.pdf}}\n"
        f"\\caption{{{escape(figure.caption)}}}\\label{{fig:{figure.name}}}\n"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=templates(),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_print,
    )
    environment.filters["sentence"] = _sentence
    return environment


def _print(value: Any) -> str:
    """Print a number as its macro, LaTeX as it is, and escape everything else."""
    return value.tex() if isinstance(value, Number) else escape(value)


def _sentence(text: str) -> str:
    """End a text with a full stop, where it does not end already."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
