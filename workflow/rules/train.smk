# train: the final models, with checkpoints and history.


rule fit:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        recipes=where("prepare", "recipes.json"),
        selected=where("search", "selected.json"),
        admitted=if_gated("explore", "admitted.json"),
    output:
        directory("results/{study}/train/{model}"),
    log:
        "results/{study}/logs/fit-{model}.log",
    benchmark:
        "results/{study}/logs/fit-{model}.tsv"
    threads: 1
    resources:
        mem_mb=memory("fit"),
        runtime=minutes("fit"),
    params:
        checkpoints="results/{study}/checkpoints/fit-{model}",
        task=study("task"),
        seed=study("seed"),
        user_code=user_code,
        code=code("fit"),
    script:
        "../scripts/fit.py"
