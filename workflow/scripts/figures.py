"""Draw the figures of a study: vector files, each with its numbers and its caption."""

from pathlib import Path

import pandas as pd

from boxloop import store
from boxloop.analyses.registry import COMPUTED
from boxloop.job import job
from boxloop.report.figures import draw_figures

with job(snakemake) as log:
    found = snakemake.input
    names = ("explore", "training", "embedding", "selected", "metrics", "details", *COMPUTED)
    models = {Path(folder).name: Path(folder) for folder in found.models}
    files = draw_figures(
        store.read_table(found.table),
        store.read_frame(found.split),
        {name: store.read_json(found[name]) for name in names},
        trials=store.read_frame(found.trials),
        cross_validated=store.read_frame(found.cross_validated),
        applied=store.read_frame(found.apply),
        fits={n: store.read_json(folder / "fit.json") for n, folder in models.items()},
        histories={
            n: pd.read_csv(folder / "history.csv")
            for n, folder in models.items()
            if (folder / "history.csv").is_file()
        },
        explored={path.name: path.read_bytes() for path in Path(found.explored).iterdir()},
    )
    with store.writing(snakemake.output[0]) as folder:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    log.info("%d figures", sum(name.endswith(".pdf") for name in files))
