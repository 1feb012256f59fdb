"""Is the result what it seems: sets apart, chance at chance, the test set opened seldom?"""

from boxloop import store
from boxloop.evaluate.audit import make_audit
from boxloop.job import job

with job(snakemake):
    store.write_json(make_audit(), snakemake.output[0])
