"""What the jobs of a study take, from earlier runs and from what fits cost."""

import json
from pathlib import Path

from boxloop.cli.estimate import job_seconds, labelled_rows
from boxloop.cli.progress.ahead import Usual
from boxloop.slurm import Taken, past_usage, read_usage, usual_seconds
from boxloop.study.installed import project_files
from boxloop.study.load import StudyFile


def usual(file: StudyFile, project: Path) -> Usual:
    """Return what the jobs of a study take.

    Parameters
    ----------
    file : StudyFile
    project : Path
        The folder that holds config/ and results/.
    """
    rows, _ = labelled_rows(file.study, project / "config")
    shipped = project_files() / "workflow/requests.json"
    content = json.loads(shipped.read_text(encoding="utf-8"))
    past = [*past_usage(project / "results"), *(Taken(**row) for row in content["rules"])]
    # Of several jobs the longest is kept, which says little of the others.
    alone = {taken.rule for taken in past} - {taken.rule for taken in past if taken.jobs > 1}
    by_rule = {rule: usual_seconds(rule, file.name, rows or None, past) for rule in alone}
    by_file = job_seconds(file.study, rows) if rows and file.study.models else {}
    for path in (project / "results" / file.name).glob("logs/*.tsv"):
        for job in read_usage([path]):
            by_file[path.stem] = job.seconds
    of_study = {f"{file.name}/{stem}": seconds for stem, seconds in by_file.items()}
    return Usual(of_study, {rule: s for rule, s in by_rule.items() if s is not None})
