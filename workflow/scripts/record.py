"""Write down which code, data and machine made these results, and what that took."""

from pathlib import Path

from boxloop import store
from boxloop.job import job
from boxloop.slurm import read_usage
from boxloop.track.record import run_record
from boxloop.track.surroundings import surroundings

with job(snakemake):
    selected, metrics = snakemake.input.selected, snakemake.input.metrics
    record = run_record(
        snakemake.params.study,
        snakemake.wildcards.study,
        summary=store.read_json(snakemake.input.summary),
        selected=store.read_json(selected) if selected else None,
        metrics=store.read_json(metrics) if metrics else None,
        owners=snakemake.params.owners,
        codes=snakemake.params.codes,
        usage=read_usage(snakemake.params.benchmarks),
        surroundings=surroundings(Path.cwd(), snakemake.input.models),
    )
    store.write_json(record, snakemake.output[0])
