"""Run the trials of one purpose that test the result of the search."""

from boxloop import store
from boxloop.job import job
from boxloop.sampling.drawn import some_rows
from boxloop.search import MOST, SearchTask, run_probe

with job(snakemake):
    params, files = snakemake.params, snakemake.input
    target = files.target if snakemake.wildcards.purpose == "reweight" else []
    found = run_probe(
        snakemake.wildcards.purpose,
        store.read_json(files.selected),
        store.read_json(files.recipes),
        store.read_table(files.table, files.arrays),
        store.read_frame(files.folds),
        SearchTask(params.task, params.metric, params.seed, params.user_code, snakemake.threads),
        out_of_fold=store.read_frame(files.predictions),
        settings=params.probes,
        group=params.group,
        time=params.time,
        target=some_rows(target, files.target_arrays, MOST, params.seed, "probe", "target"),
    )
    store.write_json(found, snakemake.output[0])
