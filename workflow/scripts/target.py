"""Read a part of the objects that the model is for."""

from boxloop import store
from boxloop.data.assemble import assemble_target, columns_of_text
from boxloop.data.read import read_sample
from boxloop.job import job

with job(snakemake):
    params = snakemake.params
    raw = read_sample(
        "target",
        params.sample,
        snakemake.input[0],
        source=params.sources.get(params.sample["source"]),
        text=columns_of_text(params.columns),
        user_code=params.user_code,
        columns=params.columns,
        part=params.part,
    )
    table = assemble_target(raw, columns=params.columns, user_code=params.user_code)
    store.write_table(table, snakemake.output.table, snakemake.output.arrays)
