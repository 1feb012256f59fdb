"""What does the model rest on, and where does it go wrong?"""

from boxloop import store
from boxloop.evaluate.understanding import make_understanding
from boxloop.job import job

with job(snakemake):
    store.write_json(make_understanding(), snakemake.output[0])
