"""Is the selected photo-z model as good as the plain forest a user would write?

A scikit-learn random forest with its defaults on magnitudes, errors and colours, trained on every
object that is not in the test set (so with more objects than the study's own models, which leave
the calibration objects out), and scored on the same test set as ``make run STUDY=photoz``. Prints
and writes benchmarks/results/photoz_reference.json.

    make benchmark NAME=photoz_reference
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

from boxloop.metrics import REGISTRY, Judged, Resamples, distribution, interval, statistic, verdict
from boxloop.study.load import load_study

STUDY = "photoz"
METRICS = ("nmad", "outlier_fraction", "bias", "rmse")


def main() -> None:
    results = Path("results") / STUDY
    if not (results / "evaluate/metrics.json").is_file():
        sys.exit(f"run the study first: make run STUDY={STUDY}")
    study = load_study(Path(f"config/studies/{STUDY}.yaml")).study
    table = pd.read_parquet(results / "data/table.parquet")
    sealed = pd.read_parquet(results / "data/sealed.parquet").set_index("id")["redshift"]
    test = table["id"].isin(sealed.index).to_numpy()
    bands = list("ugriz")
    magnitudes = table[[f"{b}_mag" for b in bands]].to_numpy()
    errors = table[[c for c in table if c.endswith("_err") and "__" not in c]].to_numpy()
    features = np.column_stack([magnitudes, errors, magnitudes[:, :-1] - magnitudes[:, 1:]])

    started = time.perf_counter()
    forest = RandomForestRegressor(random_state=0, n_jobs=-1)
    forest.fit(features[~test], table.loc[~test, "redshift"])
    plain = forest.predict(features[test])
    seconds = time.perf_counter() - started

    ids = table.loc[test, "id"]
    truth = sealed.loc[ids].to_numpy()
    predictions = pd.read_parquet(results / "evaluate/predictions.parquet")
    selected = json.loads((results / "search/selected.json").read_text())["selected"]
    mine = predictions[(predictions["model"] == selected) & (predictions["set"] == "test")]
    ours = mine.set_index("id").loc[ids, "prediction"].to_numpy()

    resamples = Resamples(ids.to_numpy(), 0, "benchmark")
    rows = {}
    for name in METRICS:
        one, two = (
            distribution(statistic(REGISTRY[name], Judged(truth, p)), resamples)
            for p in (ours, plain)
        )
        difference = type(one)(
            two.value - one.value, two.resampled - one.resampled, two.left_out - one.left_out
        )
        limits = interval(difference) or (None, None)
        rows[name] = {
            "selected": one.value,
            "forest": two.value,
            "forest_minus_selected": difference.value,
            "low": limits[0],
            "high": limits[1],
            "verdict": verdict(difference.value, *limits, study.margin) if name == "nmad" else None,
        }
        print(
            f"{name:17s} {selected} {one.value:.5f}  forest {two.value:.5f}  "
            f"difference {difference.value:+.5f} [{limits[0]:+.5f}, {limits[1]:+.5f}]"
        )
    print(f"the selected model is {rows['nmad']['verdict']}; the forest took {seconds:.1f} s")
    content = {
        "selected": selected,
        "test_objects": int(test.sum()),
        "features": features.shape[1],
        "forest_seconds": seconds,
        "metrics": rows,
    }
    out = Path("benchmarks/results/photoz_reference.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
