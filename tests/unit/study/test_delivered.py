"""What a study is asked for: a main file of each stage, from the base where the base has it."""

from pathlib import Path

from repository import TOYS

from boxloop.study.delivered import MAIN_FILES, delivered
from boxloop.study.load import load_study
from boxloop.study.vocabulary import STAGES


def test_every_stage_that_computes_has_a_main_file() -> None:
    assert set(STAGES) - set(MAIN_FILES) == {"train", "report", "track"}


def test_a_final_study_must_be_complete_and_a_draft_need_not() -> None:
    final = delivered(load_study(TOYS / "toy_table.yaml"), pdf=True)
    draft = delivered(load_study(TOYS / "toy_images.yaml"), pdf=False)
    assert "results/toy_table/ethics/complete.json" in final
    assert "results/toy_table/report/report.pdf" in final
    assert not [p for p in draft if p.endswith(("complete.json", ".pdf"))]
    assert "results/toy_images/report/report.tex" in draft


def test_every_study_delivers_its_exploration() -> None:
    wanted = delivered(load_study(TOYS / "toy_table.yaml"), pdf=True)
    assert "results/toy_table/report/exploration.html" in wanted


EXPLORATION = """\
schema: 2
status: final
task: exploration
question: {what: "What is there?", why: To look.}
samples: {all: {path: a.csv, sha256: "%s", provenance: real}}
columns: {features: {brightness:}}
report: {title: A look, authors: [Nobody]}
""" % ("0" * 64)


def test_a_study_that_only_explores_is_asked_for_data_exploration_page_and_record(
    tmp_path: Path,
) -> None:
    (tmp_path / "look.yaml").write_text(EXPLORATION)
    assert delivered(load_study(tmp_path / "look.yaml"), pdf=True) == [
        "results/look/data/table.parquet",
        "results/look/explore/all.json",
        "results/look/report/exploration.html",
        "results/look/track/run.json",
    ]


def test_a_variant_of_an_exploration_reads_what_its_base_has(tmp_path: Path) -> None:
    (tmp_path / "look.yaml").write_text(EXPLORATION)
    other = "schema: 2\nextends: look\nreport: {title: Another look}\n"
    (tmp_path / "again.yaml").write_text(other)
    wanted = delivered(load_study(tmp_path / "again.yaml"), pdf=False)
    assert "results/look/explore/all.json" in wanted
    assert "results/again/report/exploration.html" in wanted


def test_a_variant_asks_for_its_bases_files_where_nothing_differs(tmp_path: Path) -> None:
    for name in ("toy_table.yaml", "toy_tables.py"):
        (tmp_path / name).write_text((TOYS / name).read_text())
    path = tmp_path / "wider.yaml"
    path.write_text("schema: 2\nextends: toy_table\nmargin: 0.1\n")
    wanted = delivered(load_study(path), pdf=True)
    assert "results/toy_table/search/selected.json" in wanted
    assert "results/wider/evaluate/metrics.json" in wanted
