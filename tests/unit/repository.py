"""Where the files of the repository are that unit tests look at."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOYS = REPOSITORY / "tests/workflow/toys"
