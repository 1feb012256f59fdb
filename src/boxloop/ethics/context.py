"""What answers rest on where nothing is measured: which data, which columns, which model.

An answer about consent is about these data; with other data it has to be given anew.
"""

from boxloop.ethics.evidence import EvidenceItem, Results, Shown, of

#: What of a sample says which data they are; how many rows they have does not.
_SAMPLE = ("provenance", "origin", "licence")
#: Columns that boxloop makes itself.
_OWN = ("state", "sample", "file")


def data_behind(results: Results) -> Shown:
    """Show where the data come from, and under which licence."""
    return Shown(None, _samples(results), known=False)


def stored_columns(results: Results) -> Shown:
    """Show which columns are kept of every object."""
    columns = results.summary.get("columns") or []
    names = sorted(c["name"] for c in columns if c.get("role") not in _OWN)
    kept = of("summary", "columns.*.name", names)
    return Shown(None, [*_samples(results), kept], known=False)


def selected_model(results: Results) -> Shown:
    """Show which model gives the results."""
    return Shown(None, [of("metrics", "selected", results.metrics["selected"])], known=False)


def _samples(results: Results) -> list[EvidenceItem]:
    return [
        of("summary", f"samples.{name}.{key}", sample.get(key))
        for name, sample in results.summary["samples"].items()
        for key in _SAMPLE
        if sample.get(key) is not None
    ]
