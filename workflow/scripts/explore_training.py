"""Describe the training objects, with the target."""

from boxloop import store
from boxloop.analyses.exploration.overview import explore_training
from boxloop.job import job

with job(snakemake) as log:
    files, params = snakemake.input, snakemake.params
    content = explore_training(
        store.read_table(files.table, files.arrays),
        store.read_frame(files.split),
        task=params.task,
        seed=params.seed,
        lineage=params.lineage,
        group=params.group,
    )
    log.info("%d rows, %d findings", content["rows"], len(content["findings"]))
    store.write_json(content, snakemake.output[0])
