# search: which model and hyperparameters, by k-fold cross-validation?


# In a search of strategy tpe or optuna: the trials of a round, from the results of all earlier rounds.
rule plan:
    input:
        earlier_rounds,
    output:
        "results/{study}/search/plans/{model}-{round}.json",
    log:
        "results/{study}/logs/plan-{model}-{round}.log",
    retries: 0
    localrule: True
    params:
        search=space,
        trials=round_size,
        sampler=sampler,
        metric=study("metric"),
        seed=study("seed"),
        code=code("plan"),
    script:
        "../scripts/plan.py"


rule chunk:
    input:
        plan=plan_file,
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        folds=where("prepare", "folds.parquet"),
        recipes=where("prepare", "recipes.json"),
        admitted=if_gated("explore", "admitted.json"),
    output:
        trials="results/{study}/search/chunks/{model}-{chunk}.json",
        predictions="results/{study}/search/chunks/{model}-{chunk}.parquet",
    log:
        "results/{study}/logs/chunk-{model}-{chunk}.log",
    benchmark:
        "results/{study}/logs/chunk-{model}-{chunk}.tsv"
    threads: 1
    resources:
        mem_mb=memory("chunk"),
        runtime=minutes("chunk"),
    params:
        checkpoints="results/{study}/checkpoints/chunk-{model}-{chunk}",
        trials=trials,
        part=part,
        halving=halving,
        task=study("task"),
        metric=study("metric"),
        minutes=study("budget", "minutes"),
        seed=study("seed"),
        user_code=user_code,
        code=code("chunk"),
    script:
        "../scripts/chunk.py"


rule select:
    input:
        trials=chunk_files("json"),
        predictions=chunk_files("parquet"),
    output:
        trials="results/{study}/search/trials.parquet",
        selected="results/{study}/search/selected.json",
        predictions="results/{study}/search/predictions.parquet",
    log:
        "results/{study}/logs/select.log",
    retries: 0
    localrule: True
    params:
        task=study("task"),
        metric=study("metric"),
        models=models,
        candidates=candidates,
        choose=study("search", "choose"),
        repeats=study("split", "repeats"),
        code=code("select"),
    script:
        "../scripts/select.py"


# In a final study of protocol outer_folds: the whole search again without each outer fold.
rule nested:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        plan=where("prepare", "outer.parquet"),
        recipes=where("prepare", "recipes.json"),
        admitted=if_gated("explore", "admitted.json"),
    output:
        predictions="results/{study}/search/outer/{outer}.parquet",
        summary="results/{study}/search/outer/{outer}.json",
    log:
        "results/{study}/logs/nested-{outer}.log",
    benchmark:
        "results/{study}/logs/nested-{outer}.tsv"
    threads: 1
    resources:
        mem_mb=memory("nested"),
        runtime=minutes("nested"),
    params:
        checkpoints="results/{study}/checkpoints/nested-{outer}",
        trials=all_trials,
        rounds=rounds,
        halving=halving,
        models=models,
        candidates=candidates,
        choose=study("search", "choose"),
        task=study("task"),
        metric=study("metric"),
        seed=study("seed"),
        user_code=user_code,
        code=code("nested"),
    script:
        "../scripts/nested.py"


# Further trials of the selected model, each purpose in a job: they test the result and choose nothing.
rule probe:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        folds=where("prepare", "folds.parquet"),
        recipes=where("prepare", "recipes.json"),
        selected=where("search", "selected.json"),
        predictions=where("search", "predictions.parquet"),
        target=target_tables,
        target_arrays=target_arrays,
    output:
        "results/{study}/search/probes/{purpose}.json",
    log:
        "results/{study}/logs/probe-{purpose}.log",
    benchmark:
        "results/{study}/logs/probe-{purpose}.tsv"
    threads: 1
    resources:
        mem_mb=memory("probe"),
        runtime=minutes("probe"),
    params:
        task=study("task"),
        metric=study("metric"),
        probes=study("probes"),
        time=study("columns", "time"),
        group=group,
        seed=study("seed"),
        user_code=user_code,
        code=code("probe"),
    script:
        "../scripts/probe.py"
