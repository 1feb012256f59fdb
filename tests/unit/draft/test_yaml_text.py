"""The text of a draft reads back as what was drafted, whatever stands in the files."""

from hypothesis import given
from hypothesis import strategies as st

from boxloop.draft.yaml_text import study_text
from boxloop.study.yaml_lines import read_yaml

SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
    st.sampled_from(["null", "no", "1e5", "0x1", "[Fe/H]", "M*", "a: b", "x #y", "$(x)", "%", "@"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=9), part, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1, max_size=9), VALUES, max_size=5), VALUES, st.text())
def test_any_content_reads_back_equal(tmp_path_factory, features, other, note):
    content = {"columns": {"features": features, "other": other}, "models": [features, other]}
    notes = {("columns",): note, ("models", 0): note, ("columns", "features"): note * 9}
    path = tmp_path_factory.mktemp("text") / "a.yaml"
    path.write_text(study_text(content, notes, head=[note]), encoding="utf-8")
    assert read_yaml(path)[0] == content


def test_what_is_left_out_is_a_comment_that_can_be_taken_in():
    text = study_text(
        {"columns": {"features": {"a": {}}}}, {}, left_out={"b": ({"unit": "mag"}, "a leak")}
    )
    assert "    # b: {unit: mag}  # a leak" in text.splitlines()


def test_notes_stand_behind_the_line_or_above_it_and_never_beyond_the_width():
    text = study_text({"a": 1, "b": 2}, {("a",): "short", ("b",): "long words " * 30})
    assert text.splitlines()[0] == "a: 1  # short"
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.splitlines()[-1] == "b: 2"
