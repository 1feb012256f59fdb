"""Stage *explore*: what a study does not go on with; the rest is `boxloop.analyses.exploration`."""

from boxloop.explore.admit import admit

__all__ = ["admit"]
