"""Published predictions beside labels: MCRGNet's types of radio galaxies (Ma et al. 2019)."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from samples import columns, raw, read

from boxloop.data.assemble import assemble
from boxloop.fitting.external import ExternalModel
from boxloop.fitting.targets import judged
from boxloop.metrics import Resamples, scores
from boxloop.study.splitting import Split

MIRROR = os.environ.get("BOXLOOP_MIRROR", "")
pytestmark = [
    pytest.mark.mirror,
    pytest.mark.skipif(not MIRROR, reason="BOXLOOP_MIRROR is not set"),
]


def scored(table: str, target: str, **given: Any) -> tuple[dict, list[tuple[str, str]]]:
    """Scores by boxloop, and pairs of label and prediction cut out of the lines of the file."""
    path = Path(MIRROR) / "radio_agn_catalogue" / table
    about = {"task": "classification", "column": "Type-CNN", "probabilities": {}, "sigma": None}
    about |= {"labels": {}, "missing": [], "trained_on": None, **given}
    named = {"name": "kind", "from": target}
    made = assemble(
        [raw(read(path))],
        columns={
            **columns(id="Name", features={"flux": {"from": "S1.4"}}, target=named),
            "given": {"mcrgnet": about},
        },
        split=Split.model_validate({"folds": 2, "test": 0.1}).model_dump(mode="json"),
        task="classification",
        seed=0,
    )
    table_of = made.table.frame.set_index("id")
    truth = table_of["kind"].where(table_of["kind"].notna(), made.sealed.set_index("id")["kind"])
    classes = tuple(sorted(set(truth)))
    predicted = ExternalModel("mcrgnet", classes).predict(made.table)
    pair = judged(predicted, np.searchsorted(classes, truth.to_numpy(str)), classes)
    found, _ = scores({"": pair}, Resamples(np.arange(len(truth)), 0, "x"), "classification")
    return found[""], [(t, p) for t, p in zip(truth, predicted["prediction"], strict=True)]


def test_the_accuracy_of_mcrgnet_is_that_counted_by_hand_in_the_lines_of_its_table() -> None:
    path = Path(MIRROR) / "radio_agn_catalogue" / "mrt-table3.txt"
    lines = [x for x in path.read_text().splitlines() if x.startswith("J") and x[60:62].strip()]
    hits = sum(line[60:62].strip() == line[63:65].strip() for line in lines)
    found, _ = scored("mrt-table3.txt", "Type-Lit")
    score = found["accuracy"]
    assert len(lines) == 1442 and score.value == pytest.approx(hits / 1442)
    # Which of them it was trained on the table does not say: nothing is left out.
    assert score.low < score.value < score.high and score.left_out == 0


def test_types_by_hand_and_by_machine_of_sources_that_had_no_label() -> None:
    path = Path(MIRROR) / "radio_agn_catalogue" / "mrt-table4.txt"
    lines = [x for x in path.read_text().splitlines() if x.startswith("J") and x[70:72].strip()]
    both = [(x[70:72].strip(), x[63:65].strip()) for x in lines]
    judged_by = [(t, p) for t, p in both if p]
    found, pairs = scored("mrt-table4.txt", "Type-MAN")
    assert len(pairs) == len(lines)
    assert found["accuracy"].left_out == len(both) - len(judged_by)
    hits = sum(t == p for t, p in judged_by)
    assert found["accuracy"].value == pytest.approx(hits / len(judged_by))
