"""Start Keras and its backend: late, quietly, and so that it gives the same numbers again."""

import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from boxloop.fitting import gpu

log = logging.getLogger("boxloop")


#: A line that imports Keras, at the top of a module or inside a function.
_IMPORT = re.compile(r"^\s*(import|from)\s+(keras|tensorflow)\b", re.MULTILINE)


def prepare_if_used(files: Iterable[Path], threads: int = 1) -> None:
    """Prepare the backend if Keras is imported already or a user's own modules will do so.

    What computes before the backend is prepared fixes its devices and threads.
    """
    if "keras" in sys.modules or any(map(_imports_keras, files)):
        prepare_backend(threads)


def _imports_keras(file: Path) -> bool:
    return file.is_file() and bool(_IMPORT.search(file.read_text("utf-8", errors="replace")))


def prepare_backend(threads: int = 1) -> None:
    """Import Keras, make it deterministic and keep it to the job's cores and its GPU.

    To be called before anything is built or loaded; again does no harm.
    """
    with quiet_start():
        import keras

        if keras.backend.backend() != "tensorflow":
            return
        import tensorflow as tf

        gpu.load_libraries()
    tf.get_logger().setLevel("ERROR")
    tf.config.experimental.enable_op_determinism()
    # Else a GPU would multiply numbers of 32 bit with 10 bits of their fraction, unasked.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for device in tf.config.get_visible_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(device, True)
        except RuntimeError:
            log.debug("the GPU computes already; how it takes its memory stays")
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        log.debug("TensorFlow runs already; its number of threads stays")
    gpu.say()


@contextmanager
def computing_in(precision: str | None) -> Iterator[None]:
    """Give the layers that are made meanwhile a policy of Keras, such as mixed_bfloat16."""
    if not precision:
        yield
        return
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep off the screen what TensorFlow's libraries print while they load.

    They write to the file descriptor itself, before any setting of theirs is heeded. Errors of the
    import are exceptions and are not lost.
    """
    # TensorFlow takes the kernels of oneDNN by itself on newer processors only. Asked for always,
    # numbers are more alike, and elsewhere a batch of small matrix products takes half the time.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if "keras" in sys.modules:
        yield
        return
    sys.stderr.flush()
    screen = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(nowhere)
