"""A search in rounds goes to its end in one run, and a larger budget runs the new trials only."""

from pathlib import Path

from toy_project import ToyProject

STUDY = "config/studies/toy_table.yaml"
SELECTED = "results/toy_table/search/selected.json"


def test_rounds_are_planned_and_a_larger_budget_adds_a_round(tmp_path: Path) -> None:
    project = ToyProject(tmp_path, "toy_table")
    project.edit(STUDY, "{alpha: [0.0, 1.0, 10.0]}", "{alpha: {low: 1e-3, high: 1e3, log: true}}")
    project.edit(STUDY, "search: {chunk: 2}", "search: {strategy: tpe, round: 3, chunk: 2}")
    project.edit(STUDY, "groups: [brightness]", "groups: [brightness]\nbudget: {trials: 6}")
    project.run(SELECTED)
    before = chunks(tmp_path)
    dates = [path.stat().st_mtime_ns for path in before]
    assert [path.stem for path in before] == ["dummy-0", *(f"linear-{i}" for i in range(4))]
    plan = project.json("results/toy_table/search/plans/linear-1.json")
    ids = [t["id"] for path in before[1:] for t in project.json(str(path))]
    assert len(set(ids)) == 6 and ids[3:] == [t["id"] for t in plan]

    project.edit(STUDY, "trials: 6", "trials: 9")
    project.run(SELECTED)
    after = chunks(tmp_path)
    assert [path.stem for path in after[5:]] == ["linear-4", "linear-5"]
    assert [path.stat().st_mtime_ns for path in before] == dates
    new = [t["id"] for path in after[-2:] for t in project.json(str(path))]
    assert len(new) == 3 and not set(new) & set(ids)


def chunks(folder: Path) -> list[Path]:
    """The results of all chunks, in order."""
    return sorted((folder / "results/toy_table/search/chunks").glob("*.json"))
