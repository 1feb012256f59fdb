"""What the records say is what stands in the files; page and schema say all of it."""

import json

import pytest
from records import BY_PATH, checked, faults_of_files, pattern
from report_fixture import make_results

from boxloop.results.document import content_of, keys_of, outputs_page, records_in, schema_text
from boxloop.results.registry import FILES

RECORDS = records_in([content_of(file) for file in FILES])


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_made_up_studies_have_no_key_that_no_record_has(tmp_path, task):
    make_results(tmp_path, task=task)
    assert faults_of_files(tmp_path, whole=False) == []


def test_a_key_that_no_record_has_and_one_that_is_missing_are_both_told():
    with pytest.raises(AssertionError) as told:
        checked({"splitt": "cv"}, "evaluate/groups.json")
    assert "splitt: Extra inputs" in str(told.value)
    assert "margin: Field required" in str(told.value)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_and_every_key_is_described(record):
    assert record.__doc__
    described = keys_of(record)
    assert set(described) == {*record.__required_keys__, *record.__optional_keys__}
    assert all(text.endswith(".") and "\n" not in text for _, text in described.values())


def test_names_of_records_are_unique():
    names = [record.__name__ for record in RECORDS]
    assert len(names) == len(set(names))


def test_page_and_schema_have_all_files_and_keys():
    page, schema = outputs_page(), json.loads(schema_text())
    assert set(schema["properties"]) == set(BY_PATH)
    for file in FILES:
        assert f"### {file.path.partition('/')[2]}" in page
    for record in RECORDS:
        told = schema["$defs"][record.__name__]["properties"]
        assert all(told[key]["description"] for key in keys_of(record))
        assert all(f"`{key}" in page for key in keys_of(record))


def test_a_path_of_the_registry_stands_for_its_files():
    assert pattern("search/outer/<n>.json") == r"search/outer/[^/]+\.json"
