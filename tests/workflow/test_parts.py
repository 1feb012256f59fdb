"""A target sample read and predicted in parts gets the predictions that it gets as a whole."""

from pathlib import Path

import pandas as pd
from astropy.io import fits
from toy_project import ToyProject

from boxloop.store import read_frame

APPLY = "results/toy_table/apply"


def test_three_parts_give_what_one_gives(table_ran: ToyProject, tmp_path: Path) -> None:
    project = table_ran.copied(tmp_path / "project")
    project.edit("config/studies/toy_table.yaml", "{shift: 1.0}, ", "{shift: 1.0}, parts: 3, ")
    project.run(f"{APPLY}/summary.json")
    parts = sorted(p.name for p in (project.folder / APPLY / "parts").glob("*.parquet"))
    assert parts == ["0.parquet", "1.parquet", "2.parquet"]
    file = f"{APPLY}/predictions.parquet"
    one, three = (read_frame(p.folder / file) for p in (table_ran, project))
    assert len(three) == 50
    pd.testing.assert_frame_equal(one, three, rtol=1e-5)  # sums of smaller batches round otherwise
    with fits.open(project.folder / APPLY / "predictions.fits") as content:
        assert list(content[1].data["id"]) == list(three["id"])
    summaries = [p.json(f"{APPLY}/summary.json") for p in (table_ran, project)]
    assert summaries[0] == summaries[1]
