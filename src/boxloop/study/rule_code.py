"""The hash of the code that a rule rests on: its script, what that imports or calls, and tables."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from boxloop.study.code import PACKAGE, code_hash
from boxloop.study.load import StudyFile
from boxloop.study.references import CALLS, loaded_by, sources_of, table_lines


def rule_code(
    script: Path,
    file: StudyFile | None = None,
    *,
    further: Sequence[Path] = (),
    calls: Sequence[str] | None = None,
    model: str | None = None,
    memory: Path | None = None,
    sources: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
) -> str:
    """Return the hash of the code of a rule.

    Parameters
    ----------
    script : Path
        Its name is that of the rule.
    file : StudyFile, optional
        The study, whose own modules count for every rule.
    further : sequence of Path
        Modules that the script finds by their names.
    calls : sequence of str, optional
        Uses of functions that the rule calls; by default those of `CALLS`.
    model : str, optional
        The one of the study's models that the rule is about.
    memory : Path, optional
        A folder that keeps what files of Python gave (`boxloop.study.syntax.read_syntax`).
    sources : callable, optional
        Gives the entries of config/sources.yaml, whose readers count; called where a sample names
        one.

    Raises
    ------
    BoxloopError
        A file is not valid Python.
    """
    if file is None:
        return code_hash([script], PACKAGE, further, memory)
    uses = CALLS.get(script.stem, ()) if calls is None else calls
    named = any(sample.source for sample in file.study.samples.values())
    entries = sources() if sources and named else {}
    readers = {name: entry.get("reader") for name, entry in entries.items()}
    rests_on = [*sources_of(file.study, uses, model, readers), *further]
    lines = table_lines(file.study, script.stem, uses, model)
    classes = loaded_by(file.study)
    return code_hash([script, *file.code_files()], PACKAGE, rests_on, memory, lines, classes)
