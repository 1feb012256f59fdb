"""What is known of the studies that run: what their jobs take, how far their search is.

Studies are imported when the first job begins: a run that has nothing to do needs none.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from boxloop.cli.progress.ahead import Usual, merged
from boxloop.cli.progress.line import Search
from boxloop.cli.progress.state import Progress
from boxloop.errors import BoxloopError
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.study.load import StudyFile

#: Seconds between two looks at a search, and so many times what a look takes.
AGAIN, SHARE = 2.0, 20.0
#: Rules that search, one of which has run when there is something to tell.
SEARCH = {"chunk", "plan"}


def search_of(file: "StudyFile", results: Path) -> Search | None:
    """Return how far the search of a study is; None where it has none.

    Parameters
    ----------
    file : StudyFile
    results : Path
        The folder of that name.
    """
    from boxloop.cli.searched import searched
    from boxloop.study.known_metrics import METRICS

    if not task_of(file.study.task).predicts:
        return None
    found = [searched(file, results, m.name) for m in file.study.models if not m.given]
    finished, trials = sum(one.finished for one in found), sum(one.trials for one in found)
    choose = max if METRICS[str(file.study.metric)].larger_is_better else min
    scores = [(one.best, one.name) for one in found if one.best is not None]
    best, model = choose(scores, key=lambda pair: pair[0]) if scores else (None, "")
    return Search(finished, trials, str(file.study.metric), best, model)


def _running(progress: Progress) -> set[str]:
    return {job.rule for job in progress.running.values()}


@dataclass
class Known:
    """What is known of the studies of a run; each is read when its first job begins.

    Parameters
    ----------
    project : Path
        The folder that holds config/ and results/.
    """

    project: Path
    usual: Usual = field(default_factory=Usual)
    _files: dict[str, "StudyFile | None"] = field(default_factory=dict)
    _search: Search | None = None
    _next: float = 0.0

    def learn(self, progress: Progress) -> None:
        """Read the studies whose jobs have begun."""
        for name in {job.study for job in progress.running.values()} - {None, *self._files}:
            self._files[str(name)] = self._read(str(name))

    def search(self, progress: Progress) -> Search | None:
        """Return how far the search is of the one study that runs, where it searches."""
        names = {job.study for job in progress.running.values()} - {None}
        file = self._files.get(str(next(iter(names)))) if len(names) == 1 else None
        if names and (file is None or not SEARCH & {*progress.ended, *_running(progress)}):
            return None
        if file and time.monotonic() >= self._next:
            began = time.monotonic()
            self._search = search_of(file, self.project / "results")
            self._next = time.monotonic() + max(AGAIN, SHARE * (time.monotonic() - began))
        return self._search

    def _read(self, name: str) -> "StudyFile | None":
        from boxloop.cli.progress.usual import usual
        from boxloop.cli.project_study import named_file
        from boxloop.study.load import load_study

        try:
            file = load_study(named_file(self.project, name))
            self.usual = merged(self.usual, usual(file, self.project))
        except (BoxloopError, OSError):  # edited or taken away meanwhile: the line says less
            return None
        return file
