import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxloop.numbers.latex import escape
from boxloop.numbers.macros import macro_name
from boxloop.numbers.rounding import decimals, duration, written


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.020312, 0.0199, 0.0207, "0.02031"),
        (0.5, 0.3, 0.7, "0.50"),
        (1234.5, 1100.0, 1400.0, "1,230"),
        (-0.01234, -0.02, -0.005, "−0.0123"),
        (2.34e-7, 2.2e-7, 2.5e-7, "2.34×10⁻⁷"),
        (0.0, 0.0, 0.0, "0"),
        (1e-9, -0.5, 0.5, "0.00"),
        (9.996e6, 9.9e6, 1.1e7, "1.00×10⁷"),
        (12, None, None, "12"),
        (30763, None, None, "30,763"),
        (0.2, None, None, "0.2"),
        (0.123456, None, None, "0.123"),
        (None, None, None, "–"),
        ([64, 32], None, None, "64, 32"),
    ],
)
def test_numbers_are_rounded_to_two_digits_of_their_interval(
    value: float, low: float | None, high: float | None, text: str
) -> None:
    assert written(value, decimals(low, high)) == text


@given(st.floats(-1e5, 1e5), st.floats(1e-6, 1e4))
def test_rounding_moves_a_value_by_less_than_a_tenth_of_its_half_interval(
    value: float, half: float
) -> None:
    low, high = value - half, value + half
    text = written(value, decimals(low, high)).replace(",", "").replace("−", "-")
    mantissa, _, power = text.partition("×10")
    plain = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    back = float(mantissa) * 10.0 ** int(plain or 0)
    assert abs(back - value) <= 0.0501 * (high - low) + 1e-9


def test_a_duration_is_said_in_its_largest_unit() -> None:
    assert [duration(s) for s in (3.21, 90, 7200)] == ["3.2 s", "1.5 min", "2.0 h"]


@pytest.mark.parametrize(
    ("words", "macro"),
    [
        ("forest test nmad", r"\boxForestTestNmad"),
        ("dense2 cv r2", r"\boxDenseTwoCvRTwo"),
        ("scikit-learn", r"\boxScikitLearn"),
    ],
)
def test_macro_names_are_words_and_spelt_digits(words: str, macro: str) -> None:
    assert macro_name(words) == macro


@given(st.text(max_size=40))
def test_escaped_text_has_no_character_that_latex_would_act_on(text: str) -> None:
    found = escape(text)
    without = re.sub(r"\\(?:[a-zA-Z]+|[{}$&#%_,'])", "", found)
    assert not set("$&#%_") & set(without)
    assert without.count("{") == without.count("}")


def test_characters_without_a_font_become_plain_ones() -> None:
    assert escape("Ω ⊙ ② 漢") == r"\ensuremath{\Omega} \ensuremath{\odot} 2 ?"
