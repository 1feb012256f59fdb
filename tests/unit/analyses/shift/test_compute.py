import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from computed import computed
from domains import sample_of, shuffled

from boxloop import plots
from boxloop.analyses.shift.compute import compute
from boxloop.analyses.shift.figures import figures
from boxloop.analyses.shift.section import section
from boxloop.fitting.prior_shift import adjustment_of
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers
from boxloop.report.tex import _environment
from boxloop.store import read_json, write_json

CLASSES = ["flaring", "pulsating"]


def stars(n, share, prefix, seed, moved=0.0):
    """Objects of two normal classes, and the probabilities that their densities give."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(int)
    values = rng.normal(size=(n, 2))
    values[:, 0] += 2.0 * truth - 1.0
    values[:, 1] += moved
    one = 1 / (1 + np.exp(-2 * values[:, 0]))
    table = sample_of(values, prefix, target=np.array(CLASSES)[truth])
    predicted = pd.DataFrame({"id": table.frame["id"], "p_flaring": 1 - one, "p_pulsating": one})
    predicted.insert(1, "prediction", np.array(CLASSES)[(one > 0.5).astype(int)])
    return table, predicted


def made(share=0.5, moved=0.0, prevalence="estimate", target=True, seed=0, mix=False, **changes):
    table, rows = stars(400, 0.5, "t", seed)
    there, predicted = stars(400, share, "x", seed + 1000, moved)
    truth = pd.DataFrame(
        {"id": table.frame["id"], "target": table.frame["class"], "unit": table.frame["id"]}
    )
    rows = rows.assign(model="forest", set="cv")
    if mix:
        order = np.random.default_rng(3).permutation(400)
        table, there, predicted = shuffled(table), there.take(order), predicted.iloc[order]
        rows, truth = rows.sample(frac=1, random_state=1), truth.sample(frac=1, random_state=2)
    metrics = {"task": "classification", "classes": CLASSES, "selected": "forest", "shown": "cv"}
    blind = replace(table, frame=table.frame.assign(**{"class": None}))
    said = predicted.set_index("id")
    model = SimpleNamespace(predict=lambda of: said.loc[of.column("id")].reset_index())
    return computed(
        compute,
        labelled=[blind],
        split=pd.DataFrame({"id": truth["id"], "set": "train"}),
        target=[there] if target else None,
        models={"forest": model},
        cross_validated=rows.reset_index(drop=True),
        predictions=rows.iloc[:0],
        truth=truth.reset_index(drop=True),
        metrics={**metrics, **changes},
        prevalence=prevalence,
        group=None,
        seed=seed,
    )


def kinds(found):
    return [(f["kind"], f["severity"]) for f in found["findings"]]


def test_a_sample_of_other_prevalence_alone_is_told_from_one_that_differs_otherwise():
    prior = made(share=0.15)
    assert ("prevalence_shift", "high") in kinds(prior)
    assert prior["prevalence"]["remaining"]["low"] < 0.5 < prior["prevalence"]["remaining"]["high"]
    moved = made(share=0.5, moved=1.5)
    assert kinds(moved) == [("unlike_target", "high")]
    assert moved["findings"][0]["columns"] == ["f1"]
    assert moved["prevalence"]["remaining"]["low"] > 0.55


def test_equal_samples_have_no_finding():
    assert [kinds(made(seed=s)) for s in range(5)] == [[]] * 5


def test_estimated_and_stated_prevalences_are_used():
    found = made(share=0.15)["prevalence"]
    adjustment = adjustment_of({"prevalence": found})
    assert found["source"] == "em" and adjustment is not None
    _, predicted = stars(4000, 0.15, "x", 9)
    adjusted = adjustment(predicted[["p_flaring", "p_pulsating"]].to_numpy())
    assert adjusted[:, 1].mean() == pytest.approx(0.15, abs=0.04)
    stated = made(prevalence={"pulsating": 0.01})["prevalence"]
    assert stated["used"] == pytest.approx({"flaring": 0.99, "pulsating": 0.01})
    assert stated["purity"][1]["purity"]["value"] < 0.15
    trained = made(prevalence="train")["prevalence"]
    assert trained["adjustment"] is None and trained["source"] == "training"


def test_without_a_target_sample_there_is_a_reason_and_purity_at_a_stated_prevalence():
    found = made(target=False, prevalence={"pulsating": 0.01})
    assert found["two_sample"] is None and "no target sample" in found["reason"]
    assert "no target sample" in found["prevalence"]["reason"]
    assert found["prevalence"]["purity"][1]["prevalence"] == pytest.approx(0.01)
    assert found["findings"] == []


def test_a_regression_has_no_prevalence():
    found = made(task="regression")
    assert found["two_sample"]["auc"]["value"] and "no classes" in found["prevalence"]["reason"]


def test_the_order_of_rows_changes_nothing(tmp_path):
    one, other = made(share=0.3), made(share=0.3, mix=True)
    for name, found in (("one", one), ("other", other)):
        write_json(found, tmp_path / f"{name}.json")
    one, other = (read_json(tmp_path / f"{n}.json") for n in ("one", "other"))
    assert one["findings"] == other["findings"]
    assert one["two_sample"]["drivers"] == other["two_sample"]["drivers"]
    assert one["prevalence"]["purity"] == other["prevalence"]["purity"]
    assert one["prevalence"]["classes"][0]["em"]["value"] == pytest.approx(
        other["prevalence"]["classes"][0]["em"]["value"], abs=1e-9
    )


@pytest.fixture(scope="module", params=["estimate", "no target", "regression"])
def evidence(request, tmp_path_factory):
    more = {"no target": {"target": False}, "regression": {"task": "regression"}}
    found = made(share=0.2, moved=1.0, **more.get(request.param, {}))
    path = tmp_path_factory.mktemp("shift") / "shift.json"
    write_json(found, path)
    return Evidence({}, {"shift": read_json(path)}, {"shift": "evaluate/shift.json"})


def test_figures_have_captions_without_digits_and_their_numbers(evidence):
    with plots.style():
        drawn = figures(evidence.contents["shift"], {}, "", "simulated")
    names = {d.name for d in drawn}
    assert names == (
        set()
        if not evidence.contents["shift"]["target"]
        else {"shift", "prevalence"}
        if "classes" in evidence.contents["shift"]["prevalence"]
        else {"shift"}
    )
    for drawing in drawn:
        assert not any(c.isdigit() for c in drawing.caption) and len(drawing.numbers)
        assert plots.render(drawing)[f"{drawing.name}.pdf"].startswith(b"%PDF")


def test_every_number_of_the_section_is_a_macro(evidence):
    numbers = Numbers(evidence)
    content = section(evidence, numbers)
    text = (
        _environment()
        .get_template("shift/report.tex")
        .render(judged={"shift": content}, has=lambda name: False, gallery=lambda *names: "")
    )
    assert not re.search(r"\d", re.sub(r"\\texttt\{[^}]*\}", "", text))
    assert "label{sec:shift}" in text and "textbackslash" not in text


def test_a_report_without_the_file_has_no_section():
    evidence = Evidence({}, {}, {})
    assert section(evidence, Numbers(evidence)) == {"reason": "", "samples": {}, "prevalence": {}}
