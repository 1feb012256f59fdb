"""The files of studies that have run are what the records say."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from records import faults_of_files


def test_files_of_a_study_are_what_the_records_say(table_ran):
    assert faults_of_files(table_ran.folder / "results/toy_table") == []


def test_files_of_an_exploration_are_what_the_records_say(look_ran):
    assert faults_of_files(look_ran.folder / "results/look") == []
