"""The JSON files of results/<study>/, a line each: docs/outputs.md and the schema follow."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class File:
    """A file of results.

    Attributes
    ----------
    path : str
        Relative to results/<study>/; parts in angle brackets stand for names.
    record : str
        ``module:Class`` of its record, or of one entry where the file is a list or goes by name.
    many : {"", "list", "name"}
        Whether the file is a list of such records, or has one by name.
    """

    path: str
    record: str
    many: Literal["", "list", "name"] = ""


FILES: tuple[File, ...] = (
    # data
    File("data/summary.json", "boxloop.results.data:Summary"),
    # explore
    File("explore/all.json", "boxloop.results.explore:AllObjects"),
    File("explore/training.json", "boxloop.results.explore:TrainingObjects"),
    File("explore/embedding.json", "boxloop.results.explore:Embedding"),
    File("explore/admitted.json", "boxloop.results.explore:Admitted"),
    # prepare
    File("prepare/recipes.json", "boxloop.results.prepare:Recipe", "name"),
    # search
    File("search/chunks/<model>-<n>.json", "boxloop.results.search:TrialResult", "list"),
    File("search/plans/<model>-<n>.json", "boxloop.results.search:Trial", "list"),
    File("search/probes/<purpose>.json", "boxloop.results.search:Probe"),
    File("search/outer/<n>.json", "boxloop.results.search:OuterFold"),
    File("search/selected.json", "boxloop.results.search:Selected"),
    # train
    File("train/<model>/fit.json", "boxloop.results.train:FitDescription"),
    File("train/<model>/recipe.json", "boxloop.results.train:LearntRecipe"),
    File("train/<model>/model.json", "boxloop.results.train:ExternalPredictions"),
    # apply
    File("apply/summary.json", "boxloop.results.apply:Applied"),
    File("apply/parts/<part>.json", "boxloop.results.apply:Applied"),
    # ethics
    File("ethics/checklist.json", "boxloop.results.ethics:Checklist"),
    File("ethics/complete.json", "boxloop.results.ethics:Complete"),
    # figures, report
    File("figures/<figure>.json", "boxloop.results.figures:Figure"),
    File("report/exploration/<figure>.json", "boxloop.results.figures:Figure"),
    File("report/macros.json", "boxloop.results.figures:Macro", "name"),
    # track
    File("track/run.json", "boxloop.results.track:Run"),
    File("track/mlflow.json", "boxloop.results.track:Logged"),
    # evaluate
    File("evaluate/metrics.json", "boxloop.results.metrics:Metrics"),
    File("evaluate/audit.json", "boxloop.results.audit:Audit"),
    File("evaluate/details.json", "boxloop.results.details:Details"),
    File("evaluate/groups.json", "boxloop.results.groups:Groups"),
    File("evaluate/calibration.json", "boxloop.results.calibration:Calibration"),
    File("evaluate/shift.json", "boxloop.results.shift:Shift"),
    File("evaluate/degraders.json", "boxloop.results.degraders:Degraders"),
    File("evaluate/understanding.json", "boxloop.results.understanding:Understanding"),
)
