"""Features computed from a table: registered functions, or the study's own."""

from collections.abc import Callable

from boxloop.features.colours import colours
from boxloop.features.derive import derive
from boxloop.features.luminosity import luminosity
from boxloop.store import Table

#: Functions that `columns.derived` may name: (table, **options) -> table of the new columns.
DERIVED: dict[str, Callable[..., Table]] = {"colours": colours, "luminosity": luminosity}

__all__ = ["DERIVED", "colours", "derive", "luminosity"]
