"""Assign every object to training, calibration or test."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import assign_split

with job(snakemake):
    params = snakemake.params
    table = store.read_table(snakemake.input.table)
    sealed = store.read_frame(snakemake.input.sealed, columns=["id"])
    split = assign_split(
        table,
        set(sealed["id"]),
        calibration=params.split["calibration"],
        group=params.split["group"],
        stratify=params.split["stratify"],
        task=params.task,
        seed=params.seed,
    )
    store.write_frame(split, snakemake.output[0])
