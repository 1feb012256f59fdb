"""Whether contents are what the records of `boxloop.results` say: no key more, and none less."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from boxloop.results.document import adapter, content_of
from boxloop.results.registry import FILES, File
from boxloop.store import plain

BY_PATH = {file.path: file for file in FILES}


def checked(content: Any, path: str) -> Any:
    """Return a content as it is; fail with all that its record does not allow."""
    faults = list(faults_of(json.loads(json.dumps(plain(content))), BY_PATH[path]))
    assert not faults, "\n".join(faults)
    return content


def faults_of_files(folder: Path, *, whole: bool = True) -> list[str]:
    """Return what records do not allow in the files of a study's results, each fault once.

    Where the files are not `whole` keys may be missing.
    """
    found = [
        f"{file.path}: {fault}"
        for path in sorted(folder.rglob("*.json"))
        for file in FILES
        if re.fullmatch(pattern(file.path), path.relative_to(folder).as_posix())
        for fault in faults_of(json.loads(path.read_text(encoding="utf-8")), file, whole=whole)
    ]
    assert list(folder.rglob("*.json")), f"{folder}: no results"
    return list(dict.fromkeys(found))


def pattern(path: str) -> str:
    """Return the regular expression of the files that a line of the registry stands for."""
    return re.sub("<[^>]*>", "[^/]+", path.replace(".", r"\."))


def faults_of(content: Any, file: File, *, whole: bool = True) -> Iterator[str]:
    """Yield where a content is not what its record says."""
    try:
        _adapter(file).validate_python([content], strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            if whole or fault["type"] != "missing":
                at = ".".join("[]" if isinstance(p, int) else str(p) for p in fault["loc"][1:])
                yield f"{at}: {fault['msg']}, found {str(fault['input'])[:80]}"


@cache
def _adapter(file: File) -> TypeAdapter[Any]:
    return adapter(content_of(file))
