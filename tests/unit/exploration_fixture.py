"""The exploration of a made-up study, with a target and without, and with names that could bite."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from report_fixture import BIBLIOGRAPHY, make_results

from boxloop.analyses.exploration.figures import draw_exploration
from boxloop.numbers.evidence import Evidence
from boxloop.report.exploration_page import write_exploration
from boxloop.store import read_json, write_json

#: Text of a stranger's file that must stay text in HTML, in LaTeX and in drawings.
AWKWARD = r"""$\input{x}$ <script>alert("1")</script> 100% a_b & 'q' α #1 {{ 7*7 }} ~^|"""
FILES = {
    "summary": "data/summary.json",
    "explore": "explore/all.json",
    "training": "explore/training.json",
    "embedding": "explore/embedding.json",
}


@dataclass(frozen=True)
class Exploration:
    """A folder with the files of an exploration, and the study."""

    folder: Path
    study: dict[str, Any]

    def read(self, name: str) -> Any:
        return read_json(self.folder / FILES[name])

    def change(self, name: str, **values: Any) -> None:
        """Replace keys of a file."""
        write_json(self.read(name) | values, self.folder / FILES[name])

    def remark(self, name: str, *findings: dict[str, Any]) -> None:
        """Add findings to a file."""
        self.change(name, findings=[*self.read(name)["findings"], *findings])

    def evidence(self, *, drawn: bool = True) -> Evidence:
        """Read everything the page is written from; draw the figures first, or leave them out."""
        files = {n: str(self.folder / f) for n, f in FILES.items() if (self.folder / f).is_file()}
        figures = self.folder / "report/exploration"
        figures.mkdir(parents=True, exist_ok=True)
        if drawn:
            for name, content in draw_exploration({n: self.read(n) for n in files}).items():
                (figures / name).write_bytes(content)
        return Evidence.read(self.study, files, figures, svg=True)

    def page(self, *, drawn: bool = True) -> str:
        return write_exploration(self.evidence(drawn=drawn), BIBLIOGRAPHY, "made_up")


def finding(severity: str, kind: str, column: str | None, message: str, **evidence: Any) -> Any:
    """Return a finding as the exploration writes it."""
    about = {"severity": severity, "kind": kind, "column": column, "message": message}
    return {**about, "columns": [column] if column else [], "evidence": evidence}


def make_exploration(folder: Path, *, supervised: bool = True, name: str = AWKWARD) -> Exploration:
    """Write the exploration of a study whose sample, class, column and file are called `name`."""
    made = make_results(folder, "classification", provenance="simulated")
    study = made.study | {"seed": 4, "task": "classification" if supervised else "exploration"}
    study["report"] = {**study["report"], "title": f"A look at {name}"}
    found = Exploration(folder, study)
    rng = np.random.default_rng(3)
    summary = found.read("summary")
    train = summary["samples"]["train"]
    file = {"path": f"{name}.csv", "bytes": 624455, "sha256": "f7a7cf29e46046e9" * 4}
    found.change(
        "summary",
        task=study["task"],
        provenance="simulated",
        samples={"train": {**train, "survey": name, "files": [file]}},
        excluded={"redshift": f"it gives the class away {name}"},
        markers={"u_mag": [{"value": -9999.0, "meaning": "not_observed", "rows": 37}]},
        rows_cut=12,
        sky_duplicates={"rows": 8, "objects": 4, "radius_arcsec": 1.0},
        classes={"GALAXY": 300, name: 200} if supervised else {},
    )
    columns = found.read("explore")["columns"]
    columns[name] = {**columns["r_mag"], "unit": name}
    counts = {s: rng.poisson(0.2, (36, 18)) for s in ("train", name)}
    found.change(
        "explore",
        columns=columns,
        sky={
            "ra_edges": np.linspace(0, 360, 37),
            "sin_dec_edges": np.linspace(-1, 1, 19),
            "counts": counts,
        },
        missing_patterns=[{"columns": [], "rows": 800}, {"columns": ["u_mag", name], "rows": 100}],
    )
    found.remark(
        "explore",
        finding("medium", "excluded", "redshift", f"redshift is left out: it is a leak {name}"),
        finding("low", "marker_value", "u_mag", "37 of 900 values of u_mag are -9999"),
        finding("medium", "batch", name, f"{name} differs between files", ids=list(range(40))),
    )
    xy = rng.normal(size=(2, 300))
    labels = [("GALAXY", name)[i % 2] for i in range(300)] if supervised else None
    embedding = {"rows": 300, "rows_of": 600, "scaled": "by quartiles", "labels": labels}
    embedding["pca"] = {"x": xy[0], "y": xy[1], "explained": [0.7, 0.2]}
    embedding["pca"]["loadings"] = {"u_mag": [0.1, -0.2], name: [-0.9, 0.3]}
    embedding["neighbours"] = {"method": "t-SNE", "rows": 200, "x": xy[1], "y": xy[0]}
    write_json(embedding, folder / FILES["embedding"])
    if supervised:
        found.remark("training", finding("high", "leak", name, f"{name} alone finds the class"))
    else:
        (folder / FILES["training"]).unlink()
    return found
