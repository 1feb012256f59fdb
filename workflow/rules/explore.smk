# explore: what do the data look like: all of them (I), then training only (II)?


rule explore_all:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        summary=where("data", "summary.json"),
        target=target_tables,
        target_arrays=target_arrays,
    output:
        "results/{study}/explore/all.json",
    log:
        "results/{study}/logs/explore_all.log",
    benchmark:
        "results/{study}/logs/explore_all.tsv"
    resources:
        mem_mb=memory("explore_all"),
        runtime=minutes("explore_all"),
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
    benchmark:
        "results/{study}/logs/explore_training.tsv"
    resources:
        mem_mb=memory("explore_training"),
        runtime=minutes("explore_training"),
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
    benchmark:
        "results/{study}/logs/embed.tsv"
    threads: 1
    resources:
        mem_mb=memory("embed"),
        runtime=minutes("embed"),
    params:
        task=study("task"),
        seed=study("seed"),
        method=study("embedding"),
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
    retries: 0
    localrule: True
    params:
        gates=study("gates"),
        code=code("admit"),
    script:
        "../scripts/admit.py"
