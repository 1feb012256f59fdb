"""To which stage a rule belongs: that whose file of rules it stands in."""

import re
from pathlib import Path

from boxloop.study.installed import project_files
from boxloop.study.vocabulary import STAGES


def stages_of_rules() -> dict[str, str]:
    """Return the stage of each rule of the workflow, in the order of the stages.

    Targets and a project's own rules are not among them.
    """
    folder = project_files() / "workflow/rules"
    found: dict[str, str] = {}
    for stage in STAGES:
        found |= dict.fromkeys(_rules(folder / f"{stage}.smk"), stage)
    return found


def _rules(path: Path) -> list[str]:
    return re.findall(r"^rule (\w+):", path.read_text(encoding="utf-8"), re.MULTILINE)
