"""Predict the objects of each set with every final model."""

from boxloop import store
from boxloop.evaluate.predict import predict_sets
from boxloop.fitting import load_model
from boxloop.job import job

with job(snakemake):
    predictions = predict_sets(
        [load_model(folder, snakemake.params.user_code) for folder in snakemake.input.models],
        store.read_batches(snakemake.input.table, snakemake.input.arrays),
        store.read_frame(snakemake.input.split),
        final=snakemake.params.final,
        outer=[store.read_frame(path) for path in snakemake.input.outer],
    )
    store.write_frame(predictions, snakemake.output[0])
