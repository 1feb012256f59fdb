# prepare: which objects train, calibrate, test; which folds; which recipe per model?


rule split:
    input:
        table=where("data", "table.parquet"),
        sealed=where("data", "sealed.parquet"),
    output:
        "results/{study}/prepare/split.parquet",
    log:
        "results/{study}/logs/split.log",
    retries: 0
    localrule: True
    params:
        split=study("split"),
        target=study("columns", "target", "name"),
        time=in_time,
        group=group,
        together=together,
        task=study("task"),
        seed=study("seed"),
        code=code("split"),
    script:
        "../scripts/split.py"


rule folds:
    input:
        table=where("data", "table.parquet"),
        split=where("prepare", "split.parquet"),
    output:
        "results/{study}/prepare/folds.parquet",
    log:
        "results/{study}/logs/folds.log",
    retries: 0
    localrule: True
    params:
        split=study("split"),
        target=study("columns", "target", "name"),
        time=in_time,
        group=group,
        together=together,
        task=study("task"),
        seed=study("seed"),
        code=code("folds"),
    script:
        "../scripts/folds.py"


# Only where every object tests once: the outer folds, and the folds inside each.
rule outer_folds:
    input:
        table=where("data", "table.parquet"),
    output:
        "results/{study}/prepare/outer.parquet",
    log:
        "results/{study}/logs/outer_folds.log",
    retries: 0
    localrule: True
    params:
        split=study("split"),
        target=study("columns", "target", "name"),
        group=group,
        together=together,
        task=study("task"),
        seed=study("seed"),
        code=code("outer_folds"),
    script:
        "../scripts/outer_folds.py"


rule recipes:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
    output:
        "results/{study}/prepare/recipes.json",
    log:
        "results/{study}/logs/recipes.log",
    retries: 0
    localrule: True
    params:
        models=seen_by_models,
        columns=study("columns"),
        code=code("recipes"),
    script:
        "../scripts/recipes.py"
