"""What a fit of each registered model costs, for the estimate of `boxloop check`.

Every model is fitted alone on one core, to few rows and to many, on random numbers; the difference
is the cost of the rows. Memory: what a process takes that reads a table and fits boosting, by bytes
of the table. Writes benchmarks/results/fit_costs.json, whose numbers stand in
src/boxloop/cli/costs.py.

    make benchmark NAME=fit_costs

On a busy machine ``fit_costs.py beside KIND ...`` measures networks and `dense` in processor time,
which other work lengthens little, and writes what `dense` has in the file times their ratio.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COLUMNS, EPOCHS, WIDE = 10, 2, 512
#: The shortest counts: what else runs on the machine only adds.
REPEATS = 3
FEW, MANY = 200, {"svm": 4000, "forest": 8000, "cnn": 1000, "cnn1d": 2000, "gru": 2000}
#: What networks for images and light curves are shown.
SHAPES = {"cnn": (32, 32, 1), "cnn1d": (100, 4), "gru": (100, 4)}
#: Hyperparameters of the wide network that the cost of a weight comes from.
BROAD = {"cnn": {"filters": [32, 64]}, "cnn1d": {"filters": [64, 128]}, "gru": {"units": [128]}}
#: Rows at the most where networks are measured beside `dense`.
BESIDE = 8000
Clock = Callable[[], float]
OUT = REPOSITORY / "benchmarks/results/fit_costs.json"


def main() -> None:
    from boxloop.study.known_models import GIVEN, MODELS

    content = {
        "machine": {
            "cores": os.cpu_count(),
            "platform": platform.platform(terse=True),
            "load": round(os.getloadavg()[0], 1),
        },
        "models": {kind: measured(kind) for kind in MODELS if kind != GIVEN},
        **jobs(),
        **memory(),
    }
    OUT.write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps(content, indent=1))


def beside(kinds: list[str]) -> None:
    """Write the costs of networks as those of `dense` times their ratio, both measured now."""
    content = json.loads(OUT.read_text())
    now, known = measured("dense", time.process_time, BESIDE), content["models"]["dense"]
    print("dense", now, flush=True)
    for kind in kinds:
        found = measured(kind, time.process_time, BESIDE)
        print(kind, found, flush=True)
        times = {k: v / now[k] for k, v in found.items()}
        # A step of it has more to do; where the small difference says less, it is noise.
        times["step"] = max(times["step"], 1.0)
        content["models"][kind] = {k: digits(known[k] * v) for k, v in times.items()}
    said = f"{', '.join(kinds)}: by their ratio to dense in processor time, on a busy machine"
    content["note"] = "; ".join([content["note"], said])
    OUT.write_text(json.dumps(content, indent=1) + "\n")


def measured(kind: str, clock: Clock = time.perf_counter, most: int = 50_000) -> dict[str, float]:
    """Seconds of a small fit, per 1e6 units of `boxloop.cli.costs.units`, and per step."""
    from boxloop.cli.costs import Size, steps, units
    from boxloop.study.known_models import MODELS

    values = dict(MODELS[kind].defaults)
    many = min(most, MANY.get(kind, most))
    if "epochs" not in values:
        fit_once(kind, FEW, values, clock)
        few, more = fit(kind, FEW, values, clock), fit(kind, many, values, clock)
        difference = units(kind, values, Size(many, COLUMNS)) - units(
            kind, values, Size(FEW, COLUMNS)
        )
        return {"start": digits(few), "unit": digits(max(more - few, 1e-6) / difference * 1e6)}
    values["epochs"] = EPOCHS
    fit_once(kind, FEW, values, clock)
    few, narrow = fit(kind, FEW, values, clock), fit(kind, many, values, clock)
    broad = {**values, **BROAD.get(kind, {"units": [WIDE, WIDE]})}
    wide = fit(kind, many, broad, clock)
    size = Size(many, COLUMNS, 1, SHAPES.get(kind, ()))
    per_unit = (wide - narrow) / (units(kind, broad, size) - units(kind, values, size))
    per_unit = max(per_unit, 1e-12)  # other work on the machine can hide it
    rest = narrow - few - units(kind, values, size) * per_unit
    step = max(rest, 1e-6) / (steps(values, size) - steps(values, Size(FEW, COLUMNS)))
    return {"start": digits(few), "unit": digits(per_unit * 1e6), "step": digits(step)}


def fit(kind: str, rows: int, values: dict, clock: Clock) -> float:
    """Seconds of a fit, the shortest of several; of processor time one is enough."""
    repeats = 1 if clock is time.process_time else REPEATS
    return min(fit_once(kind, rows, values, clock) for _ in range(repeats))


def fit_once(kind: str, rows: int, values: dict, clock: Clock) -> float:
    import numpy as np

    from boxloop.study.known_models import MODELS

    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, COLUMNS)).astype("float32")
    y = np.sin(x[:, 0]) + x[:, 1] + rng.normal(0, 0.1, rows)
    task = "classification" if kind == "logistic" else "regression"
    target = (y > 0).astype(int) if task == "classification" else y
    own = {k: v for k, v in values.items() if k in parameters(kind)}
    if kind in SHAPES:
        x = rng.normal(size=(rows, *SHAPES[kind])).astype("float32")
    started = clock()
    if "epochs" not in values:
        MODELS[kind].builder()(task, 0, 1, **own).fit(x, target)
        return clock() - started
    outputs = 3 * values["components"] if kind == "mdn" else 1 + (kind == "autoencoder")
    if kind != "mdn":
        own["output_activation"] = "linear"
    network = MODELS[kind].builder()(x.shape[1:], (outputs,), **own)
    network.compile("adam", "mse")
    shown = np.repeat(y[:, None], outputs, axis=1)
    network.fit(x, shown, epochs=values["epochs"], batch_size=values["batch_size"], verbose=0)
    return clock() - started


def parameters(kind: str) -> set[str]:
    from boxloop.study.known_model import FITTING
    from boxloop.study.known_models import MODELS

    return set(MODELS[kind].defaults) - (set(FITTING) if MODELS[kind].network else set())


def jobs() -> dict[str, float]:
    """Seconds until a job of a kind begins its first fit; a whole demo stands in overhead.json."""
    found = {}
    for name, module in (("estimator", "sklearn.ensemble"), ("network", "keras")):
        code = f"import snakemake.cli, boxloop.fitting, {module}"
        seconds = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
            seconds.append(time.perf_counter() - started)
        found[f"job_{name}_seconds"] = digits(min(seconds))
    return found


def memory() -> dict[str, float]:
    """Peak memory of reading a table and fitting to it: without rows, and by bytes of the table."""
    peaks = {}
    for rows in (1_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "child", str(rows), folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            peaks[rows] = int(done.stdout)
    more = (peaks[1_000_000] - peaks[1_000]) / (999_000 * 8 * (COLUMNS + 1))
    return {"memory_base_bytes": digits(peaks[1_000]), "memory_factor": digits(more)}


def child(rows: int, folder: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv
    from sklearn.ensemble import HistGradientBoostingRegressor

    from boxloop.store import read_frame, write_frame

    rng = np.random.default_rng(0)
    path = folder / "table.csv"
    columns = {f"c{i}": rng.normal(size=rows).round(4) for i in range(COLUMNS + 1)}
    pa.csv.write_csv(pa.table(columns), path)
    del columns
    import pandas as pd

    write_frame(pd.read_csv(path), folder / "table.parquet")
    frame = read_frame(folder / "table.parquet")
    HistGradientBoostingRegressor(max_iter=5).fit(frame.iloc[:, 1:], frame.iloc[:, 0])
    # Not getrusage: its peak is handed down from the process that started this one.
    status = Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024)


def digits(value: float) -> float:
    """Two digits are more than such a measurement holds."""
    return float(f"{value:.2g}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[variable] = "1"
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if sys.argv[1:2] == ["beside"]:
            beside(sys.argv[2:])
        else:
            main()
