"""Write an unfitted recipe for every model."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import make_recipes

with job(snakemake):
    table = store.read_table(snakemake.input.table, snakemake.input.arrays)
    store.write_json(make_recipes(table, snakemake.params.models), snakemake.output[0])
