"""The user's own modules: they import each other, and lie in any folder."""

import importlib
import json
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path

import pytest
from repository import REPOSITORY, TOYS

from boxloop.errors import BoxloopError
from boxloop.study import code
from boxloop.study.code import accepted, code_hash, user_function
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_modality import KnownModality
from boxloop.study.load import load_study
from boxloop.study.modules import load_modules
from boxloop.study.references import CALLS, function_references, source_of, sources_of
from boxloop.study.rule_code import rule_code
from boxloop.study.syntax import read_syntax


def module(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    return path


def test_own_modules_import_each_other(tmp_path: Path) -> None:
    files = [
        module(tmp_path, "own2", "import helper_of_mine\ndef f(): return helper_of_mine.TWO\n"),
        module(tmp_path, "lazy", "def f():\n    from helper_of_mine import TWO\n    return TWO\n"),
        module(tmp_path, "helper_of_mine", "class Thing: pass\nTWO = 2\n"),
    ]
    assert user_function("own2:f", files)() == 2
    assert user_function("lazy:f", files)() == 2
    thing = user_function("helper_of_mine:Thing", files)
    assert user_function("own2:f", files).__globals__["helper_of_mine"].Thing is thing
    assert thing.__module__ == "boxloop_user_helper_of_mine"
    load_modules([])
    assert "helper_of_mine" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("helper_of_mine")


def test_an_own_module_does_not_hide_an_installed_one(tmp_path: Path) -> None:
    files = [
        module(tmp_path, "json", "def dumps(): return 'mine'\n"),
        module(tmp_path, "other", "import json\ndef f(): return json.dumps([1])\n"),
    ]
    assert user_function("json:dumps", files)() == "mine"
    assert user_function("other:f", files)() == "[1]"
    assert sys.modules["json"] is json


def test_a_file_beside_that_is_not_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(tmp_path, "not_listed", "x = 1\n")
    own = module(tmp_path, "own3", "import not_listed\ndef f(): return not_listed.x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BoxloopError, match=r"not_listed lies in .* but not under 'code:'; list it"):
        user_function("own3:f", [own])
    with pytest.raises(BoxloopError, match="list it"):
        load_modules([own])


def test_another_file_of_the_same_name_is_not_taken_for_the_first(tmp_path: Path) -> None:
    here = module(tmp_path / "here", "same", "def f(): return 'here'\n")
    there = module(tmp_path / "there", "same", "def f(): return 'there'\n")
    first = user_function("same:f", [here])
    assert user_function("same:f", [here]) is first
    assert user_function("same:f", [there])() == "there"
    assert first() == "here"
    there.write_text("def f(): return 'edited'\n")
    assert user_function("same:f", [there])() == "edited"
    with pytest.raises(BoxloopError, match="lists two modules 'same'"):
        user_function("same:f", [here, there])


def test_a_key_of_training_is_passed_to_a_function_that_names_it() -> None:
    def named(input_shape, output_shape, *, learning_rate, depth=1):
        pass

    def any_(input_shape, output_shape, **hyperparameters):
        pass

    values = {"learning_rate": 0.1, "epochs": 3, "depth": 2}
    assert accepted(named, values) == {"learning_rate": 0.1, "depth": 2}
    assert accepted(any_, values) == {"depth": 2}


def test_functions_of_a_study_are_found_by_use() -> None:
    study = load_study(TOYS / "toy_images.yaml").study
    assert function_references(study) == {
        "simulator": ["toy_images:sources"],
        "reader": [],
        "derived": [],
        "model": ["toy_images:convolutional"],
        "degrader": [],
        "plausible": [],
        "modality": [],
    }


def test_a_rule_rests_on_the_functions_it_calls_that_are_not_the_studys_own() -> None:
    study = load_study(TOYS / "toy_images.yaml").study
    assert sources_of(study, CALLS["simulate"]) == []
    assert {Path(s).name for s in sources_of(study, CALLS["chunk"])} == {"estimators.py"}
    simulator = "boxloop.simulate.photoz:galaxies"
    sample = study.samples["train"].model_copy(update={"simulator": simulator})
    model = study.models[1].model_copy(update={"function": "sklearn.svm:SVC"})
    changes = {"code": [], "samples": {"train": sample}, "models": [model]}
    elsewhere = study.model_copy(update=changes)
    for rule in ("simulate", "assemble", "target"):
        assert sources_of(elsewhere, CALLS[rule]) == [source_of(simulator)]
    for rule in ("chunk", "fit", "predict", "apply"):
        assert sources_of(elsewhere, CALLS[rule]) == [source_of("sklearn.svm:SVC")]
    assert "split" not in CALLS


def test_what_a_function_rests_on_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = module(tmp_path / "some_package", "__init__", "1 / 0\n").parent
    deep = module(package, "deep", "1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert source_of("some_package.deep:f") == deep
    assert source_of("some_package.none:f") is None
    assert source_of("nowhere_to_be_found:f") is None
    assert source_of("sklearn.svm:SVC") == f"sklearn scikit_learn-{version('scikit-learn')}"
    assert source_of("numpy.linalg:norm") == f"numpy numpy-{version('numpy')}"
    assert source_of("threadpoolctl:f") == f"threadpoolctl threadpoolctl-{version('threadpoolctl')}"
    assert str(source_of("json:loads")).startswith("python ")
    assert Path(str(source_of("boxloop.simulate.photoz:galaxies"))).name == "photoz.py"


def test_a_named_function_and_what_it_imports_change_the_hash(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    module(package, "__init__", "")
    module(package / "deep", "__init__", "")
    beside = module(package / "deep", "beside", "x = 1\n")
    named = module(package / "deep", "named", "from .beside import x\n")
    script = module(tmp_path, "script", "x = 1\n")

    def hashed(*sources: Path | str) -> str:
        read_syntax.cache_clear()
        return code_hash([script], package, sources)

    found = [hashed(), hashed(named), hashed(named, "other 1.0"), hashed(named, "other 1.1")]
    beside.write_text("x = 2\n")
    found.append(hashed(named))
    named.write_text("from .beside import x\ny = 1\n")
    found.append(hashed(named))
    assert len(set(found)) == len(found)
    beside.write_text("# a comment\nx = 2\n")
    assert hashed(named) == found[-1]


def test_the_reader_that_a_source_names_counts_where_files_are_read(tmp_path: Path) -> None:
    study = load_study(TOYS / "toy_images.yaml").study
    sample = study.samples["train"].model_copy(update={"simulator": None, "source": "survey"})
    elsewhere = study.model_copy(update={"samples": {"train": sample}})
    readers = {"survey": "sklearn.datasets:load_svmlight_file", "other": "json:loads"}
    for rule in ("assemble", "target"):
        found = sources_of(elsewhere, CALLS[rule], readers=readers)
        assert found == [source_of("sklearn.datasets:load_svmlight_file")]
    assert "reader" not in CALLS["chunk"]


def test_the_packages_above_a_module_found_by_its_name_count(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    above = module(package, "__init__", "")
    module(package / "deep", "__init__", "")
    named = module(package / "deep", "named", "x = 1\n")
    script = module(tmp_path, "script", "x = 1\n")
    found = set()
    for text in ("", "SCALE = 2\n"):
        above.write_text(text)
        read_syntax.cache_clear()
        found.add(code_hash([script], package, [named]))
    assert len(found) == 2


def test_the_class_of_a_modality_counts_only_where_a_study_uses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hashed() -> list[str]:
        table, images = (load_study(TOYS / f"toy_{n}.yaml") for n in ("table", "images"))
        scripts = [REPOSITORY / f"workflow/scripts/{n}.py" for n in ("chunk", "assemble", "fetch")]
        return [rule_code(script, file) for file in (table, images) for script in scripts]

    def edited(path: Path, name: str, memory: Path | None) -> tuple[str, tuple[str, ...]]:
        digest, imports = read_syntax(path, name, memory)
        return (f"{digest} edited" if path.match("modalities/image/*.py") else digest), imports

    before = hashed()
    new = KnownModality("boxloop.modalities.image.modality:Image")
    monkeypatch.setitem(MODALITIES, "cube", new)
    assert hashed() == before
    monkeypatch.setattr(code, "read_syntax", edited)
    assert [a == b for a, b in zip(hashed(), before, strict=True)] == [
        *(True, True, True),  # nothing of a study of a table
        *(False, False, True),  # what reads images and learns from them
    ]


def test_sources_are_read_only_where_a_sample_names_one() -> None:
    def sources() -> dict:
        raise AssertionError("no sample of the toy names a source")

    script = REPOSITORY / "workflow/scripts/assemble.py"
    file = load_study(TOYS / "toy_images.yaml")
    assert rule_code(script, file, sources=sources) == rule_code(script, file)
    real = load_study(REPOSITORY / "config/studies/photoz.yaml")
    entries = {"sdss_boss_photoz": {"reader": "sklearn.datasets:load_svmlight_file"}}
    with_reader = rule_code(script, real, sources=lambda: entries)
    assert with_reader != rule_code(script, real, sources=lambda: {"sdss_boss_photoz": {}})
