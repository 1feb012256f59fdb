"""Fit a model's selected hyperparameters to all training objects."""

from pathlib import Path

from boxloop import store
from boxloop.fitting import save_model
from boxloop.job import job
from boxloop.train import fit_final

with job(snakemake):
    name, params = snakemake.wildcards.model, snakemake.params
    fitted = fit_final(
        name,
        store.read_json(snakemake.input.selected),
        store.read_json(snakemake.input.recipes)[name],
        store.read_table(snakemake.input.table, snakemake.input.arrays),
        store.read_frame(snakemake.input.split),
        task=params.task,
        seed=params.seed,
        checkpoint=Path(f"{params.checkpoints}.npz"),
        checkpoint_key=params.code,
        user_code=params.user_code,
        threads=snakemake.threads,
    )
    with store.writing(snakemake.output[0]) as folder:
        save_model(fitted, folder)
