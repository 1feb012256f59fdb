"""Features computed from a table: registered functions, or the study's own."""

from boxloop.features.blind import derive_blindly, derived_anew
from boxloop.features.colours import colours
from boxloop.features.derive import derive
from boxloop.features.luminosity import luminosity
from boxloop.features.registry import DERIVED

__all__ = ["DERIVED", "colours", "derive", "derive_blindly", "derived_anew", "luminosity"]
