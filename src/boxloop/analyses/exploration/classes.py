"""Classes: few objects, unequal sizes, and classes that come from one sample or file only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.findings import Finding, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A class with fewer objects, or a smaller fraction of all, is remarked on.
FEW, RARE = 50, 0.01
#: The largest class is so many times the smallest, where they are called unequal.
UNEQUAL = 10


def about_classes(classes: Mapping[str, int]) -> list[Finding]:
    """Remark on classes with few objects, and on classes of very different size."""
    total, found = sum(classes.values()), []
    for name, count in classes.items():
        if count < FEW or count < RARE * total:
            severity: Severity = "high" if count < FEW / 5 else "medium"
            message = f"the class {name} has {count} of {total} objects"
            evidence = {"class": name, "rows": count, "objects": count, "fraction": count / total}
            found.append(Finding(severity, "small_class", None, message, evidence))
    if len(classes) > 1:
        most, least = (f(classes, key=lambda c: classes[c]) for f in (max, min))
        times = classes[most] / max(classes[least], 1)
        if times >= UNEQUAL:
            message = (
                f"the class {most} has {classes[most]} objects, {times:.0f} times as many as "
                f"{least} with {classes[least]}: accuracy alone would say little"
            )
            evidence = {"rows": total, "largest": most, "smallest": least, "times": times}
            found.append(Finding("low", "imbalance", None, message, evidence))
    return found


def about_samples(
    classes: "NDArray[Any]", samples: "NDArray[Any]", what: str = "sample"
) -> list[Finding]:
    """Remark if the sample (or file) an object comes from gives its class away."""
    origins = {c: set(samples[classes == c]) for c in np.unique(classes)}
    if len(origins) < 2 or len(set(samples)) < 2 or any(len(s) > 1 for s in origins.values()):
        return []
    message = f"every class comes from one {what}: a model may learn the {what} and not the class"
    first = {str(c): sorted(s)[0] for c, s in origins.items()}
    evidence = {"rows": len(classes), f"{what}s": first}
    return [Finding("high", "class_is_sample", None, message, evidence)]
