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
        lineage=study("columns", "lineage"),
        group=group,
        code=code("explore_training"),
    script:
        "../scripts/explore_training.py"


rule embed:
    input:
        table=where("data", "table.parquet"),
        split=if_learning("prepare", "split.parquet"),
    output:
        "results/{study}/explore/embedding.json",
    log:
        "results/{study}/logs/embed.log",
    threads: 1
    params:
        task=study("task"),
        seed=study("seed"),
        code=code("embed"),
    script:
        "../scripts/embed.py"


rule admit:
    input:
        explore=where("explore", "all.json"),
        training=if_learning("explore", "training.json"),
    output:
        "results/{study}/explore/admitted.json",
    log:
        "results/{study}/logs/admit.log",
    localrule: True
    params:
        gates=study("gates"),
        code=code("admit"),
    script:
        "../scripts/admit.py"
