"""Score every model; in a final study open the sealed test set, and write that down first."""

from pathlib import Path

from boxloop import evaluate as stage
from boxloop import store
from boxloop.job import job

with job(snakemake):
    params, files = snakemake.params, snakemake.input
    final = params.status == "final"
    table, summary = store.read_table(files.table), store.read_json(files.summary)
    chosen, sealed = store.read_json(files.selected), None
    selected = chosen["selected"]
    if final:
        ids = store.read_frame(files.sealed, columns=["id"])["id"]
        test_set = stage.opening_key(summary["data_hash"], ids)
        key = stage.opening_key(summary["data_hash"], ids, params.key)
        opening = stage.Opening(Path(params.ledger), key, test_set)
        opening.begin(params.metric)
        sealed = store.read_frame(files.sealed)
    groups = stage.group_columns(params.groups, params.protected)
    truth = stage.known_truth(table, sealed, group=params.group, groups=groups)
    found = stage.evaluate(
        store.read_frame(files.predictions),
        store.read_frame(files.cross_validated),
        truth,
        study=snakemake.wildcards.study,
        provenance=summary["provenance"],
        selected=selected,
        candidates=[name for name, model in chosen["models"].items() if model["candidate"]],
        **{k: params[k] for k in ("task", "status", "metric", "margin", "published", "seed")},
    )
    if final:
        opening.close(found.metrics["models"][selected]["test"][params.metric]["value"])
    openings = stage.openings_of(Path(params.ledger), test_set) if final else []
    details = stage.make_details(found, groups, openings, seed=params.seed)
    store.write_frame(truth.frame, snakemake.output.truth)
    store.write_json(details, snakemake.output.details)
    store.write_json(found.metrics, snakemake.output.metrics)
