"""Place the training objects in two dimensions."""

from boxloop import store
from boxloop.analyses.exploration.embedding import embed
from boxloop.job import job

with job(snakemake) as log:
    files, params = snakemake.input, snakemake.params
    content = embed(
        store.read_table(files.table),
        store.read_frame(files.split) if files.split else None,
        task=params.task,
        seed=params.seed,
        method=params.method,
    )
    log.info("%d of %d rows", content["rows"], content["rows_of"])
    store.write_json(content, snakemake.output[0])
