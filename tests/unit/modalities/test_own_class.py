"""A class of the study's own is held to its word, and sees what a model sees."""

import numpy as np
import pytest
from tables import numbers_table

from boxloop.analyses.degraders.plan import REGISTRY
from boxloop.analyses.exploration.describe import flat
from boxloop.errors import BoxloopError
from boxloop.fitting.recipe import fit_recipe
from boxloop.modalities import Modality, Summary
from boxloop.modalities.registry import why_no_modality

N = 20


class Cube(Modality):
    def transform(self, recipe, learnt, table):
        return self.values(table)


class Peeping(Cube):
    def learn(self, recipe, table):
        return {1: "redshift" in table.frame, "roles": sorted(table.of_role("target"))}


class Writing(Cube):
    def transform(self, recipe, learnt, table):
        values = self.values(table)
        values -= 5
        return values


class Short(Cube):
    def transform(self, recipe, learnt, table):
        return self.values(table)[1:]


class Named(Cube):
    def summaries(self, table, *, seed):
        return {"a": Summary(np.zeros(len(table)), "zero")}


class Dropping(Cube):
    @property
    def degraders(self):
        return {"noise": lambda table, strength, *, rng: table.take(np.arange(3))}


class Typo(Cube):
    def chekc(self, table, *, seed):
        return []


class Arguments(Cube):
    def learn(self, table):
        return {}


class Helped(Cube):
    def transformed(self, values, factor):
        return values * factor

    @staticmethod
    def learn(recipe, table):
        return {}


class Nothing(Modality):
    pass


def cubes(monkeypatch: pytest.MonkeyPatch, kind: type[Modality]):
    """A table of numbers, with cubes of a class."""
    monkeypatch.setattr("boxloop.modalities.registry.user_function", lambda *_: kind)
    table = numbers_table(N)
    table.arrays["cube"] = np.ones((N, 2, 2), np.float32)
    table.own["cube"] = {"modality": f"own:{kind.__name__}", "options": {}, "code": []}
    return table


def fitted(table):
    return fit_recipe({"inputs": ["cube"], "cube": {}}, table)


def test_it_sees_no_target_and_learns_what_a_file_can_hold(monkeypatch) -> None:
    learnt = fitted(cubes(monkeypatch, Peeping)).learnt["cube"]
    assert learnt == {"1": False, "roles": []}


def test_it_cannot_write_into_the_data(monkeypatch) -> None:
    table = cubes(monkeypatch, Writing)
    with pytest.raises(ValueError, match="read-only"):
        fitted(table).transform(table)
    assert (table.arrays["cube"] == 1).all()


def test_what_models_get_has_a_row_an_object(monkeypatch) -> None:
    table = cubes(monkeypatch, Short)
    with pytest.raises(BoxloopError, match=r"columns\.own\.cube: transform: .* for 20 objects"):
        fitted(table).transform(table)


def test_summaries_have_names_of_their_own(monkeypatch) -> None:
    with pytest.raises(BoxloopError, match=r"begin with 'cube\.' .* found 'a'"):
        flat(cubes(monkeypatch, Named), seed=0)


def test_its_degraders_change_values_and_drop_no_object(monkeypatch) -> None:
    with pytest.raises(BoxloopError, match=r"columns\.own\.cube: noise: expected the same 20"):
        REGISTRY["noise"](cubes(monkeypatch, Dropping), 1.0, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Nothing, "has no method transform"),
        (Typo, "method chekc, which nobody calls; meant is check?"),
        (Arguments, "Arguments.learn will be called as learn"),
        (dict, "expected a class that is a boxloop.modalities.Modality"),
    ],
)
def test_what_is_wrong_with_a_class_is_said_before_a_run(kind: type, why: str) -> None:
    assert why in why_no_modality(kind, f"own:{kind.__name__}", seen=True)
    for fine in (Cube, Helped):
        assert why_no_modality(fine, "own:Fine", seen=True) == ""


def test_what_reading_raises_is_said_of_the_file(tmp_path) -> None:
    class Broken(Cube):
        def read_file(self, path):
            raise KeyError("flux")

    with pytest.raises(BoxloopError, match=r"s1\.fits: columns\.own\.cube: .*KeyError: 'flux'"):
        Broken("cube")._read(tmp_path / "s1.fits")
