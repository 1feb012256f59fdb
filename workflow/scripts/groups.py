"""For whom does the model fail?"""

from boxloop import store
from boxloop.evaluate.groups import make_groups
from boxloop.job import job

with job(snakemake):
    store.write_json(make_groups(), snakemake.output[0])
