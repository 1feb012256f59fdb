# evaluate: how good, for whom, compared with what, where does it break?


rule predict:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        models=fitted,
        outer=outer_files("parquet"),
    output:
        "results/{study}/evaluate/predictions.parquet",
    log:
        "results/{study}/logs/predict.log",
    benchmark:
        "results/{study}/logs/predict.tsv"
    resources:
        mem_mb=memory("predict"),
        runtime=minutes("predict"),
    params:
        final=final,
        names=models,
        user_code=user_code,
        code=code("predict"),
    script:
        "../scripts/predict.py"


rule evaluate:
    input:
        table=where("data", "table.parquet"),
        summary=where("data", "summary.json"),
        sealed=if_final("data", "sealed.parquet"),
        selected=where("search", "selected.json"),
        cross_validated=where("search", "predictions.parquet"),
        predictions=where("evaluate", "predictions.parquet"),
        outer=outer_files("json"),
    output:
        metrics="results/{study}/evaluate/metrics.json",
        details="results/{study}/evaluate/details.json",
        truth="results/{study}/evaluate/truth.parquet",
    log:
        "results/{study}/logs/evaluate.log",
    benchmark:
        "results/{study}/logs/evaluate.tsv"
    threads: 2
    resources:
        mem_mb=memory("evaluate"),
        runtime=minutes("evaluate"),
    params:
        task=study("task"),
        protocol=study("split", "protocol"),
        status=study("status"),
        metric=study("metric"),
        margin=study("margin"),
        groups=study("groups"),
        protected=study("protected"),
        group=group,
        published=study("published"),
        seed=study("seed"),
        key=scientific_key,
        ledger=ledger,
        code=code("evaluate"),
    script:
        "../scripts/evaluate.py"


# What analyses may ask for, by the names of boxloop.analyses.evaluated.
INPUTS = {
    "metrics": where("evaluate", "metrics.json"),
    "truth": where("evaluate", "truth.parquet"),
    "openings": where("evaluate", "details.json"),
    "predictions": where("evaluate", "predictions.parquet"),
    "cross_validated": where("search", "predictions.parquet"),
    "selection": where("search", "selected.json"),
    "probes": probes,
    "table": where("data", "table.parquet"),
    "arrays": where("data", "arrays"),
    "target": target_tables,
    "target_arrays": target_arrays,
    "split": where("prepare", "split.parquet"),
    "folds": where("prepare", "folds.parquet"),
    "models": fitted,
}


for analysis in COMPUTED.values():

    rule:
        name:
            analysis.rule
        input:
            **{name: INPUTS[name] for name in analysis.inputs},
        output:
            f"results/{{study}}/evaluate/{analysis.name}.json",
        log:
            f"results/{{study}}/logs/{analysis.rule}.log",
        benchmark:
            f"results/{{study}}/logs/{analysis.rule}.tsv"
        resources:
            mem_mb=memory(analysis.rule),
            runtime=minutes(analysis.rule),
        params:
            **params_of_analysis(analysis),
            user_code=user_code,
            analysis=analysis.name,
            code=code_of_analysis(analysis),
        script:
            "../scripts/analysis.py"
