"""To which stage a rule belongs: that whose file of rules it stands in."""

import re
from pathlib import Path

from boxloop.analyses.registry import COMPUTED
from boxloop.study.installed import project_files
from boxloop.study.vocabulary import STAGES


def stages_of_rules() -> dict[str, str]:
    """Return the stage of each rule of the workflow, in the order of the stages.

    Targets and a project's own rules are not among them.
    """
    folder = project_files() / "workflow/rules"
    found: dict[str, str] = {}
    for stage in STAGES:
        rules = _rules(folder / f"{stage}.smk")
        if stage == "evaluate":  # whose analyses are rules by the lines of a table
            rules += [analysis.rule for analysis in COMPUTED.values()]
        found |= dict.fromkeys(rules, stage)
    return found


def _rules(path: Path) -> list[str]:
    return re.findall(r"^rule (\w+):", path.read_text(encoding="utf-8"), re.MULTILINE)
