"""Run the trials of one purpose that test the result of the search."""

from boxloop import store
from boxloop.job import job
from boxloop.search import Task, run_probe

with job(snakemake):
    params, files = snakemake.params, snakemake.input
    weighed = snakemake.wildcards.purpose == "reweight" and files.target
    found = run_probe(
        snakemake.wildcards.purpose,
        store.read_json(files.selected),
        store.read_json(files.recipes),
        store.read_table(files.table, files.arrays),
        store.read_frame(files.folds),
        Task(params.task, params.metric, params.seed, params.user_code, snakemake.threads),
        out_of_fold=store.read_frame(files.predictions),
        settings=params.probes,
        group=params.group,
        time=params.time,
        target=store.read_table(files.target, files.target_arrays) if weighed else None,
    )
    store.write_json(found, snakemake.output[0])
