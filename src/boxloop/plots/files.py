"""How a figure becomes PDF, SVG, CSV and JSON with the same bytes."""

import io
import json
import re
from typing import TYPE_CHECKING, Any, Literal

from boxloop.plots.style import Drawing, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boxloop.results.figures import Figure as FigureEntry


def render(drawing: Drawing) -> dict[str, bytes]:
    """Return the files of a drawing by name: the same drawing gives the same bytes.

    Returns
    -------
    dict of str to bytes
        ``<name>.pdf`` (fonts embedded as TrueType), ``<name>.svg``, ``<name>.csv``,
        ``<name>.json``.
    """
    import matplotlib as mpl

    about = {"Title": drawing.title, "Creator": "boxloop"}
    with style("print"):
        pdf = _saved(drawing.figure, "pdf", {**about, "CreationDate": None})
    with style("screen"), mpl.rc_context({"svg.hashsalt": drawing.name}):
        svg = _saved(drawing.figure, "svg", {**about, "Date": None})
    described: FigureEntry = {
        "title": drawing.title,
        "caption": drawing.caption,
        "source": list(drawing.source),
        "provenance": drawing.provenance,
        "width": drawing.width,
    }
    return {
        f"{drawing.name}.pdf": pdf,
        f"{drawing.name}.svg": _named_apart(svg.decode(), drawing.name).encode(),
        f"{drawing.name}.csv": drawing.numbers.to_csv(index=False, float_format="%.8g").encode(),
        f"{drawing.name}.json": (
            json.dumps(described, indent=1, ensure_ascii=False) + "\n"
        ).encode(),
    }


def _saved(figure: "Figure", kind: Literal["pdf", "svg"], metadata: dict[str, Any]) -> bytes:
    """Return a figure as a file; it is drawn once.

    Left to itself, `Figure.savefig` draws all of it once without output, for the layout.
    """
    from matplotlib.backend_bases import get_registered_canvas_class

    get_registered_canvas_class(kind)(figure)  # whose metrics of text the layout has to use
    layout: Any = figure.get_layout_engine()
    layout.execute(figure)
    figure.set_layout_engine(None)
    file = io.BytesIO()
    figure.savefig(file, format=kind, metadata=metadata)
    figure.set_layout_engine(layout)
    return file.getvalue()


def _named_apart(svg: str, name: str) -> str:
    """Prefix all identifiers, so that drawings can share a page; text stays as it is."""
    named = re.compile(r'(\bid="|href="#|url\(#)')
    return re.sub(r"<[^>]*>", lambda tag: named.sub(rf"\g<1>{name}-", tag.group()), svg)
