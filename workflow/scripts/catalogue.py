"""Put the predictions of all parts of the target sample together, as Parquet and as FITS."""

from boxloop import store
from boxloop.apply import merged, refuse_repeated
from boxloop.job import job
from boxloop.store.fits import write_fits
from boxloop.store.stream import Frames, concatenate

with job(snakemake):
    files, out = snakemake.input, snakemake.output
    summary = merged([store.read_json(path) for path in files.summaries])
    refuse_repeated(Frames(files.predictions, ["id"]))
    concatenate(files.predictions, out.predictions)
    write_fits(
        out.predictions,
        out.fits,
        units=dict.fromkeys(("prediction", "low", "high"), snakemake.params.unit),
        header={
            "MODEL": (summary["model"], "name of the model"),
            "ORIGIN": ("boxloop", "written by"),
        },
    )
    store.write_json(summary, out.summary)
