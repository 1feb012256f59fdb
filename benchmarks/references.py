"""Is the selected model of each real study as good as the plain scikit-learn script for the task?

For each of five split seeds the test set is drawn anew by the study's own rules. Ours is the model
that the study selected, with the hyperparameters that its search chose, fitted by the study's own
procedure to that seed's training objects. The reference is a forest with scikit-learn's defaults on
the same columns, trained on every object that does not test, those that calibrate included. Both
are scored on the same test objects; the interval of the mean difference over the seeds resamples
the study's independent units, once for all seeds, since their test sets overlap. The search saw
some of these test objects in training; with so few trials that helps ours by far less than the
margins.

Run the study first. It opens no ledger: nothing is chosen by what is found here.

    make benchmark NAME=references ARGS="photoz star_galaxy_qso"    (default: all three)

Writes benchmarks/results/references.json, a study at a time.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from boxloop.data.seal import draw_test
from boxloop.errors import BoxloopError
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.targets import encoded, judged
from boxloop.metrics import REGISTRY, Judged, Resamples, distribution, interval, statistic, verdict
from boxloop.prepare import assign_split
from boxloop.store import Table, read_json, read_table
from boxloop.study.load import StudyFile, load_study
from boxloop.train import fit_final

SEEDS = (1, 2, 3, 4, 5)
RESULTS = Path("benchmarks/results/references.json")
MAGNITUDES = [f"{band}_mag" for band in "ugriz"]
COLOURS = ["u_g", "g_r", "r_i", "i_z"]
#: Studies, the columns of their reference, and its estimator.
REFERENCES: dict[str, tuple[list[str], Callable[..., Any]]] = {
    "photoz": ([*MAGNITUDES, *(f"{m}_err" for m in MAGNITUDES), *COLOURS], RandomForestRegressor),
    "star_galaxy_qso": ([*MAGNITUDES, *COLOURS], RandomForestClassifier),
    "stellar_mass": (["teff", "feh", "log_luminosity"], RandomForestRegressor),
}


def main(names: list[str]) -> None:
    unknown = [n for n in names if n not in REFERENCES]
    if unknown:
        sys.exit(f"no reference for {', '.join(unknown)}; there are {', '.join(REFERENCES)}")
    prepare_backend(threads=2)
    content = read_json(RESULTS) if RESULTS.is_file() else {}
    for name in names or list(REFERENCES):
        content[name] = compare(name)
        RESULTS.write_text(json.dumps(content, indent=1) + "\n")


def compare(name: str) -> dict[str, Any]:
    """Compare one study with its reference over the split seeds."""
    results = Path("results") / name
    if not (results / "search/selected.json").is_file():
        raise BoxloopError(f"run the study first: make run STUDY={name}")
    file = load_study(Path(f"config/studies/{name}.yaml"))
    study, table = file.study, whole(results)
    selected = read_json(results / "search/selected.json")
    chosen = selected["selected"]
    recipes = read_json(results / "prepare/recipes.json")
    group = file.study.group_column
    units = table.column("id") if group is None else table.column(group)
    pairs, seconds = [], {"ours": 0.0, "reference": 0.0}
    for seed in SEEDS:
        test = drawn(file, table, group, seed)
        started = time.perf_counter()
        ours = refitted(file, table, recipes, selected, test, seed)
        middle = time.perf_counter()
        plain = reference(name, table, study.task, test)
        seconds["ours"] += middle - started
        seconds["reference"] += time.perf_counter() - middle
        mine, theirs = (against(table, study.task, test, found) for found in (ours, plain))
        pairs.append((test, mine, theirs))
        scores = [value(study.metric, found) for found in (mine, theirs)]
        print(f"{name} seed {seed}: {scores[0]:.5f} and {scores[1]:.5f}", flush=True)
    return judgement(name, chosen, study, pairs, units, seconds)


def whole(results: Path) -> Table:
    """Return the labelled objects with all their targets."""
    table = read_table(results / "data/table.parquet", results / "data/arrays")
    sealed = pd.read_parquet(results / "data/sealed.parquet").set_index("id")
    frame = table.frame.set_index("id", drop=False)
    for column in sealed:
        frame.loc[sealed.index, column] = sealed[column]
    return replace(table, frame=frame.reset_index(drop=True))


def drawn(file: StudyFile, table: Table, group: str | None, seed: int) -> Any:
    study = file.study
    labels = table.column(table.named("target") or "") if study.task == "classification" else None
    return draw_test(
        table.column("id"),
        labels,
        fraction=study.split.test,
        group=None if group is None else table.column(group),
        stratify=study.split.stratify,
        seed=seed,
    )


def refitted(
    file: StudyFile, table: Table, recipes: dict[str, Any], selected: Any, test: Any, seed: int
) -> pd.DataFrame:
    """Return predictions of the selected model, fitted to what a split seed leaves to train."""
    study, ids, chosen = file.study, table.column("id"), selected["selected"]
    split = assign_split(
        table,
        set(ids[test]),
        calibration=study.split.calibration,
        group=study.group_column,
        stratify=study.split.stratify,
        task=study.task,
        seed=seed,
        together=study.together,
    )
    fitted = fit_final(
        chosen, selected, recipes[chosen], table, split, task=study.task, seed=seed, threads=2
    )
    return fitted.predict(table.take(test))


def reference(name: str, table: Table, task: str, test: Any) -> pd.DataFrame:
    """Return predictions of the plain script."""
    columns, estimator = REFERENCES[name]
    features = np.column_stack([table.column(c) for c in columns])
    target, classes = encoded(table, task)
    model = estimator(random_state=0, n_jobs=-1).fit(features[~test], target[~test])
    if not classes:
        return pd.DataFrame({"prediction": model.predict(features[test])})
    probability = model.predict_proba(features[test])
    frame = pd.DataFrame({"prediction": np.asarray(classes)[probability.argmax(axis=1)]})
    return frame.assign(**{f"p_{c}": probability[:, i] for i, c in enumerate(classes)})


def against(table: Table, task: str, test: Any, predicted: pd.DataFrame) -> Judged:
    """Put predictions beside the truth, with its errors where the study has them."""
    truth, classes = encoded(table, task)
    found = judged(predicted, truth[test], classes)
    errors = table.of_role("target_error")
    if not errors:
        return found
    sides = np.column_stack([table.column(name)[test] for name in errors])
    return replace(found, error=sides.astype(float))


def value(metric: str | None, found: Judged) -> float:
    function = statistic(REGISTRY[str(metric)], found)
    return float("nan") if function is None else float(function(np.ones(len(found.truth))))


def judgement(
    name: str, chosen: str, study: Any, pairs: list[Any], units: Any, seconds: dict[str, float]
) -> dict[str, Any]:
    """Return the mean over the seeds of the paired difference, with its interval and verdict."""
    metric = REGISTRY[study.metric]
    sign = 1.0 if metric.larger_is_better else -1.0
    functions = [(test, statistic(metric, a), statistic(metric, b)) for test, a, b in pairs]

    def difference(weights: Any) -> Any:
        parts = [ours(weights[..., t]) - plain(weights[..., t]) for t, ours, plain in functions]
        return sign * np.mean(parts, axis=0)

    found = distribution(difference, Resamples(units, 0, "references", name))
    low, high = interval(found) or (None, None)
    said = verdict(found.value, low, high, study.margin)
    scores = [[value(study.metric, a), value(study.metric, b)] for _, a, b in pairs]
    print(f"{name}: {chosen} is {said}: {found.value:+.5f} [{low:+.5f}, {high:+.5f}]", flush=True)
    return {
        "selected": chosen,
        "metric": study.metric,
        "seeds": list(SEEDS),
        "ours": [a for a, _ in scores],
        "reference": [b for _, b in scores],
        "difference_positive_where_ours_is_better": found.value,
        "low": low,
        "high": high,
        "margin": study.margin,
        "verdict": said,
        "seconds": {k: round(v, 1) for k, v in seconds.items()},
    }


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BoxloopError as error:
        sys.exit(str(error))
