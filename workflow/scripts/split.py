"""Assign every object to training, calibration or test."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import assign_split

with job(snakemake):
    params = snakemake.params
    columns = {"id", params.target, *params.together, *filter(None, [params.time])}
    split = assign_split(
        store.read_table(snakemake.input.table, columns=sorted(columns)),
        store.read_frame(snakemake.input.sealed, columns=["id"])["id"],
        calibration=params.split["calibration"],
        group=params.group,
        together=params.together,
        time=params.time,
        protocol=params.split["protocol"],
        stratify=params.split["stratify"],
        task=params.task,
        seed=params.seed,
    )
    store.write_frame(split, snakemake.output[0])
