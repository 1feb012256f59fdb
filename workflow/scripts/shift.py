"""Are the training objects like those that the model is for?"""

from boxloop import store
from boxloop.evaluate.shift import make_shift
from boxloop.job import job

with job(snakemake):
    store.write_json(make_shift(), snakemake.output[0])
