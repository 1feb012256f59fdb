"""Make the helpers beside the unit tests importable; say how many examples hypothesis tries."""

import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# A busy machine is no fault of the code: no example has a deadline.
settings.register_profile(
    "boxloop", deadline=None, max_examples=int(os.environ.get("BOXLOOP_EXAMPLES", "50"))
)
settings.load_profile("boxloop")
