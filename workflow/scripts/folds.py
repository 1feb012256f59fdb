"""Deal the training objects into folds."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import assign_folds

with job(snakemake):
    params = snakemake.params
    time = params.time if params.split["by"] == "time" else None
    columns = list(dict.fromkeys(["id", params.target, *params.together, *([time] if time else [])]))
    folds = assign_folds(
        store.read_table(snakemake.input.table, columns=columns),
        store.read_frame(snakemake.input.split),
        folds=params.split["folds"],
        group=params.group,
        together=params.together,
        time=time,
        stratify=params.split["stratify"],
        task=params.task,
        seed=params.seed,
    )
    store.write_frame(folds, snakemake.output[0])
