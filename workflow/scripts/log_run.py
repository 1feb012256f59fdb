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
    attempt = snakemake.params.attempt
    if not outcome["logged"]:
        reason = outcome["reason"]
        log.warning(f"not logged to MLflow ({reason}); nothing is lost, the next run tries again")
        store.write_text(f"{attempt + 1}\n", Path(snakemake.output[0]).with_name("attempt"))
    store.write_json({"attempt": attempt, **outcome}, snakemake.output[0])
