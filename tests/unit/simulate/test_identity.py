"""What a simulation is known by: the code of its simulator is a part of it."""

import json
import sys
from hashlib import sha256

import pytest
from repository import REPOSITORY

from boxloop.data.simulate import simulation_identity
from boxloop.study.load import load_study


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="Python writes syntax trees otherwise")
def test_the_demo_has_the_data_that_its_ledger_knows():
    """A changed simulator, or module that it imports, is other data: the test set opens anew.

    Where that is not meant, what was changed belongs into a module that simulators do not import.
    """
    study = load_study(REPOSITORY / "config/studies/photoz_demo.yaml").study
    sample = study.section("samples", "train")
    content = {"train": simulation_identity(sample, "train", study.seed, [])}
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    assert digest == "b788c9630f547f774cf49c29e7163caac4820656003eb374dd3a3fa0847263ca"
