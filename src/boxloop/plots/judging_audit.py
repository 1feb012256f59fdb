"""Figures of evaluate/audit.json."""

from collections.abc import Mapping
from typing import Any

from boxloop.plots.style import Drawing


def figures_of_audit(
    found: Mapping[str, Any], metrics: Mapping[str, Any], unit: str, provenance: str
) -> list[Drawing]:
    """Draw what evaluate/audit.json holds.

    Parameters
    ----------
    found : mapping
        evaluate/audit.json.
    metrics : mapping
        evaluate/metrics.json.
    unit : str
        Of the target.
    provenance : str
    """
    return []
