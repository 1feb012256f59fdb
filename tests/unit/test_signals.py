"""A job that is told to end keeps its training, and goes on as if nothing had been."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from searches import SMALL, numbered, search
from tables import numbers_table, trial

from boxloop import signals
from boxloop.fitting import fit_model
from boxloop.fitting import network as network_module
from boxloop.fitting.checkpoint import Checkpoint
from boxloop.fitting.stacked.stack import Stack
from boxloop.fitting.targets import encoded
from boxloop.prepare import make_recipes
from boxloop.search import Progress


def told() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_outside_a_training_a_job_ends_at_once_and_leaves_nothing_half_written(tmp_path):
    script = (
        "import os, signal, sys, time\n"
        "from boxloop import signals\nfrom boxloop.store import writing\n"
        "with signals.listening(), writing(sys.argv[1]) as beside:\n"
        "    beside.write_text('half'); os.kill(os.getpid(), signal.SIGTERM); time.sleep(1800)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "file.txt")]
    done = subprocess.run(command, capture_output=True, check=False, timeout=1800)
    assert done.returncode == 143 == signals.EXIT_CODE
    assert list(tmp_path.iterdir()) == []


def test_inside_safe_places_it_ends_at_the_next_one():
    reached = []
    with pytest.raises(signals.ToldToEnd), signals.listening(), signals.safe_places():
        told()
        reached.append("after")
        signals.end_if_asked()
        reached.append("never")
    assert reached == ["after"]
    with pytest.raises(signals.ToldToEnd), signals.listening():
        with signals.safe_places():
            with signals.safe_places():
                told()
            reached.append("the inner block is within a safe place")
        reached.append("never")
    assert reached[1:] == ["the inner block is within a safe place"]


def test_a_script_says_that_it_was_told_to_end(tmp_path, capsys):
    from boxloop.job import job

    log = tmp_path / "rule.log"
    snakemake = SimpleNamespace(rule="fit", wildcards=["toy", "dense"], log=[str(log)])
    with pytest.raises(SystemExit) as end, job(snakemake):
        told()
    assert end.value.code == 143
    assert "told to end by a time limit, scancel or preemption" in log.read_text()
    said = capsys.readouterr().err
    assert "fit toy dense: told to end" in said and "Traceback" not in said + log.read_text()


def test_a_final_fit_goes_on_after_the_epoch_in_which_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, path = numbers_table(60), tmp_path / "fit.npz"
    target, _ = encoded(table, "regression")
    models = [{"name": "dense", "kind": None, "function": None, "inputs": None}]

    def fit(checkpoint: Path | None):
        return fit_model(
            trial("dense"), make_recipes(table, models)["dense"], table, target,
            task="regression", seed=(0, "test"), epochs=5, checkpoint=checkpoint,
        )  # fmt: skip

    whole = fit(None)
    train, epochs = network_module._Run.train_epoch, []

    def train_and_be_told(run, *given):
        epochs.append(run.epoch)
        loss = train(run, *given)
        if len(epochs) == 2:
            told()
        return loss

    monkeypatch.setattr(network_module._Run, "train_epoch", train_and_be_told)
    with pytest.raises(signals.ToldToEnd), signals.listening():
        fit(path)
    assert epochs == [0, 1] and path.is_file()
    resumed = fit(path)
    assert epochs == [0, 1, 2, 3, 4] and not path.exists()
    pd.testing.assert_frame_equal(whole.predict(table), resumed.predict(table), check_exact=True)


def test_a_stack_keeps_its_state_although_it_is_not_yet_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = numbered(*(trial("dense", **SMALL, learning_rate=r) for r in (0.01, 0.003)))
    undisturbed, predictions = search(trials)
    epoch, done = Stack.epoch, []

    def train_and_be_told(stack):
        epoch(stack)
        done.append(stack.done)
        if len(done) == 2:
            told()

    monkeypatch.setattr(Checkpoint, "due", lambda _: False)
    monkeypatch.setattr(Stack, "epoch", train_and_be_told)
    progress = Progress(tmp_path / "chunk", "key")
    with pytest.raises(signals.ToldToEnd), signals.listening():
        search(trials, progress=progress)
    assert done == [1, 2] and list((tmp_path / "chunk").glob("stack-*.npz"))
    resumed, again = search(trials, progress=progress)
    assert done == [1, 2, 3, 4]
    for one, other in zip(undisturbed, resumed, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    pd.testing.assert_frame_equal(predictions, again, check_exact=True)


def test_a_fork_of_a_job_ends_by_the_signal_that_it_gets() -> None:
    """As workers of multiprocessing do, whose pool waits for their end."""
    text = (
        "import os, signal, time\nfrom boxloop import signals\n"
        "ready, says = os.pipe()\n"
        "with signals.listening():\n"
        "    fork = os.fork()\n"
        "    if not fork:\n        os.write(says, b'.')\n"
        "        time.sleep(60)\n        os._exit(0)\n"
        "    os.read(ready, 1)\n"
        "    os.kill(fork, signal.SIGTERM)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), signals.asked())\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(-signal.SIGTERM), "False"]
