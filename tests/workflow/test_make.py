"""The commands of the Makefile, the lock files and the profiles."""

import os
import re
import shutil
import subprocess

import pytest
import yaml
from toy_project import REPOSITORY

LOCKS = ("requirements.lock", "requirements-gpu.lock")


def make(*arguments, folder=REPOSITORY):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=1800
    )


def test_make_alone_lists_every_command():
    listed = make().stdout
    phony = re.search(r"^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert phony
    for command in phony.group(1).split():
        assert f"make {command} " in listed


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_hold_hashes_and_no_address(lock):
    text = (REPOSITORY / lock).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    pins = re.findall(r"^[a-z0-9][a-z0-9._-]*(?:\[.*\])?==.*$", text, flags=re.MULTILINE)
    assert len(pins) > 100
    assert text.count("--hash=sha256:") >= len(pins)
    assert all(pin.endswith("\\") for pin in pins), "every version has a hash"


def test_the_gpu_lock_only_adds_to_the_other():
    plain, gpu = (
        set(re.findall(r"^\S+==\S+", (REPOSITORY / lock).read_text(), flags=re.MULTILINE))
        for lock in LOCKS
    )
    assert plain < gpu
    assert all(pin.startswith("nvidia-") for pin in gpu - plain)


def test_a_second_set_up_does_nothing():
    if not (REPOSITORY / ".venv" / "ready-requirements.lock").exists():
        pytest.skip("the environment was not made by make")
    make("setup")
    done = make("--dry-run", "setup")
    assert "pip" not in done.stdout


@pytest.mark.parametrize("there", LOCKS)
def test_an_environment_stays_what_it_was_set_up_for(tmp_path, there):
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy2(REPOSITORY / name, tmp_path)
    (tmp_path / ".venv/uv/bin").mkdir(parents=True)
    for name in ("python", "uv/bin/uv", f"ready-{there}"):
        (tmp_path / ".venv" / name).touch()
    assert "setting up" not in make("--dry-run", "setup", folder=tmp_path).stdout
    asked = "GPU=" if "gpu" in there else "GPU=1"
    assert "setting up" in make("--dry-run", "setup", asked, folder=tmp_path).stdout


def test_where_there_are_wheels_no_index_is_asked(tmp_path):
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy2(REPOSITORY / name, tmp_path)
    asked = re.compile(r"(?:pip install --quiet --no-deps --require|uv pip sync)(?:.*\\\n)?.*")
    commands = asked.findall(make("--dry-run", "setup", folder=tmp_path).stdout)
    assert len(commands) == 2 and not any("--no-index" in command for command in commands)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/uv-0-py3-none-any.whl").touch()
    commands = asked.findall(make("--dry-run", "setup", folder=tmp_path).stdout)
    assert all("--no-index --find-links wheels" in command for command in commands)
    done = make("setup", folder=tmp_path)  # and an archive that is not what the lock file says
    assert done.returncode != 0 and "uv" in done.stderr
    assert not list((tmp_path / ".venv").glob("ready-*"))


def test_without_a_fit_python_one_is_asked_for_and_nothing_is_left(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy2(REPOSITORY / name, tmp_path)
    done = make("run", "PYTHON=no-such-python", folder=tmp_path)
    assert done.returncode == 2
    assert "make run PYTHON=/path/to/python3" in done.stdout
    assert not list((tmp_path / ".venv").iterdir())


def test_run_with_a_study_that_does_not_exist_names_its_file_and_runs_nothing():
    if not (REPOSITORY / ".venv" / "ready-requirements.lock").exists():
        pytest.skip("the environment was not made by make")
    done = make("run", "STUDY=photoz_dem")
    assert done.returncode == 2
    assert "config/studies/photoz_dem.yaml" in done.stdout + done.stderr
    assert "Log:" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_profiles_leave_the_date_of_scripts_out_of_the_triggers(name):
    profile = yaml.safe_load((REPOSITORY / "profiles" / name / "config.yaml").read_text())
    assert set(profile["rerun-triggers"]) == {"mtime", "params", "input", "software-env"}
    assert profile["rerun-incomplete"] is True


def test_no_address_or_path_of_a_machine_is_in_the_build_files():
    for path in ("Makefile", ".ci/run", ".ci/pull", "dvc.yaml", ".dvc/config"):
        text = (REPOSITORY / path).read_text()
        assert not re.search(r"(/root|/home|/work)/|https?://", text), path
