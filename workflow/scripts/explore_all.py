"""Describe all objects, without the target."""

from boxloop import store
from boxloop.analyses.exploration.duplicates import positions
from boxloop.analyses.exploration.overview import explore_all
from boxloop.job import job

with job(snakemake) as log:
    files = snakemake.input
    target = positions(store.read_parts(files.target))
    content = explore_all(
        store.read_table(files.table, files.arrays),
        store.read_json(files.summary),
        target,
        seed=snakemake.params.seed,
    )
    log.info("%d rows, %d findings", content["rows"], len(content["findings"]))
    store.write_json(content, snakemake.output[0])
