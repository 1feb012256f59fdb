"""The demo, and photoz with a small budget, on a cluster that cancels their jobs."""

import os
import shutil

import pytest
import yaml
from slurm_project import SlurmProject
from toy_project import REPOSITORY

pytestmark = pytest.mark.patient
STUDIES = REPOSITORY / "config/studies"
MIRROR = os.environ.get("BOXLOOP_MIRROR", "")


def demo() -> str:
    return (STUDIES / "photoz_demo.yaml").read_text()


def photoz() -> str:
    """The study of real galaxies, with fewer models, trials and epochs."""
    study = yaml.safe_load((STUDIES / "photoz.yaml").read_text())
    models = {model["name"]: model for model in study["models"]}
    models["forest"]["space"] = {"min_samples_leaf": [2, 4]}
    for name, epochs in (("dense", 20), ("mdn", 15)):
        models[name]["parameters"]["epochs"] = epochs
        models[name]["space"] = {"learning_rate": [0.002, 0.004]}
    study["models"] = [models[name] for name in ("dummy", "forest", "dense", "mdn")]
    study["budget"], study["status"] = {"trials": 2}, "draft"
    study["probes"] = {"shuffled": 1, "learning_curve": [], "seeds": 0, "reweight": False}
    for key in ("published", "degraders", "gates"):
        study.pop(key, None)
    return yaml.safe_dump(study, sort_keys=False)


NAMED = {
    "demo": ("photoz_demo", demo, ("evaluate", "apply")),
    "photoz": ("photoz", photoz, ("evaluate",)),
}


@pytest.mark.parametrize("which", NAMED)
def test_a_study_whose_jobs_are_cancelled_has_the_numbers_of_one_machine(cluster, tmp_path, which):
    if which == "photoz" and not MIRROR:
        pytest.skip("BOXLOOP_MIRROR is not set")
    name, text, stages = NAMED[which]
    here = SlurmProject(tmp_path / "here")
    shutil.copytree(STUDIES / "prose", here.folder / "config/studies/prose", dirs_exist_ok=True)
    (here.folder / f"config/studies/{name}.yaml").write_text(text())
    there = here.copied(tmp_path / "there")
    mains = {"evaluate": "metrics.json", "apply": "summary.json"}
    targets = [f"results/{name}/{stage}/{mains[stage]}" for stage in stages]
    here.toy.run("--", *targets)
    run = there.start(*targets)
    kept = there.folder / f"results/{name}/checkpoints"
    there.cancel(f"chunk {name}_dense_0", lambda: (kept / "chunk-dense-0/epochs.json").is_file())
    there.cancel(f"fit {name}_dense", lambda: (kept / "fit-dense.npz").is_file())
    assert there.finish(run) == 0, there.said()[-6000:]
    log = (there.folder / f"results/{name}/logs/fit-dense.log").read_text()
    assert "goes on after epoch" in log
    stages = ("search", *stages)
    assert numbers(there, name, stages) == numbers(here, name, stages)


def numbers(project: SlurmProject, name: str, stages: tuple[str, ...]) -> dict[str, bytes]:
    """The predictions of some stages, and the metrics."""
    folder = project.folder / "results" / name
    files = [f"{stage}/predictions.parquet" for stage in stages] + ["evaluate/metrics.json"]
    return {file: (folder / file).read_bytes() for file in files}
