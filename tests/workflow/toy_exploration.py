"""A study that only explores a table of the user's own, in a toy project."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from toy_project import ToyProject

STUDY = """\
schema: 2
task: exploration
question: {what: "What is in this table, <b>really</b>?", why: To look before anything is learnt.}
samples:
  all: {path: data/own/stars.csv, sha256: CHECKSUM, provenance: simulated}
columns:
  id: name
  sky: {ra: ra, dec: dec}
  features:
    brightness: {unit: mag, missing: {-9999: not_observed}}
    colour: {unit: mag}
    odd_name: {from: "$\\\\input{x}$ <script>", unit: mag, description: "100% of <i>a_b</i> & $c$"}
  excluded: {serial: counts the rows and says nothing}
report: {title: "A look at 100% of <script>alert(1)</script> stars", authors: [boxloop tests]}
"""


def exploration_project(folder: Path) -> ToyProject:
    """Make a project with the study `look` and its variant `look_again`; nothing has run yet."""
    project = ToyProject(folder, "toy_table")
    rng = np.random.default_rng(11)
    n = 250
    table = pd.DataFrame(
        {
            "name": [f"star {i}" for i in range(n)],
            "ra": rng.uniform(10, 20, n),
            "dec": rng.uniform(-5, 5, n),
            "brightness": np.where(rng.random(n) < 0.1, -9999.0, rng.normal(18, 1, n)),
            "colour": rng.normal(0.5, 0.2, n),
            "$\\input{x}$ <script>": rng.normal(0, 1, n),
            "serial": range(n),
        }
    )
    path = folder / "data/own/stars.csv"
    path.parent.mkdir(parents=True)
    table.to_csv(path, index=False)
    checksum = sha256(path.read_bytes()).hexdigest()
    (folder / "config/studies/look.yaml").write_text(STUDY.replace("CHECKSUM", checksum))
    (folder / "config/studies/look_again.yaml").write_text(
        "schema: 2\nextends: look\nreport: {title: The same look under another title}\n"
    )
    return project
