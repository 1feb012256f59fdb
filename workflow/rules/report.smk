# report: vector figures, LaTeX, web pages.


rule figures:
    input:
        table=where("data", "table.parquet"),
        split=where("prepare", "split.parquet"),
        explore=where("explore", "all.json"),
        training=where("explore", "training.json"),
        embedding=where("explore", "embedding.json"),
        trials=where("search", "trials.parquet"),
        selected=where("search", "selected.json"),
        models=fitted,
        cross_validated=where("search", "predictions.parquet"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
        calibration=where("evaluate", "calibration.json"),
        groups=where("evaluate", "groups.json"),
        shift=where("evaluate", "shift.json"),
        degraders=where("evaluate", "degraders.json"),
        understanding=where("evaluate", "understanding.json"),
        audit=where("evaluate", "audit.json"),
        apply=where("apply", "predictions.parquet"),
        explored="results/{study}/report/exploration",
    output:
        directory("results/{study}/figures"),
    log:
        "results/{study}/logs/figures.log",
    benchmark:
        "results/{study}/logs/figures.tsv"
    resources:
        mem_mb=memory("figures"),
        runtime=minutes("figures"),
    params:
        task=study("task"),
        metric=study("metric"),
        code=code("figures"),
    script:
        "../scripts/figures.py"


rule tex:
    input:
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=where("explore", "training.json"),
        selected=where("search", "selected.json"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
        calibration=where("evaluate", "calibration.json"),
        groups=where("evaluate", "groups.json"),
        shift=where("evaluate", "shift.json"),
        degraders=where("evaluate", "degraders.json"),
        understanding=where("evaluate", "understanding.json"),
        audit=where("evaluate", "audit.json"),
        apply=where("apply", "summary.json"),
        checklist=where("ethics", "checklist.json"),
        run=where("track", "run.json"),
        figures="results/{study}/figures",
    output:
        tex="results/{study}/report/report.tex",
        macros="results/{study}/report/macros.tex",
        traced="results/{study}/report/macros.json",
        bibliography="results/{study}/report/references.bib",
    log:
        "results/{study}/logs/tex.log",
    retries: 0
    localrule: True
    params:
        study=study(),
        prose=prose,
        bibliography=bibliography,
        template=template("report.tex", "sections/*.tex"),
        code=code("tex"),
    script:
        "../scripts/tex.py"


rule pdf:
    input:
        tex="results/{study}/report/report.tex",
        macros="results/{study}/report/macros.tex",
        bibliography="results/{study}/report/references.bib",
        figures="results/{study}/figures",
    output:
        "results/{study}/report/report.pdf",
    log:
        "results/{study}/logs/pdf.log",
        latex="results/{study}/logs/report.latex.log",
    retries: 0
    localrule: True
    params:
        code=code("pdf"),
    script:
        "../scripts/pdf.py"


rule page:
    input:
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=where("explore", "training.json"),
        selected=where("search", "selected.json"),
        trials=where("search", "trials.parquet"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
        calibration=where("evaluate", "calibration.json"),
        groups=where("evaluate", "groups.json"),
        shift=where("evaluate", "shift.json"),
        degraders=where("evaluate", "degraders.json"),
        understanding=where("evaluate", "understanding.json"),
        audit=where("evaluate", "audit.json"),
        apply=where("apply", "summary.json"),
        checklist=where("ethics", "checklist.json"),
        run=where("track", "run.json"),
        figures="results/{study}/figures",
    output:
        "results/{study}/report/report.html",
    log:
        "results/{study}/logs/page.log",
    retries: 0
    localrule: True
    params:
        study=study(),
        bibliography=bibliography,
        template=template("page.html", "look.html", "sections/*.html"),
        code=code("page"),
    script:
        "../scripts/page.py"


# Apart from the page, which follows every word of the study file.
rule exploration_figures:
    input:
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=if_learning("explore", "training.json"),
        embedding=where("explore", "embedding.json"),
    output:
        directory("results/{study}/report/exploration"),
    log:
        "results/{study}/logs/exploration_figures.log",
    retries: 0
    localrule: True
    params:
        code=code("exploration_figures"),
    script:
        "../scripts/exploration_figures.py"


# Every study has this page; for one that only explores it is the report.
rule exploration_page:
    input:
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=if_learning("explore", "training.json"),
        embedding=where("explore", "embedding.json"),
        figures="results/{study}/report/exploration",
    output:
        "results/{study}/report/exploration.html",
    log:
        "results/{study}/logs/exploration_page.log",
    retries: 0
    localrule: True
    params:
        study=study(),
        bibliography=bibliography,
        template=template("exploration.html", "look.html"),
        code=code("exploration_page"),
    script:
        "../scripts/exploration_page.py"
