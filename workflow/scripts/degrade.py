"""How do the scores fall where data get worse?"""

from boxloop import store
from boxloop.evaluate.degraders import make_degraders
from boxloop.job import job

with job(snakemake):
    store.write_json(make_degraders(), snakemake.output[0])
