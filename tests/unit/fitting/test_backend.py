"""Keras starts in the same way whoever imports it first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AT_THE_TOP = """
import os
assert os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1", "imported before the kernels were chosen"
import keras

def network(input_shape, output_shape):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(inputs))
"""
INSIDE = """
def network(input_shape, output_shape):
    import tensorflow
    threads = tensorflow.config.threading.get_inter_op_parallelism_threads()
    assert threads == 1, "computes before the backend is prepared"
    import keras
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(inputs))
"""
BUILD = """
import sys
from boxloop.fitting.build import Builder
trial = {"model": "own", "function": "mine:network", "kind": None, "hyperparameters": {}}
builder = Builder(trial, (), "regression", (0,), 1, (sys.argv[1],))
print(builder.build((3,)).count_params())
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(AT_THE_TOP, id="at the top"),
        pytest.param(INSIDE, id="inside", marks=pytest.mark.long),
    ],
)
def test_the_backend_is_prepared_before_a_users_module_imports_keras(
    text: str, tmp_path: Path
) -> None:
    module = tmp_path / "mine.py"
    module.write_text(text)
    unset = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(module)],
        capture_output=True, text=True, check=False, env=unset, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "4"
