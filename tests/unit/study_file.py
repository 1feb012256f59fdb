"""A study file as text, and what is said of it once something in it was replaced."""

import pytest

from boxloop.study.load import StudyError, load_study

STUDY = """\
schema: 2
task: classification
question: {what: what is it, why: to know}
samples:
  train: {source: catalogue, provenance: real}
columns:
  features:
    g_mag: {unit: mag}
    r_mag:
  target: kind
metric: accuracy
models:
  - {name: dummy}
  - {name: forest, space: {min_samples_leaf: [1, 5]}}
report: {title: A title, authors: [A. Author]}
"""


def faults(tmp_path, text: str) -> list[str]:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(path)
    return [f.removeprefix(f"{tmp_path}/study.yaml:") for f in caught.value.faults]


def replaced(*changes: tuple[str, str]) -> str:
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text
