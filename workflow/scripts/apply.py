"""Predict a part of the target objects with the selected model, batch by batch."""

from pathlib import Path

from boxloop import apply as stage
from boxloop import store
from boxloop.fitting import load_model
from boxloop.fitting.prior_shift import adjustment_of
from boxloop.job import job
from boxloop.sampling.drawn import draw_rows, in_set
from boxloop.store.stream import write_stream

with job(snakemake) as log:
    files, params, out = snakemake.input, snakemake.params, snakemake.output
    name = store.read_json(files.selected)["selected"]
    folder = next(f for f in files.models if Path(f).name == name)
    model = load_model(folder, params.user_code)
    learnt = store.read_json(files.calibration)["apply"]
    split, seed = store.read_frame(files.split), params.seed
    ranges = stage.training_range(store.read_batches(files.training), split)
    labelled = store.read_batches(files.training, files.training_arrays) if files.table else []
    train = in_set(split, "train")
    drawn = draw_rows(labelled, stage.REFERENCE, seed, "apply", "region", keep=train)
    region = stage.training_region(drawn, group=params.group, seed=seed)
    adjustment = adjustment_of(store.read_json(files.shift))
    application = stage.Application.of(model, ranges, params.columns["name"], region, adjustment)
    batches = store.read_batches(files.table, files.arrays) if files.table else []
    frames = stage.apply_model(model, batches, application)
    frames = stage.with_calibration(frames, learnt, model.classes)
    rows = write_stream(frames, out.predictions, {"model": name})
    log.info("%d objects, %d outside the training range", rows, application.outside_rows)
    summary = application.summary(name) if files.table else stage.no_predictions(name)
    store.write_json({**summary, "calibration": stage.told(learnt)}, out.summary)
