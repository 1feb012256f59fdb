# ethics: the checklist, answered by evidence or by a person.


rule checklist:
    input:
        summary=where("data", "summary.json"),
        explore=where("explore", "all.json"),
        metrics=where("evaluate", "metrics.json"),
        details=where("evaluate", "details.json"),
        calibration=where("evaluate", "calibration.json"),
        groups=where("evaluate", "groups.json"),
        shift=where("evaluate", "shift.json"),
        audit=where("evaluate", "audit.json"),
        apply=where("apply", "summary.json"),
    output:
        checklist="results/{study}/ethics/checklist.json",
        deon="results/{study}/ethics/checklist.yaml",
    log:
        "results/{study}/logs/checklist.log",
    retries: 0
    localrule: True
    params:
        answers=study("checklist"),
        checklists=study("checklists"),
        code=code("checklist"),
    script:
        "../scripts/checklist.py"


# A final study with open items ends here, after its report; the file says that none is left.
rule gate:
    input:
        checklist=where("ethics", "checklist.json"),
        report="results/{study}/report/report.html",
    output:
        "results/{study}/ethics/complete.json",
    log:
        "results/{study}/logs/gate.log",
    retries: 0
    localrule: True
    params:
        code=code("gate"),
    script:
        "../scripts/gate.py"
