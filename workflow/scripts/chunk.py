"""Run all folds of a chunk of trials."""

from pathlib import Path

from boxloop import store
from boxloop.fitting.stacked import Halving
from boxloop.job import job
from boxloop.search import Progress, SearchTask, content_key, cross_validate

with job(snakemake):
    params = snakemake.params
    halving = Halving(**params.halving) if params.halving else None
    about = [params.code, params.task, params.metric, params.seed, params.halving]
    task = SearchTask(*about[1:4], params.user_code, snakemake.threads, halving)
    progress = Progress(Path(params.checkpoints), content_key(about, snakemake.input))
    trials = params.trials or store.read_json(snakemake.input.plan)[slice(*params.part)]
    results, predictions = cross_validate(
        trials,
        store.read_json(snakemake.input.recipes),
        store.read_table(snakemake.input.table, snakemake.input.arrays),
        store.read_frame(snakemake.input.folds),
        task,
        params.minutes,
        progress,
    )
    store.write_frame(predictions, snakemake.output.predictions)
    store.write_json(results, snakemake.output.trials)
    progress.remove()
