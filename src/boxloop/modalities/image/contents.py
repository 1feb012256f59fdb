"""Images without content, and images that occur more than once."""

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.findings import Finding, Severity
from boxloop.sampling.rows import sample_rows
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Images that are looked at, at the most.
IMAGES = 2_000
#: A spread of the pixels below this part of the usual one is none.
NOTHING = 1e-3


def about_images(table: Table, *, seed: int) -> list[Finding]:
    """Remark on images that are (nearly) constant, and on images that are equal in every pixel."""
    images = table.arrays.get("image")
    if images is None or not len(images):
        return []
    rows = sample_rows(len(images), IMAGES, seed, "image_content")
    spread, marks = np.empty(len(rows)), []
    for i, row in enumerate(rows):
        pixels = np.ascontiguousarray(images[row])
        known = pixels[np.isfinite(pixels)].astype(float)
        spread[i] = known.std() if len(known) else 0.0
        marks.append(hashlib.sha256(pixels.tobytes()).digest())
    blank = spread <= NOTHING * float(np.median(spread))
    return [*_blank(table, rows, blank), *_repeated(table, rows, marks, blank)]


def _blank(table: Table, rows: "NDArray[np.intp]", blank: "NDArray[np.bool_]") -> list[Finding]:
    if not blank.any():
        return []
    names = _ids(table, rows[blank])
    message = (
        f"{int(blank.sum())} of {len(rows)} images looked at are blank: all their pixels are "
        f"(nearly) equal; the first: {', '.join(names[:3])}"
    )
    severity: Severity = "high" if blank.mean() > 0.01 else "medium"
    evidence = {"rows": int(blank.sum()), "looked_at": len(rows), "ids": names[:10]}
    return [Finding(severity, "blank_image", "image", message, evidence)]


def _repeated(
    table: Table, rows: "NDArray[np.intp]", marks: list[bytes], blank: "NDArray[np.bool_]"
) -> list[Finding]:
    _, first, counts = np.unique(
        np.array(marks, dtype="S32"), return_inverse=True, return_counts=True
    )
    again = (counts[first] > 1) & ~blank
    if not again.any():
        return []
    names = _ids(table, rows[again])
    message = (
        f"{int(again.sum())} of {len(rows)} images looked at equal another in every pixel; the "
        f"first: {', '.join(names[:3])}"
    )
    evidence = {"rows": int(again.sum()), "looked_at": len(rows), "ids": names[:10]}
    return [Finding("medium", "duplicates", "image", message, evidence)]


def _ids(table: Table, rows: Any) -> list[str]:
    return [str(v) for v in table.ids[rows]]
