"""Pool the labelled samples, seal the test labels, sum up."""

from boxloop import store
from boxloop.data.assemble import assemble, columns_of_text
from boxloop.data.read import read_sample
from boxloop.job import job

with job(snakemake) as log:
    params, output = snakemake.params, snakemake.output
    samples = (  # read as they are asked for, and held by nobody else
        read_sample(
            name,
            sample,
            snakemake.input.get(name),
            source=params.sources.get(sample["source"]),
            text=columns_of_text(params.columns),
            seed=params.seed,
            user_code=params.user_code,
            columns=params.columns,
        )
        for name, sample in params.samples.items()
        if name != "target"
    )
    result = assemble(
        samples,
        columns=params.columns,
        split=params.split,
        task=params.task,
        seed=params.seed,
        study=snakemake.wildcards.study,
        user_code=params.user_code,
    )
    log.info("%(rows)d objects, %(duplicates_dropped)d duplicates dropped", result.summary)
    store.write_table(result.table, output.table, output.arrays)
    store.write_frame(result.sealed, output.sealed)
    store.write_json(result.summary, output.summary)
