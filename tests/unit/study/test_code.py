"""The hash of a rule's code: what changes it, and what must not."""

import re
import shutil
import textwrap

import pytest

from boxloop.errors import BoxloopError
from boxloop.study.code import PACKAGE, code_hash, user_function
from boxloop.study.syntax import read_syntax

FILES = {
    "pack/__init__.py": "",
    "pack/near.py": (
        '"""A module."""\nfrom pack.deep.far import distance\n\ndef near(): return distance\n'
    ),
    "pack/deep/__init__.py": "SCALE = 1\n",
    "pack/deep/far.py": "from .beside import step\nfrom . import other\ndef distance(): return 1\n",
    "pack/deep/other.py": "x = 1\n",
    "pack/deep/beside.py": "from ..root import origin\ndef step(): return 2\n",
    "pack/root.py": "def origin(): return 0\n",
    "pack/unused.py": "def unused(): return 9\n",
    "script.py": "from pack import near\nprint(near.near())\n",
}


@pytest.fixture
def package(tmp_path):
    """A small package and a script; a function that hashes the script."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def hashed() -> str:
        read_syntax.cache_clear()
        return code_hash([tmp_path / "script.py"], tmp_path / "pack")

    return tmp_path, hashed


def rewrite(package, name: str, text: str) -> tuple[str, str]:
    folder, hashed = package
    before = hashed()
    (folder / name).write_text(text)
    return before, hashed()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.py", "# a comment\nfrom pack import near\n\n\nprint(near.near())  # said\n"),
        ("script.py", '"""What it does."""\nfrom pack import near\nprint(\n    near.near()\n)\n'),
        ("pack/root.py", 'def origin():\n    """Zero."""\n    return 0\n'),
        ("pack/root.py", "def origin(): return 0x0\n"),
        ("pack/near.py", "from pack.deep.far import distance\ndef near(): return distance\n"),
        ("pack/unused.py", "def unused(): return 10\n"),
    ],
)
def test_comments_docstrings_layout_and_modules_not_imported_change_nothing(package, name, text):
    before, after = rewrite(package, name, text)
    assert before == after


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.py", "from pack import near\nprint(near.near(), 1)\n"),
        ("pack/near.py", "from pack.deep.far import distance\ndef near(): return 3\n"),
        ("pack/deep/far.py", "from .beside import step\ndef distance(): return 2\n"),
        ("pack/deep/beside.py", "from ..root import origin\ndef step(): return 3\n"),
        ("pack/root.py", "def origin(): return 1\n"),
        ("pack/deep/other.py", "x = 2\n"),
        ("pack/deep/__init__.py", "SCALE = 2\n"),
        ("pack/__init__.py", "VERSION = 1\n"),
    ],
)
def test_code_imported_directly_or_not_changes_it(package, name, text):
    before, after = rewrite(package, name, text)
    assert before != after


def test_what_is_imported_for_type_checkers_counts_for_nothing(package):
    folder, hashed = package
    text = (folder / "pack/near.py").read_text()
    typed = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.unused import unused\n"
    )
    (folder / "pack/near.py").write_text(typed + text)
    before = hashed()
    (folder / "pack/unused.py").write_text("def unused(): return 11\n")
    assert hashed() == before


def test_a_text_that_is_not_a_docstring_counts(package):
    before, after = rewrite(package, "pack/root.py", "def origin(): return 'zero'\n")
    assert before != after
    folder, hashed = package
    (folder / "pack/root.py").write_text("def origin(): return 'nought'\n")
    assert hashed() != after


def test_two_files_of_one_name_both_count(tmp_path):
    for folder, text in (("a", "x = 1"), ("b", "x = 2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(text)
    first, second = tmp_path / "a" / "same.py", tmp_path / "b" / "same.py"
    assert code_hash([first, second]) not in (code_hash([first]), code_hash([second]))
    assert code_hash([first, second]) == code_hash([second, first])


def test_the_hash_does_not_depend_on_where_the_files_lie(tmp_path):
    found = set()
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text("from boxloop.errors import listed\n")
        found.add(code_hash([tmp_path / folder / "mine.py"]))
    assert len(found) == 1


def test_what_is_remembered_of_a_file_is_what_is_read_from_it(package, tmp_path):
    folder, _ = package
    path, memory = folder / "script.py", tmp_path / "memory"

    def hashed(memory):
        read_syntax.cache_clear()
        return code_hash([path], folder / "pack", (), memory)

    first = hashed(memory)
    assert first == hashed(memory) == hashed(None)
    (folder / "pack/deep/beside.py").write_text("from ..root import origin\ndef step(): return 3\n")
    assert first != hashed(memory) == hashed(None)
    for kept in memory.iterdir():
        kept.write_text("something else\nthat is wrong")
    assert hashed(memory) == hashed(None)
    for kept in memory.iterdir():
        kept.write_bytes(b"\xff")
    assert hashed(memory) == hashed(None)
    for kept in memory.iterdir():  # as a disk that was full would leave it
        kept.write_text("\n".join(kept.read_text(encoding="utf-8").splitlines()[:2]))
    assert hashed(memory) == hashed(None)
    for kept in list(memory.iterdir()):
        kept.unlink()
        kept.mkdir()
    assert hashed(memory) == hashed(None)
    assert all(kept.is_dir() for kept in memory.iterdir())


def test_where_nothing_can_be_remembered_the_file_is_read(package, tmp_path):
    folder, hashed = package
    (tmp_path / "a_file").write_text("")
    expected = hashed()
    read_syntax.cache_clear()
    memory = tmp_path / "a_file" / "memory"
    assert code_hash([folder / "script.py"], folder / "pack", (), memory) == expected


def test_a_faulty_module_is_named_with_its_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("x = 1\ndef f(:\n")
    with pytest.raises(BoxloopError, match=re.escape(f"{path}:2: not valid Python")):
        code_hash([path])


def module(tmp_path, text: str, name: str = "mine"):
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    return path


def test_a_users_function_is_found_and_its_module_wins_over_an_installed_one(tmp_path):
    path = module(tmp_path, "def dumps(): return 'mine'\n", name="json")
    assert user_function("json:dumps", [path])() == "mine"
    assert user_function("json:dumps", [])([1]) == "[1]"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("mine:modle", r"mine has no function 'modle'; did you mean 'model'\?"),
        ("mien:model", r"cannot be imported.*\(mine, broken, typo\).*; did you mean 'mine'\?"),
        ("broken:model", "importing it failed: ZeroDivisionError"),
        ("typo:model", "importing it failed: SyntaxError"),
    ],
)
def test_a_function_that_is_not_there_is_answered_with_the_nearest(tmp_path, reference, expected):
    files = [
        module(tmp_path, "def model(): pass\n"),
        module(tmp_path, "1 / 0\n", "broken"),
        module(tmp_path, "def f(:\n", "typo"),
    ]
    with pytest.raises(BoxloopError, match=expected):
        user_function(reference, files)


@pytest.mark.parametrize(
    ("script", "module", "counts"),
    [
        ("assemble", "data/fetch.py", False),
        ("target", "data/fetch.py", False),
        ("simulate", "data/fetch.py", False),
        ("simulate", "data/assemble.py", False),
        ("fetch", "data/assemble.py", False),
        ("assemble", "data/read.py", True),
        ("target", "data/columns.py", True),
        ("recipes", "models/estimators.py", False),
        ("folds", "models/__init__.py", False),
        ("folds", "sampling/__init__.py", True),
    ],
)
def test_a_rule_rests_on_the_modules_it_uses_and_no_others(tmp_path, script, module, counts):
    package = tmp_path / "boxloop"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    path = PACKAGE.parents[1] / "workflow" / "scripts" / f"{script}.py"
    before = code_hash([path], package)
    (package / module).write_text((package / module).read_text() + "\nADDED = 1\n")
    read_syntax.cache_clear()
    assert (code_hash([path], package) != before) == counts
