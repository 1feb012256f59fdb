"""A GPU: its libraries are found, its memory is heeded, and one that is not used is told of.

On a machine with a GPU all tests of networks train on it; what stands here needs none.
"""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from boxloop.fitting import gpu
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.stacked import memory
from boxloop.models import REGISTRY
from boxloop.store import write_json
from boxloop.track.surroundings import surroundings

SMI = """#!/bin/sh
echo "$*" > {folder}/asked
printf '{answer}'
"""


@pytest.fixture
def tensorflow():
    prepare_backend()
    import tensorflow

    return tensorflow


@pytest.fixture
def unused(tensorflow, caplog):
    """What is said where TensorFlow has no GPU."""
    if gpu.name():
        pytest.skip("this machine has a GPU, and it is used")

    def told() -> str:
        caplog.set_level(logging.INFO, "boxloop")
        caplog.clear()
        gpu.say.cache_clear()
        gpu.say()
        gpu.say()
        return "\n".join(r.getMessage() for r in caplog.records)

    yield told
    gpu.say.cache_clear()


def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a library as NVIDIA's package does; any library will do."""
    import _ctypes

    library = folder / "nvidia/cusolver/lib/libcusolver.so.11"
    library.parent.mkdir(parents=True)
    shutil.copy(_ctypes.__file__, library)
    monkeypatch.syspath_prepend(str(folder))
    return library


def test_the_library_that_tensorflow_does_not_find_is_loaded(tmp_path, monkeypatch):
    library = package(tmp_path, monkeypatch)
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path / "no driver",))
    assert gpu.load_libraries() == []
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path,))
    assert library in gpu.load_libraries()
    assert str(library) in Path("/proc/self/maps").read_text()


def test_a_library_that_cannot_be_loaded_stops_nothing(tmp_path, monkeypatch):
    library = package(tmp_path, monkeypatch)
    library.write_text("cut off")
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path,))
    assert library not in gpu.load_libraries()


def test_a_job_whose_gpu_is_not_seen_says_so_once(unused, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    told = unused()
    assert told.startswith("this job has GPU 3, but TensorFlow does not see it")
    assert "make setup GPU=1" in told and "\n" not in told


@pytest.mark.parametrize("hidden", ["", "-1", "NoDevFiles"])
def test_a_gpu_that_is_hidden_from_a_job_is_not_missed(hidden, unused, tmp_path, monkeypatch):
    package(tmp_path, monkeypatch)
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path,))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert unused() == ""


def test_a_driver_and_its_libraries_without_a_gpu_are_told_of(unused, tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path,))
    monkeypatch.setattr(gpu, "_libraries", list)
    assert unused() == ""  # an environment for processors, by choice
    monkeypatch.setattr(gpu, "_libraries", lambda: [tmp_path])
    assert unused().startswith("this machine has a GPU, but")


def test_a_gpu_that_is_used_is_named(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "boxloop")
    monkeypatch.setattr(gpu, "name", lambda: "NVIDIA H200")
    gpu.say.cache_clear()
    gpu.say()
    gpu.say.cache_clear()
    assert caplog.messages == ["TensorFlow computes on NVIDIA H200"]


@pytest.mark.parametrize(
    ("visible", "answer", "asked", "free"),
    [
        ("2,3", "142000\\n", "-i 2 --query-gpu=memory.free", 142_000),
        ("GPU-af5e", "10\\n", "-i GPU-af5e --query-gpu=memory.free", 10),
        ("MIG-1", "81000\\n40000\\n", "--query-gpu=memory.free", 40_000),
        ("", "[N/A]\\n", "--query-gpu=memory.free", None),
    ],
)
def test_the_free_memory_of_the_gpu_is_asked_for(
    visible, answer, asked, free, tmp_path, monkeypatch
):
    program = tmp_path / "nvidia-smi"
    program.write_text(SMI.format(folder=tmp_path, answer=answer))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(gpu, "name", lambda: "NVIDIA H200")
    assert gpu.free_memory() == (None if free is None else free * 1024**2)
    assert (tmp_path / "asked").read_text().startswith(asked)


def test_a_stack_takes_half_of_what_is_free_on_the_gpu(monkeypatch):
    monkeypatch.setattr(gpu, "free_memory", lambda: 1000)
    assert memory.room() == 500
    monkeypatch.setattr(gpu, "free_memory", lambda: None)
    assert memory.room() > 500


def test_the_backend_can_be_prepared_while_a_gpu_computes(tensorflow, monkeypatch):
    def computes(*_):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tensorflow.config, "list_physical_devices", lambda _: ["GPU:0"])
    monkeypatch.setattr(tensorflow.config.experimental, "set_memory_growth", computes)
    monkeypatch.setattr(gpu, "name", lambda: "NVIDIA H200")
    prepare_backend()


def test_a_gpu_multiplies_with_all_digits(tensorflow):
    tensorflow.config.experimental.enable_tensor_float_32_execution(True)
    prepare_backend()
    assert not tensorflow.config.experimental.tensor_float_32_execution_enabled()


def test_a_recurrent_network_takes_curves_that_cudnn_refuses(tensorflow):
    network = REGISTRY["gru"].build(
        (5, 2), (1,), units=[3, 3], dropout=0.0, output_activation="linear"
    )
    layers = [layer for layer in network.layers if "gru" in layer.name]
    assert [layer.use_cudnn for layer in layers] == [False, False]
    curves = np.ones((3, 5, 2), np.float32)
    curves[0], curves[1, 2] = 0, 0  # no epochs; one of zeros in the middle
    assert np.isfinite(network.predict(curves, verbose=0)).all()


def test_a_run_names_the_gpus_that_its_networks_were_trained_on(tmp_path):
    assert "trained_on" not in surroundings(tmp_path)["hardware"]
    for name, content in {"dense": {"gpu": "NVIDIA H200"}, "forest": {}}.items():
        write_json(content, tmp_path / name / "fit.json")
    found = surroundings(tmp_path, [tmp_path / "dense", tmp_path / "forest"])
    assert found["hardware"]["trained_on"] == ["NVIDIA H200"]
