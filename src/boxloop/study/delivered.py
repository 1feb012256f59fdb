"""The files a study is asked for."""

from collections.abc import Iterable

from boxloop.study.load import StudyFile, owner
from boxloop.tasks import task_of

#: The main file of each stage is asked for by name, and so is that of each analysis: snakemake
#: would not miss one that is deleted while the report made from it is there.
MAIN_FILES: dict[str, str] = {
    "data": "table.parquet",
    "explore": "all.json",
    "prepare": "folds.parquet",
    "search": "selected.json",
    "evaluate": "metrics.json",
    "apply": "summary.json",
    "ethics": "checklist.json",
}
#: The stages that a study without a target goes through before its page.
EXPLORED = ("data", "explore")


def delivered(file: StudyFile, *, pdf: bool, analyses: Iterable[str] = ()) -> list[str]:
    """Return the paths of everything a study is asked to deliver, relative to the project.

    A study that only explores has data, exploration, its page and its run record.

    Parameters
    ----------
    file : StudyFile
    pdf : bool
        Whether LaTeX is there to print the report; else its source is asked for.
    analyses : iterable of str
        Names of those that have a file of their own, which a study that predicts is asked for.
    """
    explores = not task_of(file.study.task).predicts
    own = ["report/exploration.html", "track/run.json"]
    if not explores:
        printed = "report/report.pdf" if pdf else "report/report.tex"
        own += ["report/report.html", printed, "track/mlflow.json"]
    if file.study.status == "final" and not explores:
        own.append("ethics/complete.json")
    stages = EXPLORED if explores else tuple(MAIN_FILES)
    main = [f"results/{owner(file, s)}/{s}/{MAIN_FILES[s]}" for s in stages]
    if not explores:
        evaluated = f"results/{owner(file, 'evaluate')}/evaluate"
        main += [f"{evaluated}/{name}.json" for name in analyses]
    return [*main, *(f"results/{file.name}/{path}" for path in own)]
