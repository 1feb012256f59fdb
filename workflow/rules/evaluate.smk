# evaluate: how good, for whom, compared with what, where does it break?


rule predict:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        models=fitted,
        outer=outer_files("parquet"),
    output:
        "results/{study}/evaluate/predictions.parquet",
    log:
        "results/{study}/logs/predict.log",
    benchmark:
        "results/{study}/logs/predict.tsv"
    resources:
        mem_mb=memory("predict"),
        runtime=minutes("predict"),
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
        outer=outer_files("json"),
    output:
        metrics="results/{study}/evaluate/metrics.json",
        details="results/{study}/evaluate/details.json",
        truth="results/{study}/evaluate/truth.parquet",
    log:
        "results/{study}/logs/evaluate.log",
    benchmark:
        "results/{study}/logs/evaluate.tsv"
    threads: 2
    resources:
        mem_mb=memory("evaluate"),
        runtime=minutes("evaluate"),
    params:
        task=study("task"),
        protocol=study("split", "protocol"),
        status=study("status"),
        metric=study("metric"),
        margin=study("margin"),
        groups=study("groups"),
        protected=study("protected"),
        group=group,
        published=study("published"),
        seed=study("seed"),
        key=scientific_key,
        ledger=ledger,
        code=code("evaluate"),
    script:
        "../scripts/evaluate.py"


rule calibrate:
    input:
        truth=where("evaluate", "truth.parquet"),
        selected=where("search", "selected.json"),
        cross_validated=where("search", "predictions.parquet"),
        predictions=where("evaluate", "predictions.parquet"),
        metrics=where("evaluate", "metrics.json"),
    output:
        "results/{study}/evaluate/calibration.json",
    log:
        "results/{study}/logs/calibrate.log",
    benchmark:
        "results/{study}/logs/calibrate.tsv"
    resources:
        mem_mb=memory("calibrate"),
        runtime=minutes("calibrate"),
    params:
        recalibrate=study("recalibrate"),
        conformal=study("conformal"),
        seed=study("seed"),
        code=code("calibrate"),
    script:
        "../scripts/calibrate.py"


rule groups:
    input:
        truth=where("evaluate", "truth.parquet"),
        cross_validated=where("search", "predictions.parquet"),
        predictions=where("evaluate", "predictions.parquet"),
        metrics=where("evaluate", "metrics.json"),
    output:
        "results/{study}/evaluate/groups.json",
    log:
        "results/{study}/logs/groups.log",
    benchmark:
        "results/{study}/logs/groups.tsv"
    resources:
        mem_mb=memory("groups"),
        runtime=minutes("groups"),
    params:
        groups=study("groups"),
        protected=study("protected"),
        margin=study("margin"),
        seed=study("seed"),
        code=code("groups"),
    script:
        "../scripts/groups.py"


# Whether training objects are like the target's needs no label; prevalences need predictions.
rule shift:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        target=target_tables,
        target_arrays=target_arrays,
        split=where("prepare", "split.parquet"),
        truth=where("evaluate", "truth.parquet"),
        cross_validated=where("search", "predictions.parquet"),
        predictions=where("evaluate", "predictions.parquet"),
        metrics=where("evaluate", "metrics.json"),
        models=fitted,
    output:
        "results/{study}/evaluate/shift.json",
    log:
        "results/{study}/logs/shift.log",
    benchmark:
        "results/{study}/logs/shift.tsv"
    resources:
        mem_mb=memory("shift"),
        runtime=minutes("shift"),
    params:
        prevalence=study("prevalence"),
        group=group,
        seed=study("seed"),
        user_code=user_code,
        code=code("shift"),
    script:
        "../scripts/shift.py"


# The objects that are shown are made worse: those of the test set in a final study, else those of
# the calibration set, which no model was fitted to.
rule degrade:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        truth=where("evaluate", "truth.parquet"),
        metrics=where("evaluate", "metrics.json"),
        models=fitted,
    output:
        "results/{study}/evaluate/degraders.json",
    log:
        "results/{study}/logs/degrade.log",
    benchmark:
        "results/{study}/logs/degrade.tsv"
    resources:
        mem_mb=memory("degrade"),
        runtime=minutes("degrade"),
    params:
        degraders=study("degraders"),
        derived=study("columns", "derived"),
        margin=study("margin"),
        seed=study("seed"),
        user_code=user_code,
        code=code("degrade"),
    script:
        "../scripts/degrade.py"


rule understand:
    input:
        table=where("data", "table.parquet"),
        arrays=where("data", "arrays"),
        split=where("prepare", "split.parquet"),
        truth=where("evaluate", "truth.parquet"),
        cross_validated=where("search", "predictions.parquet"),
        predictions=where("evaluate", "predictions.parquet"),
        metrics=where("evaluate", "metrics.json"),
        models=fitted,
    output:
        "results/{study}/evaluate/understanding.json",
    log:
        "results/{study}/logs/understand.log",
    benchmark:
        "results/{study}/logs/understand.tsv"
    resources:
        mem_mb=memory("understand"),
        runtime=minutes("understand"),
    params:
        columns=study("columns"),
        plausible=study("plausible"),
        seed=study("seed"),
        user_code=user_code,
        code=code("understand"),
    script:
        "../scripts/understand.py"


rule audit:
    input:
        table=where("data", "table.parquet"),
        split=where("prepare", "split.parquet"),
        folds=where("prepare", "folds.parquet"),
        cross_validated=where("search", "predictions.parquet"),
        probes=probes,
        truth=where("evaluate", "truth.parquet"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
    output:
        "results/{study}/evaluate/audit.json",
    log:
        "results/{study}/logs/audit.log",
    benchmark:
        "results/{study}/logs/audit.tsv"
    resources:
        mem_mb=memory("audit"),
        runtime=minutes("audit"),
    params:
        together=together,
        margin=study("margin"),
        seed=study("seed"),
        code=code("audit"),
    script:
        "../scripts/audit.py"
