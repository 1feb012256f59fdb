"""Simulate a sample."""

from boxloop import store
from boxloop.data.simulate import simulate_sample
from boxloop.job import job

with job(snakemake):
    params = snakemake.params
    table = simulate_sample(
        params.sample, snakemake.wildcards.sample, seed=params.seed, user_code=params.user_code
    )
    store.write_table(table, snakemake.output.table, snakemake.output.arrays)
