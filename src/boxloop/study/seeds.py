"""Seeds: one root in the study file, one independent stream for each use."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def seed_sequence(seed: int, *names: str | int) -> "np.random.SeedSequence":
    """Return the `numpy.random.SeedSequence` of a named use of the study's seed.

    Parameters
    ----------
    seed : int
        The study's seed.
    *names : str or int
        What the numbers are for, for example ``"search", trial_id, fold``. The same names always
        give the same stream, whatever else was drawn before.
    """
    import numpy as np

    words = [int.from_bytes(hashlib.sha256(str(n).encode()).digest()[:4], "big") for n in names]
    return np.random.SeedSequence([seed, *words])


def integer_seed(seed: int, *names: str | int) -> int:
    """Return a 31-bit integer seed for a named use, for libraries that want an integer."""
    return int(seed_sequence(seed, *names).generate_state(1)[0] >> 1)


def generator(seed: int, *names: str | int) -> "np.random.Generator":
    """Return a `numpy.random.Generator` for a named use of the study's seed."""
    import numpy as np

    return np.random.default_rng(seed_sequence(seed, *names))


def integer_seed_plain(seed: int, *names: str | int) -> int:
    """Return an integer seed for a named use without importing numpy (for the plan of a search)."""
    return int.from_bytes(hashlib.sha256(repr((seed, *names)).encode()).digest()[:8], "big")
