# apply: what does the model say about every target object, and where not to believe it?


# A part of the target sample; without one, a table without rows.
rule apply:
    input:
        table=if_target("data", "target/{part}.parquet"),
        arrays=if_target("data", "target_arrays/{part}"),
        training=where("data", "table.parquet"),
        training_arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        selected=where("search", "selected.json"),
        models=fitted,
        calibration=where("evaluate", "calibration.json"),
        shift=where("evaluate", "shift.json"),
    output:
        predictions="results/{study}/apply/parts/{part}.parquet",
        summary="results/{study}/apply/parts/{part}.json",
    log:
        "results/{study}/logs/apply-{part}.log",
    benchmark:
        "results/{study}/logs/apply-{part}.tsv"
    resources:
        mem_mb=memory("apply"),
        runtime=minutes("apply"),
    params:
        columns=study("columns", "target"),
        group=group,
        seed=study("seed"),
        user_code=user_code,
        code=code("apply"),
    script:
        "../scripts/apply.py"


rule catalogue:
    input:
        predictions=applied("parquet"),
        summaries=applied("json"),
    output:
        predictions="results/{study}/apply/predictions.parquet",
        fits="results/{study}/apply/predictions.fits",
        summary="results/{study}/apply/summary.json",
    log:
        "results/{study}/logs/catalogue.log",
    benchmark:
        "results/{study}/logs/catalogue.tsv"
    resources:
        mem_mb=memory("catalogue"),
        runtime=minutes("catalogue"),
    params:
        unit=study("columns", "target", "unit"),
        code=code("catalogue"),
    script:
        "../scripts/catalogue.py"
