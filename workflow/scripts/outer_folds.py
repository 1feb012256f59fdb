"""Deal all labelled objects into outer folds, and the others of each into folds inside."""

from boxloop import store
from boxloop.job import job
from boxloop.prepare import outer_plan

with job(snakemake):
    params = snakemake.params
    columns = {"id", params.target, *params.together}
    plan = outer_plan(
        store.read_table(snakemake.input.table, columns=sorted(columns)),
        group=params.group,
        together=params.together,
        task=params.task,
        seed=params.seed,
        **{key: params.split[key] for key in ("outer", "folds", "stratify")},
    )
    store.write_frame(plan, snakemake.output[0])
