"""Write the pages that are made from the code, or say which of them have drifted."""

from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.results import document
from boxloop.study.document import schema_text, study_page


def pages() -> dict[str, str]:
    """Return the text of every generated file by its path in the project."""
    return {
        "workflow/schemas/study.schema.json": schema_text(),
        "workflow/schemas/results.schema.json": document.schema_text(),
        "docs/study.md": study_page(),
        "docs/outputs.md": document.outputs_page(),
    }


def write(root: Path) -> list[Path]:
    """Write all generated files under the project's folder; return their paths."""
    if not (root / "workflow").is_dir():
        raise BoxloopError(f"{root.resolve()}: not the folder of a project: no workflow/ in it")
    written = []
    for name, text in pages().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def drifted(root: Path) -> list[Path]:
    """Return the generated files that are missing or differ from what the code says."""
    return [
        root / name
        for name, text in pages().items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]
