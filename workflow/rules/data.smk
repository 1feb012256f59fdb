# data: what was measured, by whom, under which licence?


# What is fetched is known by its checksums, so that neither code nor mirror makes it rerun.
rule fetch:
    output:
        "data/raw/{source}/MANIFEST.json",
    log:
        "data/logs/fetch-{source}.log",
    retries: 0
    localrule: True
    params:
        source=source_entry,
    script:
        "../scripts/fetch.py"


rule simulate:
    output:
        table="data/raw/simulated/{study}/{sample}/table.parquet",
        arrays=directory("data/raw/simulated/{study}/{sample}/arrays"),
    log:
        "data/logs/simulate-{study}-{sample}.log",
    benchmark:
        "results/{study}/logs/simulate-{sample}.tsv"
    resources:
        mem_mb=memory("simulate"),
        runtime=minutes("simulate"),
    params:
        sample=sample(),
        seed=study("seed"),
        user_code=user_code,
        code=code("simulate"),
    script:
        "../scripts/simulate.py"


rule assemble:
    input:
        unpack(raw_of_labelled),
    output:
        table="results/{study}/data/table.parquet",
        arrays=directory("results/{study}/data/arrays"),
        sealed="results/{study}/data/sealed.parquet",
        summary="results/{study}/data/summary.json",
    log:
        "results/{study}/logs/assemble.log",
    benchmark:
        "results/{study}/logs/assemble.tsv"
    resources:
        mem_mb=memory("assemble"),
        runtime=minutes("assemble"),
    params:
        samples=study("samples"),
        columns=study("columns"),
        split=study("split"),
        task=study("task"),
        seed=study("seed"),
        sources=sources_of_study,
        user_code=user_code,
        code=code("assemble"),
    script:
        "../scripts/assemble.py"


rule target:
    input:
        raw_of_target,
    output:
        table="results/{study}/data/target/{part}.parquet",
        arrays=directory("results/{study}/data/target_arrays/{part}"),
    log:
        "results/{study}/logs/target-{part}.log",
    benchmark:
        "results/{study}/logs/target-{part}.tsv"
    resources:
        mem_mb=memory("target"),
        runtime=minutes("target"),
    params:
        sample=study("samples", "target"),
        part=part_of_target,
        columns=study("columns"),
        sources=sources_of_study,
        user_code=user_code,
        code=code("target"),
    script:
        "../scripts/target.py"
