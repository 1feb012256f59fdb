# apply: what does the model say about every target object, and where not to believe it?


rule apply:
    input:
        table=if_target("data", "target.parquet"),
        arrays=if_target("data", "target_arrays"),
        training=where("data", "table.parquet"),
        training_arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        selected=where("search", "selected.json"),
        models=fitted,
        calibration=where("evaluate", "calibration.json"),
        shift=where("evaluate", "shift.json"),
    output:
        predictions="results/{study}/apply/predictions.parquet",
        fits="results/{study}/apply/predictions.fits",
        summary="results/{study}/apply/summary.json",
    log:
        "results/{study}/logs/apply.log",
    benchmark:
        "results/{study}/logs/apply.tsv"
    params:
        columns=study("columns", "target"),
        group=group,
        seed=study("seed"),
        user_code=user_code,
        code=code("apply"),
    script:
        "../scripts/apply.py"
