"""What a study says about its columns is held together before any data are read."""

import pytest

from boxloop.study.load import StudyError, load_study

STUDY = """\
schema: 2
task: regression
question: {what: how far is it, why: to know}
samples: {train: {source: catalogue, provenance: real}}
columns:
  sky: {ra: ra, dec: dec, match: 1 arcsec}
  features:
    g_mag: {unit: mag, error: g_err}
    r_mag: {unit: mag}
  target: {name: z, error: [z_low, z_high]}
split: {group: plate}
metric: rmse
models:
  - {name: dummy}
  - {name: forest, features: [g_mag]}
report: {title: A title, authors: [A. Author]}
"""


def load(tmp_path, *changes: tuple[str, str]):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "study.yaml"
    path.write_text(text)
    return load_study(path).study


def faults(tmp_path, *changes: tuple[str, str]) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load(tmp_path, *changes)
    return [f.removeprefix(f"{tmp_path}/study.yaml:") for f in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("r_mag: {unit: mag}", "r_mag: {unit: magg}", "9: columns.features.r_mag.unit: expected a"),
        ("{name: z,", "{name: z, unit: arcsek,", "10: columns.target.unit: expected a unit as as"),
        (
            "1 arcsec",
            "1 arcsek",
            "6: columns.sky.match: expected an angle above 0 and up to 90 deg, for",
        ),
        ("[g_mag]", "[g_mga]", "15: models.1.features.0: expected one of the features g_mag, r_ma"),
        ("[g_mag]", "[]", "15: models.1.features: expected at least one of g_mag, r_mag, or leave"),
        ("[g_mag]", "[g_mag, g_mag]", "15: models.1.features.1: 'g_mag' stands twice; keep one"),
        ("split:", "  excluded: {g_err: bad}\nsplit:", "11: columns.excluded.g_err: the column is"),
        ("split:", "  excluded: {z_high: bad}\nsplit:", "11: columns.excluded.z_high: the column"),
        ("split:", "  excluded: {plate: bad}\nsplit:", "11: columns.excluded.plate: the column is"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_was_expected(tmp_path, old, new, expected):
    found = faults(tmp_path, (old, new))
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_features_of_a_model_that_does_not_look_at_the_table_are_a_fault(tmp_path):
    change = ("name: forest, ", 'name: own, function: "own:net", inputs: [image], ')
    said = "15: models.1.features: features stand in the table, and inputs is image"
    assert any(fault.startswith(said) for fault in faults(tmp_path, change))


def test_a_class_has_no_error(tmp_path):
    found = faults(tmp_path, ("regression", "classification"), ("rmse", "accuracy"))
    assert found == [
        "10: columns.target.error: a class has no standard error; leave it out, or take "
        "task: regression"
    ]


def test_a_model_may_name_derived_columns_that_are_known_only_later(tmp_path):
    derived = "  derived: {c: {function: colours, bands: [g_mag, r_mag]}}\nsplit:"
    study = load(tmp_path, ("split:", derived), ("[g_mag]", "[c, g_r]"))
    assert study.models[1].features == ["c", "g_r"]


def test_a_feature_that_could_not_be_read_is_not_missed_by_a_model(tmp_path):
    assert len(faults(tmp_path, ("g_mag: {unit: mag, error: g_err}", "g_mag: mag"))) == 1


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        ((), ["plate", "sky_object"]),
        ((("match: 1 arcsec", "match: null"),), ["plate"]),
        ((("split: {group: plate}", "split: {}"),), ["sky_object"]),
        ((("split: {group: plate}", "split: {}"), (", match: 1 arcsec", "")), []),
    ],
)
def test_the_independent_unit_is_the_group_joined_with_the_object_on_the_sky(
    tmp_path, changes, together
):
    study = load(tmp_path, *changes)
    assert study.together == together
    assert study.group_column == (together[-1] if together else None)
