"""What does the model rest on, where does it go wrong, and does it break a rule?"""

from pathlib import Path

from boxloop import store
from boxloop.evaluate.understanding import make_understanding, models_to_understand
from boxloop.fitting import load_model
from boxloop.job import job

with job(snakemake):
    files, params = snakemake.input, snakemake.params
    metrics = store.read_json(files.metrics)
    folders = {Path(folder).name: folder for folder in files.models}
    found = make_understanding(
        store.read_table(files.table, files.arrays),
        {n: load_model(folders[n], params.user_code) for n in models_to_understand(metrics)},
        split=store.read_frame(files.split),
        truth=store.read_frame(files.truth),
        cross_validated=store.read_frame(files.cross_validated),
        predictions=store.read_frame(files.predictions),
        metrics=metrics,
        columns=params.columns,
        plausible=params.plausible,
        seed=params.seed,
        user_code=params.user_code,
    )
    store.write_json(found, snakemake.output[0])
