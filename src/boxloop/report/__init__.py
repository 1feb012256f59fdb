"""Stage *report*: vector figures, LaTeX, PDF and one web page, every number with its source."""

from boxloop.analyses.exploration.figures import draw_exploration
from boxloop.numbers.evidence import Evidence, Figure
from boxloop.report.exploration_page import write_exploration
from boxloop.report.figures import draw_figures
from boxloop.report.page import write_page
from boxloop.report.pdf import compile_pdf
from boxloop.report.tex import Report, write_report

__all__ = [
    "Evidence",
    "Figure",
    "Report",
    "compile_pdf",
    "draw_exploration",
    "draw_figures",
    "write_exploration",
    "write_page",
    "write_report",
]
