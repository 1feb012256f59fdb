"""Show the finished study in MLflow; a server that does not answer is asked again next time."""

from pathlib import Path

from boxloop import store
from boxloop.job import job
from boxloop.track.mlflow_log import FinishedRun, log_run

given = snakemake.input
with job(snakemake) as log:
    run = FinishedRun(
        record=store.read_json(given.run),
        metrics=store.read_json(given.metrics),
        selected=store.read_json(given.selected),
        summary=store.read_json(given.summary),
        trials=store.read_frame(given.trials),
        models={Path(folder).name: Path(folder) for folder in given.models},
        files={
            "figures": Path(given.figures),
            **{
                Path(f).name: Path(f)
                for f in (given.run, given.metrics, given.checklist, *given.report)
            },
        },
        user_code=[Path(f) for f in snakemake.params.user_code],
    )
    outcome = log_run(run)
    if not outcome["logged"]:
        log.warning(
            "not logged to MLflow (%s); results are complete, the next run tries again",
            outcome["reason"],
        )
    store.write_json({"attempt": snakemake.params.attempt, **outcome}, snakemake.output[0])
