"""Answer the checklist by evidence and by what persons wrote into the study file."""

from boxloop import store
from boxloop.ethics import FILES, Results, for_deon, make_checklist
from boxloop.job import job

with job(snakemake):
    given = snakemake.params
    results = Results(**{name: store.read_json(snakemake.input[name]) for name in FILES})
    checklist = make_checklist(given.answers, results, given.checklists)
    store.write_json(checklist, snakemake.output.checklist)
    title = f"Checklist of the study {snakemake.wildcards.study}"
    store.write_yaml(for_deon(checklist, title), snakemake.output.deon)
