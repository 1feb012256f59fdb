# report: vector figures, LaTeX, web pages.

# Files of the analyses, by their names.
judged = {name: where("evaluate", f"{name}.json") for name in COMPUTED}


rule figures:
    input:
        **judged,
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
        code=code("figures", *modules("figures")),
    script:
        "../scripts/figures.py"


rule tex:
    input:
        **judged,
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=where("explore", "training.json"),
        selected=where("search", "selected.json"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
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
        template=template(
            "report/templates/report.tex",
            "report/templates/sections/*.tex",
            "analyses/*/report.tex",
        ),
        code=code("tex", *modules("section")),
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
        **judged,
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        training=where("explore", "training.json"),
        selected=where("search", "selected.json"),
        trials=where("search", "trials.parquet"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
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
        template=template(
            "report/templates/page.html",
            "report/templates/look.html",
            "report/templates/sections/*.html",
            "analyses/*/page.html",
        ),
        code=code("page", *modules("section")),
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
        template=template(
            "analyses/exploration/exploration.html", "report/templates/look.html"
        ),
        code=code("exploration_page"),
    script:
        "../scripts/exploration_page.py"
