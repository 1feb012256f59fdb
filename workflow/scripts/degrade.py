"""How do the scores fall where data get worse?"""

from boxloop import store
from boxloop.evaluate.degraders import make_degraders
from boxloop.fitting import load_model
from boxloop.job import job

with job(snakemake):
    params, files = snakemake.params, snakemake.input
    found = make_degraders(
        [load_model(folder, params.user_code) for folder in files.models],
        store.read_table(files.table, files.arrays),
        store.read_frame(files.split),
        store.read_frame(files.truth),
        store.read_json(files.metrics),
        derived=params.derived,
        **{key: params[key] for key in ("degraders", "margin", "seed", "user_code")},
    )
    store.write_json(found, snakemake.output[0])
