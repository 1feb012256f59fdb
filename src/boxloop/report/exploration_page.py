"""The exploration as one web page that needs nothing but itself."""

from boxloop.analyses.exploration.section import section
from boxloop.numbers.evidence import Evidence
from boxloop.report.bibliography import Bibliography
from boxloop.report.page import page_environment


def write_exploration(evidence: Evidence, bibliography: str, name: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    evidence : Evidence
        ``summary`` and ``explore``; where there is a target also ``training``; and ``embedding``.
        With the drawings of its figures.
    bibliography : str
        Text of config/references.bib, for the names of cited works.
    name : str
        Name of the study.
    """
    known = Bibliography(bibliography)
    template = page_environment().get_template("exploration/exploration.html")
    return template.render(
        **section(evidence), name=name, cite=lambda key, place: known.entry(key, place).label
    )
