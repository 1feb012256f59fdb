"""The ways in which data get worse that one can name in a study: a line each.

Plain data, so that a study can be checked without importing numpy. What a degrader does to one kind
of data is a function (table, strength, *, rng, **parameters) of that modality
(`boxloop.modalities.Modality.degraders`). No rule rests on this file as a whole, but on the lines
of the degraders that its study gets (`boxloop.study.references.table_lines`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class KnownDegrader:
    """A degrader, and what has to be known of it.

    Attributes
    ----------
    does : str
        What it does to the data, for the docs.
    strengths : tuple of float
        The usual ones, above 0 and increasing.
    mild : float
        Up to here a good model ought to hold.
    touches : tuple of str
        The kinds of data that it changes, where a study has them.
    said : str
        What was done, with ``{number}`` or ``{percent}`` for the strength.
    unit : str
        What a strength counts in, after the number.
    axis : str
        The same for the axis of a figure.
    most : float or None
        The largest strength that makes sense.
    parameters : mapping of str to Any
        Parameters of the functions that a study may set, and their defaults.
    percent : bool
        Whether the strength is printed in per cent.
    only : str
        The unit of the features that it changes; empty for all of them.
    """

    does: str
    strengths: tuple[float, ...]
    mild: float
    touches: tuple[str, ...]
    said: str
    unit: str
    axis: str
    most: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    percent: bool = False
    only: str = ""


#: By name, in the order in which a study gets those that fit its data.
DEGRADERS: dict[str, KnownDegrader] = {
    "noise": KnownDegrader(
        "adds noise of `strength` times the errors of features and light curves; where features "
        "have no errors, of `strength` times `of_spread` of their spread; in images, of `strength` "
        "times the noise they have",
        strengths=(0.5, 1.0, 2.0, 4.0),
        mild=1.0,
        touches=("table", "light_curve", "image"),
        said="noise of {number} times what the data have is added",
        unit="times that of the data",
        axis="noise added / noise of the data",
        parameters={"of_spread": 0.1},
    ),
    "fainter": KnownDegrader(
        "makes all magnitudes fainter by `strength` mag, with noise to match",
        strengths=(0.1, 0.2, 0.5, 1.0),
        mild=0.2,
        touches=("table",),
        said="the objects are {number} mag fainter",
        unit="mag",
        axis="magnitudes fainter",
        only="mag",
    ),
    "missing": KnownDegrader(
        "takes one feature, by chance, away from the fraction `strength` of the objects",
        strengths=(0.05, 0.1, 0.25, 0.5),
        mild=0.1,
        touches=("table",),
        said="{percent} of the objects lose a feature",
        unit="% of the objects",
        axis="objects that lose a feature",
        most=1.0,
        percent=True,
    ),
    "dropped_epochs": KnownDegrader(
        "takes the fraction `strength` of its epochs away from each light curve; two stay",
        strengths=(0.1, 0.25, 0.5, 0.75),
        mild=0.25,
        touches=("light_curve",),
        said="{percent} of the epochs are lost",
        unit="% of the epochs",
        axis="epochs lost",
        most=1.0,
        percent=True,
    ),
    "blur": KnownDegrader(
        "convolves images with a Gaussian of sigma `strength` pixels",
        strengths=(0.5, 1.0, 2.0, 4.0),
        mild=1.0,
        touches=("image",),
        said="images are blurred by {number} pixels",
        unit="pixels",
        axis="sigma of the blur [pixel]",
    ),
    "shift": KnownDegrader(
        "moves each image by `strength` pixels in a direction of its own",
        strengths=(0.5, 1.0, 2.0, 4.0),
        mild=1.0,
        touches=("image",),
        said="images are moved by {number} pixels",
        unit="pixels",
        axis="shift [pixel]",
    ),
}
