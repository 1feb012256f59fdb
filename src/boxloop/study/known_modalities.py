"""The kinds of data an object can have, its modalities: a line each, plain data as for models.

No rule rests on this file as a whole, but on the lines of the modalities that its study uses
(`boxloop.study.references.table_lines`): a new line reruns nothing. So there is no code here.
The order is that in which they are read, described and made noisier.
"""

from boxloop.study.known_modality import KnownModality

MODALITIES: dict[str, KnownModality] = {
    "table": KnownModality(
        "boxloop.modalities.table.modality:TableModality",
        learnt={"indicators": "indicators", "centre": "centre", "scale": "scale", "fill": "fill"},
    ),
    "light_curve": KnownModality(
        "boxloop.modalities.light_curve.modality:LightCurve",
        reader="light_curves",
        parts=("time", "value", "error", "band"),
    ),
    "image": KnownModality(
        "boxloop.modalities.image.modality:Image",
        reader="images",
        drawn=True,
        learnt={"image_centre": "centre", "image_scale": "scale"},
    ),
}
