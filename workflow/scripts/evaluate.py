"""Score every model; in a final study open the sealed test set, and write that down first."""

from pathlib import Path

from boxloop import store
from boxloop.analyses.scores import compute, details, nested
from boxloop.evaluate.ledger import Opening
from boxloop.job import job

with job(snakemake):
    params, files, final = snakemake.params, snakemake.input, snakemake.params.status == "final"
    table, summary = store.read_table(files.table), store.read_json(files.summary)
    chosen, sealed = store.read_json(files.selected), None
    if final:
        ids = store.read_frame(files.sealed, columns=["id"])["id"]
        opening = Opening.of(Path(params.ledger), summary["data_hash"], ids, params.key)
        opening.begin(params.metric)
        sealed = store.read_frame(files.sealed)
    groups = compute.group_columns(params.groups, params.protected)
    truth = compute.known_truth(table, sealed, group=params.group, groups=groups)
    predictions = store.read_frame(files.predictions)
    found = compute.evaluate(
        predictions,
        store.read_frame(files.cross_validated),
        truth,
        study=snakemake.wildcards.study,
        provenance=summary["provenance"],
        **compute.choice(chosen),
        **{k: params[k] for k in ("task", "status", "metric", "margin", "published", "seed")},
    )
    folds = [store.read_json(path) for path in files.outer]
    procedure = nested.procedure(predictions, folds, truth, task=params.task, seed=params.seed)
    found.metrics.update(protocol=params.protocol, nested=procedure)
    if final:
        opening.close(found.metrics["models"][chosen["selected"]]["test"][params.metric]["value"])
    openings = opening.history() if final else []
    about = details.make_details(found, openings, seed=params.seed)
    store.write_frame(truth.frame, snakemake.output.truth)
    store.write_json(about, snakemake.output.details)
    store.write_json(found.metrics, snakemake.output.metrics)
