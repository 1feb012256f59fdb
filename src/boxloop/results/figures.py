"""What stands beside each figure, and behind each number of the printed report."""

from typing import Any, Literal

from typing_extensions import TypedDict


class Figure(TypedDict):
    """What is said of a figure."""

    title: str
    """Its title."""
    caption: str
    """Its caption, without digits."""
    source: list[str]
    """Files that it was drawn from."""
    provenance: str
    """real, simulated or mixed."""
    width: Literal["column", "page"]
    """How wide it is printed."""


class Macro(TypedDict):
    """A number or word of the printed report, by its macro."""

    text: str
    """As it is printed."""
    value: Any
    """As the file has it."""
    file: str
    """Where it was read."""
    key: str
    """Dotted, list entries by index; `|count` at its end means the number of entries."""
