"""A GPU: its libraries are found, its memory is heeded, and one that is not used is told of.

On a machine with a GPU all tests of networks train on it; what stands here needs none.
"""

import logging
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from boxloop.fitting import Fitted, FittedRecipe, gpu, load_model, save_model
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.stacked import memory
from boxloop.store import write_json
from boxloop.study.known_models import MODELS
from boxloop.track.surroundings import surroundings


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


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    """A library laid out as in NVIDIA's package, on a machine with a driver; any will do."""
    import _ctypes

    library = tmp_path / "nvidia/cusolver/lib/libcusolver.so.11"
    library.parent.mkdir(parents=True)
    shutil.copy(_ctypes.__file__, library)
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path / "nvidia")])
    monkeypatch.setattr(gpu.importlib.util, "find_spec", lambda name: found)
    monkeypatch.setattr(gpu, "DRIVER", (tmp_path / "none", tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    return library


def test_the_library_that_tensorflow_does_not_find_is_loaded(library):
    assert gpu.load_libraries() == [library]
    assert str(library) in Path("/proc/self/maps").read_text()


def test_without_driver_or_with_its_gpu_hidden_nothing_is_loaded(library, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert gpu.load_libraries() == []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(gpu, "DRIVER", (library / "none",))
    assert gpu.load_libraries() == []


def test_a_library_that_cannot_be_loaded_stops_nothing(library):
    library.write_text("cut off")
    assert gpu.load_libraries() == []


@pytest.mark.parametrize("given", ["CUDA_VISIBLE_DEVICES", "SLURM_GPUS_ON_NODE"])
def test_a_job_whose_gpu_is_not_seen_says_so_once(given, unused, monkeypatch):
    monkeypatch.setenv(given, "1")
    told = unused()
    assert told.startswith("this job has a GPU, but TensorFlow does not see it")
    assert "make setup GPU=1" in told and "\n" not in told


@pytest.mark.parametrize("hidden", ["", "-1", "NoDevFiles"])
def test_a_gpu_that_is_hidden_from_a_job_is_not_missed(hidden, unused, library, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert unused() == ""


def test_a_driver_and_its_libraries_without_a_gpu_are_told_of(unused, library, monkeypatch):
    assert unused().startswith("this machine has a GPU, but")
    monkeypatch.setenv("SLURM_JOB_ID", "7")  # on a node with a GPU that the job has not asked for
    assert unused() == ""
    monkeypatch.delenv("SLURM_JOB_ID")
    library.unlink()  # an environment for processors, by choice
    assert unused() == ""


@pytest.mark.parametrize(
    ("devices", "told"),
    [(1, "TensorFlow computes on H200"), (3, "TensorFlow computes on H200; the job has 2 more")],
)
def test_a_gpu_that_is_used_is_named(devices, told, tensorflow, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "boxloop")
    monkeypatch.setattr(tensorflow.config, "get_visible_devices", lambda _: ["GPU"] * devices)
    details = {"device_name": "H200"}
    monkeypatch.setattr(
        tensorflow.config.experimental, "get_device_details", lambda device: details
    )
    gpu.say.cache_clear()
    gpu.say()
    gpu.say.cache_clear()
    assert caplog.messages[0].startswith(told)


def test_the_free_memory_of_the_gpu_is_that_of_cudas_runtime(tensorflow, monkeypatch):
    class Runtime:
        failed, free = 0, 12_345

        def cudaMemGetInfo(self, free, total):  # noqa: N802
            free._obj.value, total._obj.value = self.free, 99_999
            return self.failed

    runtime = Runtime()
    monkeypatch.setattr(gpu, "name", lambda: "H200")
    monkeypatch.setattr(gpu, "_runtime", lambda: runtime)
    gpu.free_memory.cache_clear()
    assert gpu.free_memory() == 12_345
    runtime.free = 5  # TensorFlow has taken the rest
    assert gpu.free_memory() == 12_345
    runtime.failed = 2
    gpu.free_memory.cache_clear()
    assert gpu.free_memory() is None
    gpu.free_memory.cache_clear()


def test_a_stack_takes_half_of_what_is_free_on_the_gpu(monkeypatch):
    monkeypatch.setattr(gpu, "free_memory", lambda: 1000)
    assert memory.room() == 500
    monkeypatch.setattr(gpu, "free_memory", lambda: None)
    assert memory.room() > 500


def test_the_backend_can_be_prepared_while_a_gpu_computes(tensorflow, monkeypatch):
    def computes(*_):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tensorflow.config, "get_visible_devices", lambda _: ["GPU:0"])
    monkeypatch.setattr(tensorflow.config.experimental, "set_memory_growth", computes)
    monkeypatch.setattr(gpu, "name", lambda: "NVIDIA H200")
    prepare_backend()


def test_a_gpu_multiplies_with_all_digits(tensorflow):
    tensorflow.config.experimental.enable_tensor_float_32_execution(True)
    prepare_backend()
    assert not tensorflow.config.experimental.tensor_float_32_execution_enabled()


def test_a_recurrent_network_takes_curves_that_cudnn_refuses(tensorflow):
    network = MODELS["gru"].builder()(
        (5, 2), (1,), units=[3, 3], dropout=0.0, output_activation="linear"
    )
    layers = [layer for layer in network.layers if "gru" in layer.name]
    assert [layer.use_cudnn for layer in layers] == [False, False]
    curves = np.ones((3, 5, 2), np.float32)
    curves[0], curves[1, 2] = 0, 0  # no epochs; one of zeros in the middle
    assert np.isfinite(network.predict(curves, verbose=0)).all()


def test_a_recurrent_network_that_was_saved_takes_them_as_well(tensorflow, tmp_path):
    """Keras does not save that cuDNN was left out."""
    network = MODELS["gru"].builder()(
        (5, 2), (1,), units=[3], dropout=0.0, output_activation="linear"
    )
    recipe = FittedRecipe({"inputs": []})
    about = {"model": "gru", "scaling": [0.0, 1.0], "classes": []}
    save_model(Fitted("gru", network, recipe, (), (0.0, 1.0), about), tmp_path)
    layers = load_model(tmp_path).model.layers
    assert [layer.use_cudnn for layer in layers if hasattr(layer, "use_cudnn")] == [False]


def test_a_run_names_the_gpus_that_its_networks_were_trained_on(tmp_path):
    assert "trained_on" not in surroundings(tmp_path)["hardware"]
    for name, content in {"dense": {"gpu": "NVIDIA H200"}, "forest": {}}.items():
        write_json(content, tmp_path / name / "fit.json")
    found = surroundings(tmp_path, [tmp_path / "dense", tmp_path / "forest"])
    assert found["hardware"]["trained_on"] == ["NVIDIA H200"]
