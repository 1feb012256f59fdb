"""The report as one web page that needs nothing but itself."""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from boxloop.numbers.evidence import Evidence, Figure
from boxloop.numbers.macros import Numbers, Score
from boxloop.report.bibliography import Bibliography
from boxloop.report.content import content, templates


def write_page(evidence: Evidence, bibliography: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    evidence : Evidence
        With the drawings of its figures.
    bibliography : str
        Text of config/references.bib, for the names of cited works.
    """
    known = Bibliography(bibliography)
    return (
        page_environment()
        .get_template("page.html")
        .render(
            **content(evidence, Numbers(evidence)),
            cite=lambda key, place: known.entry(key, place).label,
        )
    )


def _drawing(figure: Figure) -> Markup:
    """Return an SVG that grows and shrinks with the page, named for readers that cannot see it."""
    svg = figure.svg[figure.svg.index("<svg") :]
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(width|height)="[^"]*"', "", opening)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.S)
    label = Markup('{} role="img" aria-label="{}">').format(Markup(opening), figure.title)
    return label + Markup(rest)


def _score(score: Score) -> str:
    if score.value.value is None:
        return "–"
    if score.low.value is None or score.high.value is None:
        return str(score.value)
    return f"{score.value} [{score.low}, {score.high}]"


def _words(value: Any) -> str:
    return str(value).replace("_", " ")


@cache
def page_environment() -> Environment:
    """Return what pages are written with: all text is escaped, an unknown name is an error."""
    environment = Environment(
        loader=templates(),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"score": _score, "words": _words, "drawing": _drawing}
    return environment
