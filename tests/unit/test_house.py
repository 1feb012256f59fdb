"""The rules of the house that no linter holds: lengths, places, names, what is committed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from repository import REPOSITORY

from boxloop.study.known_models import GIVEN, MODELS
from boxloop.study.vocabulary import DERIVED, STAGES

STAGE_NAMES = [name for name in STAGES]


def _committed() -> list[Path]:
    """Files that git tracks or would track; outside a checkout all files but the environment's."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = [REPOSITORY / line for line in listed.stdout.splitlines()]
    return [path for path in found if path.is_file()]


def test_no_script_is_longer_than_40_lines_and_no_file_than_800() -> None:
    long = {}
    for path in _committed():
        if path.suffix not in (".py", ".smk"):
            continue
        lines = len(path.read_text(encoding="utf-8").splitlines())
        most = 40 if path.parent.name == "scripts" else 800
        if lines > most:
            long[str(path.relative_to(REPOSITORY))] = lines
    assert long == {}


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_a_stage_has_its_rules_its_package_and_its_page(stage: str) -> None:
    assert (REPOSITORY / f"workflow/rules/{stage}.smk").is_file()
    assert (REPOSITORY / f"src/boxloop/{stage}/__init__.py").is_file()
    assert (REPOSITORY / f"docs/{stage}.md").is_file()


def test_every_rule_has_a_script_of_its_name_and_every_script_a_rule() -> None:
    rules = set()
    for path in (REPOSITORY / "workflow/rules").glob("*.smk"):
        text = path.read_text()
        for name, body in re.findall(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", text, re.M | re.S):
            if "script:" in body:
                assert f"../scripts/{name}.py" in body, name
                rules.add(name)
    rules.add("analysis")  # of the rules that are lines of boxloop.analyses.registry
    assert rules == {p.stem for p in (REPOSITORY / "workflow/scripts").glob("*.py")}


def test_scripts_define_nothing_and_call_one_job() -> None:
    for path in (REPOSITORY / "workflow/scripts").glob("*.py"):
        tree = ast.parse(path.read_text())
        defined = ast.FunctionDef | ast.ClassDef | ast.Lambda
        assert not [n for n in ast.walk(tree) if isinstance(n, defined)], path.name
        assert "with job(snakemake)" in path.read_text(), path.name


def test_no_committed_file_names_a_download_address_of_packages_or_this_machine() -> None:
    """Lock files hold versions and checksums only."""
    for name in ("requirements.lock", "requirements-gpu.lock"):
        assert "://" not in (REPOSITORY / name).read_text()
    names = {path.name for path in _committed()}
    assert not names & {"uv.lock", "pylock.toml"}
    hosts = "|".join(["files[.]python" + "hosted", "pypi[.]" + "org/simple", "/work" + "/main"])
    for path in _committed():
        if path.suffix in (".py", ".smk", ".md", ".yaml", ".toml", ".txt", ".lock", ""):
            assert not re.search(hosts, path.read_text(encoding="utf-8", errors="ignore")), path


def test_registries_have_exactly_the_names_of_the_vocabulary() -> None:
    from boxloop import features

    for name, model in MODELS.items():
        assert name == GIVEN or callable(model.builder()), name
    assert set(features.DERIVED) == set(DERIVED)


def test_no_survey_file_is_committed() -> None:
    data = {".fits", ".csv", ".gz", ".dat", ".parquet", ".npy"}
    found = [p for p in _committed() if p.suffix in data and "workflow/rules" not in str(p)]
    assert found == []
