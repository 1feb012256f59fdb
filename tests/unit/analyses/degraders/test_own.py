"""Degraders of the study's own: called with what they need, and held to their word."""

from pathlib import Path

import numpy as np
import pytest
from degraded import (
    DERIVED,
    Brightness,
    Weights,
    bands,
    degrade,
    fitted,
    of,
    simple_and_good,
    stamps,
    values,
)

from boxloop.errors import BoxloopError


def test_the_target_is_not_shown_to_a_degrader_of_the_study(tmp_path: Path) -> None:
    table = bands(60)
    code = write(tmp_path, "assert 'z' not in table.frame\n    return table")
    entry = {"name": "own", "function": "own:worse", "strengths": [1.0], "parameters": {}}
    degrade(simple_and_good(table), table, derived=DERIVED, degraders=[entry], user_code=code)


def write(folder: Path, body: str) -> list[str]:
    path = folder / "own.py"
    path.write_text(
        "from dataclasses import replace\nimport numpy as np\n"
        f"def worse(table, strength, *, rng, by=1.0):\n    {body}\n"
    )
    return [str(path)]


def test_a_degrader_of_the_study_is_called_and_its_derived_columns_follow(tmp_path: Path) -> None:
    table = bands(200)
    code = write(
        tmp_path,
        "frame = table.frame.assign(g_mag=table.frame['g_mag'] + by * strength)\n"
        "    return replace(table, frame=frame)",
    )
    entry = {
        "name": "own",
        "function": "own:worse",
        "strengths": [0, 1, 2],
        "parameters": {"by": 3},
    }
    models = [fitted("law", Weights([1.0]), table, ["g_r"])]
    found = degrade(models, table, derived=DERIVED, degraders=[entry], user_code=code)
    seen = table.frame["g_r"].notna().to_numpy()
    residual = np.nan_to_num(table.column("g_r")) - table.column("z")
    for strength, rmse in zip([0, 1, 2], values(found, "own", "law"), strict=True):
        expected = np.sqrt(((residual + 3 * strength * seen) ** 2).mean())
        assert rmse == pytest.approx(expected, rel=1e-5)
    assert of(found, "own")["function"] == "own:worse"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return table.frame", "expected a boxloop.store.Table"),
        ("return table.take(np.arange(3))", "same 60 objects"),
        ("return table.take(np.arange(len(table))[::-1])", "same 60 objects"),
        ("return replace(table, frame=table.frame.drop(columns='size'))", "size"),
        ("return replace(table, frame=table.frame.assign(size=np.inf))", "infinite"),
        ("return replace(table, frame=table.frame.assign(size=1.0))", "unchanged at strength 0"),
    ],
)
def test_a_degrader_that_breaks_its_word_is_refused(tmp_path: Path, body: str, words: str) -> None:
    table, code = bands(60), write(tmp_path, body)
    entry = {"name": "own", "function": "own:worse", "strengths": [1.0], "parameters": {}}
    with pytest.raises(BoxloopError, match=words) as caught:
        degrade(simple_and_good(table), table, degraders=[entry], user_code=code)
    assert "degraders.own.function" in str(caught.value)


def test_what_a_degrader_changes_in_place_is_not_changed_for_the_others(tmp_path: Path) -> None:
    table = stamps(30)
    code = write(tmp_path, "table.arrays['image'][:] *= 1 - strength\n    return table")
    entry = {"name": "own", "function": "own:worse", "strengths": [0.5], "parameters": {}}
    models = [fitted("peak", Brightness(), table, kind="peak")]
    entries = [entry, {"name": "blur", "strengths": [1]}]
    found = degrade(models, table, target="light", degraders=entries, user_code=code)
    alone = degrade(models, table, target="light", degraders=entries[1:])
    assert of(found, "blur")["scores"] == of(alone, "blur")["scores"]
    assert values(found, "own", "peak")[1] > 10 * values(found, "own", "peak")[0]
