"""The study a project means when none is named."""

from pathlib import Path

from boxloop.errors import BoxloopError, listed, suggest
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


def named_file(project: Path, study: str) -> Path:
    """Return the file of a study that is named by its name or its path.

    Raises
    ------
    BoxloopError
        There is no such study.
    """
    folder = project / "config/studies"
    path = Path(study) if study.endswith(".yaml") else folder / f"{study}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        raise BoxloopError(
            f"{path}: there is no such study; there are: {listed(known) if known else 'none'}"
            f"{suggest(study, known)}"
        )
    return path
