"""Features computed from a table: registered functions, or the study's own."""

from boxloop.features.colours import colours
from boxloop.features.derive import derive

#: Functions that `columns.derived` may name: (table, **options) -> table of the new columns.
DERIVED = {"colours": colours}

__all__ = ["DERIVED", "colours", "derive"]
