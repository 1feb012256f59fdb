"""Stop a final study while items of its checklist are open."""

from boxloop import store
from boxloop.ethics import require_complete
from boxloop.job import job

with job(snakemake):
    study_file = f"config/studies/{snakemake.wildcards.study}.yaml"
    complete = require_complete(store.read_json(snakemake.input.checklist), study_file)
    store.write_json(complete, snakemake.output[0])
