"""What has to be known of a modality before its class is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Roles of columns that are of no modality but the table.
ROLES = (
    *("id", "sample", "file", "sky", "feature", "derived", "error", "feature_error", "state"),
    *("limit", "target", "target_error", "group", "time", "keep", "prediction"),
)
#: The order in which a model sees them, and in which they are permuted;
#: others come after them.
SEEN = ("table", "image", "light_curve")
#: Names that one of the user's own cannot have: blocks, parts of the table, keys of its recipes.
TAKEN = (
    *(*ROLES, "inputs", "unfitted", "indicators", "centre", "scale", "fill"),
    *("image_centre", "image_scale"),
)


@dataclass(frozen=True)
class KnownModality:
    """A kind of data, and how it shows.

    Attributes
    ----------
    build : str
        Its class, as ``module:class``.
    reader : str
        The reader of folders in which every file is one of it; empty: there is none.
    parts : tuple of str
        Of what stands in lists, a column ``<modality>.<part>`` each, the first two always there;
        empty: it is an array.
    drawn : bool
        Whether its summaries are of some objects only.
    learnt : mapping of str to str
        Keys of ``recipe.json``, and which part of what was learnt each of them holds; empty: its
        name holds all.
    """

    build: str
    reader: str = ""
    parts: tuple[str, ...] = ()
    drawn: bool = False
    learnt: Mapping[str, str] = field(default_factory=dict)


def of_modality(role: str | None) -> bool:
    """Whether the role of a column is that it belongs to a modality."""
    return role is not None and role not in ROLES
