"""What a fit of each registered model costs, for the estimate of `boxloop check`.

Every model is fitted alone on one core, to few rows and to many, on random numbers; the difference
is the cost of the rows. Memory: what a process takes that reads a table and fits boosting, by bytes
of the table. Writes benchmarks/results/fit_costs.json, whose numbers stand in
src/boxloop/cli/costs.py.

    make benchmark NAME=fit_costs
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COLUMNS, EPOCHS, WIDE = 10, 2, 512
#: The shortest counts: what else runs on the machine only adds.
REPEATS = 3
FEW, MANY = 200, {"svm": 4000, "forest": 8000, "dense": 50_000, "mdn": 50_000}


def main() -> None:
    from boxloop.study.vocabulary import GIVEN, MODELS

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
    out = REPOSITORY / "benchmarks/results/fit_costs.json"
    out.write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps(content, indent=1))


def measured(kind: str) -> dict[str, float]:
    """Seconds of a small fit, per 1e6 units of `boxloop.cli.costs.units`, and per step."""
    from boxloop.cli.costs import Size, steps, units
    from boxloop.study.vocabulary import MODELS

    values = dict(MODELS[kind])
    many = MANY.get(kind, 50_000)
    if "epochs" not in values:
        fit(kind, FEW, values)
        few, more = fit(kind, FEW, values), fit(kind, many, values)
        difference = units(kind, values, Size(many, COLUMNS)) - units(
            kind, values, Size(FEW, COLUMNS)
        )
        return {"start": digits(few), "unit": digits(max(more - few, 1e-6) / difference * 1e6)}
    values["epochs"] = EPOCHS
    fit(kind, FEW, values)
    few, narrow = fit(kind, FEW, values), fit(kind, many, values)
    broad = {**values, "units": [WIDE, WIDE]}
    wide = fit(kind, many, broad)
    size = Size(many, COLUMNS)
    per_unit = (wide - narrow) / (units(kind, broad, size) - units(kind, values, size))
    per_unit = max(per_unit, 1e-12)  # other work on the machine can hide it
    rest = narrow - few - units(kind, values, size) * per_unit
    step = max(rest, 1e-6) / (steps(values, size) - steps(values, Size(FEW, COLUMNS)))
    return {"start": digits(few), "unit": digits(per_unit * 1e6), "step": digits(step)}


def fit(kind: str, rows: int, values: dict) -> float:
    """Seconds of a fit, the shortest of several."""
    return min(fit_once(kind, rows, values) for _ in range(REPEATS))


def fit_once(kind: str, rows: int, values: dict) -> float:
    import numpy as np

    from boxloop.models import REGISTRY

    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, COLUMNS)).astype("float32")
    y = np.sin(x[:, 0]) + x[:, 1] + rng.normal(0, 0.1, rows)
    task = "classification" if kind == "logistic" else "regression"
    target = (y > 0).astype(int) if task == "classification" else y
    own = {k: v for k, v in values.items() if k in parameters(kind)}
    started = time.perf_counter()
    if "epochs" not in values:
        REGISTRY[kind].build(task, 0, 1, **own).fit(x, target)
        return time.perf_counter() - started
    outputs = 3 * values["components"] if kind == "mdn" else 1
    if kind == "dense":
        own["output_activation"] = "linear"
    network = REGISTRY[kind].build((COLUMNS,), (outputs,), **own)
    network.compile("adam", "mse")
    shown = np.repeat(y[:, None], outputs, axis=1)
    network.fit(x, shown, epochs=values["epochs"], batch_size=values["batch_size"], verbose=0)
    return time.perf_counter() - started


def parameters(kind: str) -> set[str]:
    from boxloop.study.vocabulary import FITTING, MODELS

    return set(MODELS[kind]) - (set(FITTING) if "epochs" in MODELS[kind] else set())


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
        main()
