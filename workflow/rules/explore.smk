# explore: what do the data look like: all of them (I), then training only (II)?


rule explore_all:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        summary=where("data", "summary.json"),
        target=if_target("data", "target.parquet"),
        target_arrays=if_target("data", "target_arrays"),
    output:
        "results/{study}/explore/all.json",
    log:
        "results/{study}/logs/explore_all.log",
    params:
        seed=study("seed"),
        code=code("explore_all"),
    script:
        "../scripts/explore_all.py"


rule explore_training:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
    output:
        "results/{study}/explore/training.json",
    log:
        "results/{study}/logs/explore_training.log",
    params:
        task=study("task"),
        seed=study("seed"),
        code=code("explore_training"),
    script:
        "../scripts/explore_training.py"
