"""The study a project means when none is named."""

from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.study.installed import default_study
from boxloop.study.yaml_lines import read_yaml


def default_file(project: Path) -> Path:
    """Return the study file that config/config.yaml names, or the only one there is.

    Raises
    ------
    BoxloopError
        The folder is no project, or no study or several could be meant.
    """
    settings = project / "config/config.yaml"
    if not settings.is_file():
        raise BoxloopError(
            f"{project.resolve()}: no project: there is no config/config.yaml; name a study file, "
            "or go to a project"
        )
    content, _ = read_yaml(settings)
    named = content.get("study") if isinstance(content, dict) else None
    folder = project / "config/studies"
    return folder / f"{default_study(named, [p.stem for p in folder.glob('*.yaml')])}.yaml"
