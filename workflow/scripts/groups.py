"""Score the selected model by groups of objects, and look where it is worse."""

from boxloop import store
from boxloop.evaluate.groups import make_groups
from boxloop.job import job

with job(snakemake):
    files, params = snakemake.input, snakemake.params
    found = make_groups(
        store.read_frame(files.predictions),
        store.read_frame(files.cross_validated),
        store.read_frame(files.truth),
        store.read_json(files.metrics),
        **{key: params[key] for key in ("groups", "protected", "margin", "seed")},
    )
    store.write_json(found, snakemake.output[0])
