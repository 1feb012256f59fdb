"""Make the helpers beside the unit tests importable; hypothesis and Keras as tests want them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# A busy machine is no fault of the code: no example has a deadline.
settings.register_profile(
    "boxloop", deadline=None, max_examples=int(os.environ.get("BOXLOOP_EXAMPLES", "50"))
)
settings.load_profile("boxloop")


@pytest.fixture(scope="session")
def keras():
    """Keras, ready."""
    from boxloop.fitting.backend import prepare_backend

    prepare_backend()
    import keras

    return keras


@pytest.fixture
def float64(keras):
    """Keras in double precision."""
    before = keras.config.dtype_policy()
    keras.backend.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # another test may have fixed it
    yield keras
    keras.backend.set_floatx("float32")
    keras.config.set_dtype_policy(before)
