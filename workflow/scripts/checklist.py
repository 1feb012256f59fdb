"""Answer the checklist by evidence and by what persons wrote into the study file."""

from boxloop import store
from boxloop.ethics import Results, make_checklist
from boxloop.job import job

with job(snakemake):
    files = snakemake.input
    names = ("summary", "explore", "metrics", "details", "apply")
    results = Results(**{name: store.read_json(files[name]) for name in names})
    checklist = make_checklist(snakemake.params.answers, results)
    store.write_json(checklist, snakemake.output[0])
