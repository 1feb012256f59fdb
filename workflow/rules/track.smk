# track: MLflow runs and provenance.


# After all whose time and memory it notes.
rule record:
    input:
        **{name: if_learning("evaluate", f"{name}.json") for name in COMPUTED},
        embedding=where("explore", "embedding.json"),
        summary=where("data", "summary.json"),
        admitted=if_gated("explore", "admitted.json"),
        selected=if_learning("search", "selected.json"),
        trials=if_learning("search", "trials.parquet"),
        models=fitted,
        metrics=if_learning("evaluate", "metrics.json"),
        apply=if_learning("apply", "summary.json"),
        checklist=if_learning("ethics", "checklist.json"),
    output:
        "results/{study}/track/run.json",
    log:
        "results/{study}/logs/record.log",
    retries: 0
    localrule: True
    params:
        study=study(),
        owners=owners,
        benchmarks=benchmark_files,
        codes=code_of_rules,
        code=code("record"),
    script:
        "../scripts/record.py"


# On the machine where snakemake runs: a cluster's nodes may not reach the server.
rule log_run:
    input:
        run=where("track", "run.json"),
        trials=where("search", "trials.parquet"),
        selected=where("search", "selected.json"),
        models=fitted,
        metrics=where("evaluate", "metrics.json"),
        checklist=where("ethics", "checklist.json"),
        summary=where("data", "summary.json"),
        table=where("data", "table.parquet"),
        figures=figures,
        report=reports,
    output:
        "results/{study}/track/mlflow.json",
    log:
        "results/{study}/logs/log_run.log",
    retries: 0
    localrule: True
    params:
        attempt=attempt,
        task=study("task"),
        user_code=user_code,
        code=code("log_run"),
    script:
        "../scripts/log_run.py"
