"""Run all folds of a chunk of trials."""

from boxloop import store
from boxloop.job import job
from boxloop.search import Task, cross_validate

with job(snakemake):
    params = snakemake.params
    task = Task(params.task, params.metric, params.seed, params.user_code, snakemake.threads)
    results, predictions = cross_validate(
        params.trials,
        store.read_json(snakemake.input.recipes),
        store.read_table(snakemake.input.table, snakemake.input.arrays),
        store.read_frame(snakemake.input.folds),
        task,
        params.minutes,
    )
    store.write_frame(predictions, snakemake.output.predictions)
    store.write_json(results, snakemake.output.trials)
