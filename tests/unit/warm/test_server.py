"""Scripts that are forked from a warm process run as if Python had been started for them."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from boxloop.warm import Script, Server, ServerGoneError, Started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")
#: Seconds after which something hangs.
HANGS = 120.0
FEW = ("numpy",)
ABOUT = """
import json, os, signal, sys, tempfile, threading
json.dump({
    "arguments": sys.argv, "first_place": sys.path[0], "name": __name__, "file": __file__,
    "folder": os.getcwd(), "environment": dict(os.environ), "temporary": tempfile.gettempdir(),
    "signals": [str(signal.getsignal(n)) for n in (1, 2, 13, 15, 17)],
    "threads": threading.active_count(), "mask": os.umask(0o22), "files": sorted(os.listdir("/proc/self/fd")),
    "main": sys.modules["__main__"].__dict__ is globals(), "input": os.readlink("/proc/self/fd/0"),
}, open(sys.argv[0] + ".json", "w"))
"""  # noqa: E501


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(FEW)
    yield server
    server.close()


def script(folder: Path, text: str, **environment: str) -> Script:
    path = folder / "script.py"
    path.write_text(text)
    return Script.here(str(path), {**os.environ, **environment}, threads=1)


def until(holds: Callable[[], object]) -> None:
    """Wait for something that comes at once; how long is the machine's affair."""
    end = time.monotonic() + HANGS
    while not holds():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def running(server: Server, folder: Path, text: str = "") -> Started:
    """A script that has begun, and sleeps."""
    begun = folder / "begun"
    sleeps = f"{text}\nimport time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(1000)\n"
    started = server.start(script(folder, sleeps))
    until(begun.exists)
    return started


@pytest.mark.parametrize(
    "text",
    [
        "print('done')",
        "import sys; print('a word', end=''); sys.exit(3)",
        "import sys; sys.exit('what is wrong')",
        "raise SystemExit",
        "def deep():\n    raise ValueError('no good')\n\ndeep()",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
        "this is no Python",
        "import atexit; atexit.register(print, 'at the end'); raise RuntimeError('before')",
        "import threading, time\nthreading.Timer(0.2, print, ['late']).start()",
        "import os, signal; print('lost'); os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_a_script_ends_and_says_what_it_would_alone(text, server, tmp_path, capfd) -> None:
    asked = script(tmp_path, text)
    alone = subprocess.run(
        [sys.executable, asked.path], capture_output=True, text=True, check=False
    )
    with Server(FEW) as own:  # its output goes where this test's goes now
        code = own.start(asked).wait()
    said = capfd.readouterr()
    assert (code, said.out, said.err) == (alone.returncode, alone.stdout, alone.stderr)


def test_a_script_finds_what_it_would_find_alone(server, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scratch").mkdir()
    asked = script(tmp_path, ABOUT, TMPDIR=str(tmp_path / "scratch"), OMP_NUM_THREADS="1")
    found = []
    for run in (
        lambda: server.start(asked).wait(),
        lambda: subprocess.run([sys.executable, asked.path], env=asked.environment).returncode,
    ):
        assert run() == 0
        found.append(json.loads(Path(f"{asked.path}.json").read_text()))
    assert found[0] == found[1]
    assert found[0]["temporary"] == str(tmp_path / "scratch")


def test_two_scripts_draw_different_random_numbers(server, tmp_path) -> None:
    text = (
        "import random, sys, numpy\n"
        "print(random.random(), numpy.random.rand(), file=open(sys.argv[0] + '.txt', 'w'))"
    )
    drawn = []
    for _ in range(2):
        asked = script(tmp_path, text)
        assert server.start(asked).wait() == 0
        drawn += Path(f"{asked.path}.txt").read_text().split()
    assert len(set(drawn)) == 4


@pytest.mark.parametrize("threads", [1, 2])
def test_libraries_have_the_threads_of_the_job(threads, server, tmp_path) -> None:
    text = (
        "import sys, threadpoolctl, numpy\n"
        "found = {d['num_threads'] for d in threadpoolctl.threadpool_info()}\n"
        "open(sys.argv[0] + '.txt', 'w').write(repr(found))"
    )
    number = str(threads)
    told = {**os.environ, "OMP_NUM_THREADS": number, "OPENBLAS_NUM_THREADS": number}
    path = script(tmp_path, text).path
    for _ in range(3):  # before numpy is imported, or after
        assert server.start(Script.here(path, told, threads)).wait() == 0
        assert Path(f"{path}.txt").read_text() == repr({threads})


def test_a_script_has_the_limits_of_memory_of_who_asks(server, tmp_path) -> None:
    asked = script(tmp_path, "held = bytearray(4 * 1024**3)")
    assert server.start(asked).wait() == 0
    limited = dict(asked.limits or {})
    limited[resource.RLIMIT_AS] = (2 * 1024**3, limited[resource.RLIMIT_AS][1])
    narrow = Script(asked.path, asked.folder, asked.environment, limits=limited)
    assert server.start(narrow).wait() == 1


def test_the_server_has_one_thread_and_no_tensorflow(tmp_path) -> None:
    text = (
        "import json, os, sys\n"
        "from boxloop.warm.server import FIRST, LATER\n"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'dvc', 'torch'} & set(sys.modules)\n"
        "threads = len(os.listdir(f'/proc/{os.getppid()}/task'))\n"
        "done = all(name in sys.modules for name in FIRST + LATER)\n"
        "json.dump([done, threads, sorted(heavy)], open(sys.argv[0] + '.json', 'w'))"
    )
    asked = script(tmp_path, text)
    with Server() as server:

        def imported() -> bool:
            assert server.start(asked).wait() == 0
            done, threads, heavy = json.loads(Path(f"{asked.path}.json").read_text())
            assert (threads, heavy) == (1, [])
            return bool(done)

        until(imported)


def test_a_server_with_further_threads_does_not_fork(tmp_path, monkeypatch) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Server(["threaded"]) as server:

        def refused() -> bool:
            try:
                server.start(script(tmp_path, "")).wait()
            except ServerGoneError as gone:
                assert "2 threads" in str(gone)
                return True
            return False

        until(refused)


def test_a_module_that_cannot_be_imported_costs_nothing(tmp_path, monkeypatch) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('no good')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    text = "import sys; sys.exit(3 if 'wave' in sys.modules else 0)"
    with Server(["broken", "wave"]) as server:
        until(lambda: server.start(script(tmp_path, text)).wait() == 3)


def test_scripts_end_with_a_server_that_is_killed(server, tmp_path) -> None:
    started = running(server, tmp_path)
    server.process.kill()
    with pytest.raises(ServerGoneError, match="while a job ran"):
        started.wait()
    assert not alive(started.process)
    with pytest.raises(ServerGoneError, match="SIGKILL"):
        server.start(script(tmp_path, ""))


def test_a_server_that_is_closed_lets_scripts_keep_their_state_and_leaves_nobody(
    server, tmp_path
) -> None:
    kept, child = tmp_path / "kept", tmp_path / "child"
    text = (
        "import signal, subprocess, sys\n"
        "below = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(child)!r}, 'w').write(str(below.pid))\n"
        f"def keep(*_):\n    open({str(kept)!r}, 'w').close()\n    sys.exit(143)\n"
        "signal.signal(signal.SIGTERM, keep)\n"
    )
    started = running(server, tmp_path, text)
    server.close()
    assert kept.exists()
    assert not alive(started.process) and not alive(int(child.read_text()))
    assert started.wait() == 143


def test_what_a_script_leaves_behind_ends_with_the_server(server, tmp_path) -> None:
    text = (
        "import subprocess, sys\n"
        "print(subprocess.Popen(['sleep', '1000']).pid, file=open(sys.argv[0] + '.txt', 'w'))"
    )
    asked = script(tmp_path, text)
    assert server.start(asked).wait() == 0
    left = int(Path(f"{asked.path}.txt").read_text())
    assert alive(left)
    server.close()
    assert not alive(left)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_server_and_scripts_end_with_who_started_them(number, tmp_path) -> None:
    asked = script(tmp_path, "import time\ntime.sleep(1000)")
    (tmp_path / "asks.py").write_text(
        "import os, time\nfrom boxloop.warm import Script, Server\n"
        "server = Server(['json'])\n"
        f"started = server.start(Script.here({asked.path!r}, dict(os.environ), 1))\n"
        "print(server.process.pid, started.process, flush=True)\ntime.sleep(1000)"
    )
    asks = subprocess.Popen(
        [sys.executable, tmp_path / "asks.py"], stdout=subprocess.PIPE, text=True
    )
    assert asks.stdout is not None
    below = [int(word) for word in asks.stdout.readline().split()]
    assert len(below) == 2 and all(map(alive, below))
    asks.send_signal(number)
    asks.wait()
    asks.stdout.close()
    until(lambda: not any(map(alive, below)))


def test_many_scripts_at_once_each_get_their_own_answer(server, tmp_path) -> None:
    path = script(
        tmp_path, "import os, sys, time; time.sleep(0.05); sys.exit(int(os.environ['CODE']))"
    ).path
    asked = [Script.here(path, {**os.environ, "CODE": str(n)}, 1) for n in range(40)]
    started = [server.start(one) for one in asked]
    assert [one.wait() for one in reversed(started)] == list(reversed(range(40)))


def test_ctrl_c_reaches_scripts_and_not_the_server(tmp_path) -> None:
    """As at a terminal, where a group of processes gets the signal."""
    asked = script(
        tmp_path,
        "import time\ntry:\n    time.sleep(1000)\nexcept KeyboardInterrupt:\n    exit(7)",
    )
    (tmp_path / "asks.py").write_text(
        "import os, signal, sys\nfrom boxloop.warm import Script, Server\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"
        f"with Server(['json']) as server:\n"
        f"    started = server.start(Script.here({asked.path!r}, dict(os.environ), 1))\n"
        "    print('ready', flush=True)\n"
        "    code = started.wait()\n"
        f"    second = Script.here({str(tmp_path / 'asks.txt')!r}, dict(os.environ), 1)\n"
        "    again = server.start(second).wait()\n"
        "    print(code, again, flush=True)"
    )
    (tmp_path / "asks.txt").write_text("raise SystemExit(5)")
    asks = subprocess.Popen(
        [sys.executable, tmp_path / "asks.py"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert asks.stdout is not None
    assert asks.stdout.readline() == "ready\n"
    time.sleep(0.5)  # until the script sleeps; too early, and it ends otherwise
    os.killpg(asks.pid, signal.SIGINT)
    assert asks.stdout.read() == "7 5\n"
    asks.wait()
    asks.stdout.close()
