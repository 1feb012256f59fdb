"""Study sections with a search, and the trials that they plan."""

from boxloop.study.model import Study
from boxloop.study.trials import trials_of


def study(model: dict, **sections) -> Study:
    content = {
        "schema": 2,
        "task": "regression",
        "question": {"what": "", "why": ""},
        "samples": {"train": {"source": "a", "provenance": "real"}},
        "columns": {"features": {"g": {}}, "target": "z"},
        "metric": "rmse",
        "models": [model],
        "report": {"title": "", "authors": ["a"]},
    }
    return Study.model_validate({**content, **sections})


def trials(model: dict, **sections) -> list[dict]:
    made = study(model, **sections)
    return trials_of(made, made.models[0])


RANGES = {
    "name": "boosting",
    "space": {
        "learning_rate": {"low": 0.001, "high": 1.0, "log": True},
        "max_leaf_nodes": {"low": 4, "high": 64, "integer": True},
        "l2_regularization": {"low": -1.0, "high": 1.0},
    },
}


def random(n: int, model: dict = RANGES, **sections) -> list[dict]:
    return trials(model, search={"strategy": "random"}, budget={"trials": n}, **sections)


def sobol(n: int, model: dict = RANGES, **sections) -> list[dict]:
    return trials(model, search={"strategy": "sobol"}, budget={"trials": n}, **sections)
