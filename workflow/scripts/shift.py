"""Are the training objects like those that the model is for?"""

from pathlib import Path

import pandas as pd

from boxloop import store
from boxloop.evaluate.shift import DRAWN, make_shift
from boxloop.fitting import load_model
from boxloop.job import job
from boxloop.sampling.drawn import draw_rows, in_set

with job(snakemake):
    files, params = snakemake.input, snakemake.params
    metrics, split = store.read_json(files.metrics), store.read_frame(files.split)
    labelled, training = store.read_batches(files.table, files.arrays), in_set(split, "train")
    target = predicted = None
    if files.target:
        batches = store.read_parts(files.target, files.target_arrays)
        target = draw_rows(batches, DRAWN, params.seed, "shift", "target")
    if target is not None and metrics["task"] == "classification":
        folder = next(f for f in files.models if Path(f).name == metrics["selected"])
        predicted = load_model(folder, params.user_code).predict(target)
    cross_validated = store.read_frame(files.cross_validated).assign(set="cv")
    rows = [cross_validated, store.read_frame(files.predictions)]
    found = make_shift(
        draw_rows(labelled, DRAWN, params.seed, "shift", "training", keep=training),
        target,
        predicted,
        pd.concat(rows, ignore_index=True),
        store.read_frame(files.truth),
        metrics,
        **{k: params[k] for k in ("prevalence", "group", "seed")},
    )
    store.write_json(found, snakemake.output[0])
