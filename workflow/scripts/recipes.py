"""Write an unfitted recipe for every model."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import make_recipes

with job(snakemake):
    params = snakemake.params
    # Only what the columns are is asked for, so one row is enough.
    table = next(store.read_batches(snakemake.input.table, snakemake.input.arrays, rows=1))
    store.write_json(make_recipes(table, params.models, params.columns), snakemake.output[0])
