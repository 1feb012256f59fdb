"""Plan a round of trials."""

from boxloop import store
from boxloop.job import job
from boxloop.search import plan_round

with job(snakemake):
    params = snakemake.params
    planned = plan_round(
        params.search,
        [trial for path in snakemake.input for trial in store.read_json(path)],
        number=int(snakemake.wildcards.round),
        count=params.trials,
        sampler=params.sampler,
        metric=params.metric,
        seed=params.seed,
    )
    store.write_json(planned, snakemake.output[0])
