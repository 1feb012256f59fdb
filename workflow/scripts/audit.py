"""Look whether the result is what it seems."""

from pathlib import Path

from boxloop import store
from boxloop.evaluate import Truth
from boxloop.evaluate.audit import make_audit
from boxloop.job import job

with job(snakemake):
    files, params = snakemake.input, snakemake.params
    metrics = store.read_json(files.metrics)
    audit = make_audit(
        store.read_table(files.table),
        store.read_frame(files.split),
        store.read_frame(files.folds),
        store.read_frame(files.cross_validated),
        Truth(store.read_frame(files.truth), tuple(metrics["classes"])),
        metrics=metrics,
        openings=store.read_json(files.details)["openings"],
        probes={Path(path).stem: store.read_json(path) for path in files.probes},
        together=params.together,
        margin=params.margin,
        seed=params.seed,
    )
    store.write_json(audit, snakemake.output[0])
