"""Predict the target objects with the selected model, part by part."""

from pathlib import Path

from boxloop import store
from boxloop.apply import Application, apply_model, no_predictions, training_range
from boxloop.fitting import load_model
from boxloop.job import job
from boxloop.store.fits import write_fits
from boxloop.store.stream import write_stream

with job(snakemake) as log:
    files, params, out = snakemake.input, snakemake.params, snakemake.output
    name = store.read_json(files.selected)["selected"]
    folder = next(f for f in files.models if Path(f).name == name)
    model = load_model(folder, params.user_code)
    ranges = training_range(store.read_batches(files.training), store.read_frame(files.split))
    application = Application.of(model, ranges, params.columns["name"])
    batches = store.read_batches(files.table, files.arrays) if files.table else []
    rows = write_stream(apply_model(model, batches, application), out.predictions, {"model": name})
    log.info("%d objects, %d outside the training range", rows, application.outside_rows)
    write_fits(
        out.predictions,
        out.fits,
        units={"prediction": params.columns["unit"]},
        header={"MODEL": (name, "name of the model"), "ORIGIN": ("boxloop", "written by")},
    )
    summary = application.summary(name) if files.table else no_predictions(name)
    store.write_json(summary, out.summary)
