# evaluate: how good, for whom, compared with what, where does it break?


rule predict:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        models=fitted,
    output:
        "results/{study}/evaluate/predictions.parquet",
    log:
        "results/{study}/logs/predict.log",
    benchmark:
        "results/{study}/logs/predict.tsv"
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
    output:
        metrics="results/{study}/evaluate/metrics.json",
        details="results/{study}/evaluate/details.json",
    log:
        "results/{study}/logs/evaluate.log",
    benchmark:
        "results/{study}/logs/evaluate.tsv"
    params:
        task=study("task"),
        status=study("status"),
        metric=study("metric"),
        margin=study("margin"),
        groups=study("groups"),
        group=group,
        published=study("published"),
        seed=study("seed"),
        key=scientific_key,
        ledger=ledger,
        code=code("evaluate"),
    script:
        "../scripts/evaluate.py"
