"""Deal the training objects into folds."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import assign_folds

with job(snakemake):
    params = snakemake.params
    columns = {"id", params.target, *params.together, *filter(None, [params.time])}
    folds = assign_folds(
        store.read_table(snakemake.input.table, columns=sorted(columns)),
        store.read_frame(snakemake.input.split),
        folds=params.split["folds"],
        group=params.group,
        together=params.together,
        time=params.time,
        stratify=params.split["stratify"],
        task=params.task,
        seed=params.seed,
        repeats=params.split["repeats"],
    )
    store.write_frame(folds, snakemake.output[0])
