"""The registered functions of `columns.derived`."""

from collections.abc import Callable

from boxloop.features.colours import colours
from boxloop.features.luminosity import luminosity
from boxloop.store import Table

#: (table, **options) -> table of the new columns, by the name that a study uses.
DERIVED: dict[str, Callable[..., Table]] = {"colours": colours, "luminosity": luminosity}
