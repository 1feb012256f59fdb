"""Are probabilities, errors and distributions what they say? Sets and intervals that are."""

from boxloop import store
from boxloop.evaluate.calibration import make_calibration
from boxloop.job import job

with job(snakemake):
    files, params = snakemake.input, snakemake.params
    models = store.read_json(files.selected)["models"]
    found = make_calibration(
        store.read_frame(files.predictions),
        store.read_frame(files.cross_validated),
        store.read_frame(files.truth),
        store.read_json(files.metrics),
        balanced={
            name: (best.get("hyperparameters") or {}).get("class_weight") == "balanced"
            for name, best in models.items()
        },
        recalibrate=params.recalibrate,
        level=params.conformal,
        seed=params.seed,
    )
    store.write_json(found, snakemake.output[0])
