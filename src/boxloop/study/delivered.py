"""The files a study is asked for."""

from boxloop.study.load import StudyFile, owner

#: The main file of each stage is asked for by name: snakemake would not miss one that is deleted
#: while the report made from it is there.
MAIN_FILES: dict[str, str] = {
    "data": "table.parquet",
    "explore": "all.json",
    "prepare": "folds.parquet",
    "search": "selected.json",
    "evaluate": "metrics.json",
    "apply": "summary.json",
    "ethics": "checklist.json",
}


def delivered(file: StudyFile, *, pdf: bool) -> list[str]:
    """Return the paths of everything a study is asked to deliver, relative to the project.

    Parameters
    ----------
    file : StudyFile
    pdf : bool
        Whether LaTeX is there to print the report; else its source is asked for.
    """
    printed = "report/report.pdf" if pdf else "report/report.tex"
    own = ["report/report.html", printed, "track/run.json", "track/mlflow.json"]
    if file.study.status == "final":
        own.append("ethics/complete.json")
    main = [f"results/{owner(file, s)}/{s}/{path}" for s, path in MAIN_FILES.items()]
    return [*main, *(f"results/{file.name}/{path}" for path in own)]
