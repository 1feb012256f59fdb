"""Search without one outer fold and predict it."""

from pathlib import Path

from boxloop import store
from boxloop.fitting.stacked import Halving
from boxloop.job import job
from boxloop.search import Progress, SearchTask, content_key, nested_fold

with job(snakemake):
    params, files = snakemake.params, snakemake.input
    halving = Halving(**params.halving) if params.halving else None
    about = [params.code, params.task, params.metric, params.seed, params.halving]
    about.append(snakemake.wildcards.outer)
    progress = Progress(Path(params.checkpoints), content_key(about, files))
    predictions, summary = nested_fold(
        int(snakemake.wildcards.outer),
        params.trials,
        store.read_json(files.recipes),
        store.read_table(files.table, files.arrays),
        store.read_frame(files.plan),
        SearchTask(*about[1:4], params.user_code, snakemake.threads, halving),
        models=params.models,
        candidates=params.candidates,
        choose=params.choose,
        rounds=params.rounds,
        progress=progress,
    )
    store.write_frame(predictions, snakemake.output.predictions)
    store.write_json(summary, snakemake.output.summary)
    progress.remove()
