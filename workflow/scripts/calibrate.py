"""Are probabilities, errors and distributions what they say? Sets and intervals that are."""

from boxloop import store
from boxloop.evaluate.calibration import make_calibration
from boxloop.job import job

with job(snakemake):
    store.write_json(make_calibration(), snakemake.output[0])
