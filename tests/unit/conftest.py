"""Make the helpers beside the unit tests importable; hypothesis and Keras as tests want them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

for folder in (UNIT := Path(__file__).parent, *sorted(UNIT.glob("*/"))):
    sys.path.insert(0, str(folder))

# A busy machine is no fault of the code: no example has a deadline.
settings.register_profile(
    "boxloop", deadline=None, max_examples=int(os.environ.get("BOXLOOP_EXAMPLES", "50"))
)
settings.load_profile("boxloop")


@pytest.fixture(
    params=[
        pytest.param(4, id="four seeds"),
        pytest.param(20, id="twenty seeds", marks=pytest.mark.long),
    ]
)
def seeds(request):
    """Seeds of data in which nothing is to be found: few, and among the long tests many."""
    return range(request.param)


@pytest.fixture(scope="session")
def keras():
    """Keras, ready."""
    from boxloop.fitting.backend import prepare_backend

    prepare_backend()
    import keras

    return keras


@pytest.fixture
def float64(keras):
    """Keras in double precision."""
    before = keras.config.dtype_policy()
    keras.backend.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # another test may have fixed it
    yield keras
    keras.backend.set_floatx("float32")
    keras.config.set_dtype_policy(before)


SAID = """\
schema: 2
task: classification
question: {what: what is it, why: to know}
samples:
  train: SAMPLE
columns:
  features: {g_mag: , r_mag: }
  target: kind
metric: accuracy
models:
  - {name: dummy}
  - {name: forest, space: {min_samples_leaf: [1, 5]}}
report: {title: A title, authors: [A. Author]}
"""


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What check says of a study of some sample; a path is that of the file given."""
    from boxloop.cli.check import check_study

    monkeypatch.delenv("BOXLOOP_MIRROR", raising=False)
    (tmp_path / "config/studies").mkdir(parents=True)
    (tmp_path / "config/sources.yaml").write_text(
        "sources:\n  stars:\n    survey: S\n    licence: L\n    cite: [known2020]\n"
        "    base_url: https://example.org/\n"
        f"    files: [{{path: a.csv, bytes: 3000000, sha256: '{'0' * 64}', url_path: a.csv}}]\n"
    )
    (tmp_path / "config/references.bib").write_text("@article{known2020,\n title={T}}\n")
    (tmp_path / "mine.py").touch()

    def run(sample: str, *changes: tuple[str, str], cores: int = 2) -> str:
        text = SAID.replace("SAMPLE", sample)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        names = list((tmp_path / "config/studies").iterdir())
        path = tmp_path / f"config/studies/s{len(names)}.yaml"
        path.write_text(text)
        return check_study(path, cores)

    return run
