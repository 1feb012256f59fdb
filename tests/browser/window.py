"""A headless Chromium that shows pages: how wide they are, what they load, say and pop up."""

import fcntl
import json
import os
import select
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Seconds after which a browser that says nothing is given up.
HANGS = 1800
#: Opens all that folds, and gives what does not happen at once the time to happen.
OPEN = (
    "document.querySelectorAll('details').forEach(d => d.open = true);"
    "new Promise(go => setTimeout(() => go("
    "[document.documentElement.scrollWidth, document.title]), 200))"
)


@dataclass(frozen=True)
class Shown:
    """A page as a browser shows it.

    Attributes
    ----------
    width : int
        Of what can be scrolled to [pixel].
    title : str
    loaded : list of str
        Addresses that it asked for beside its own.
    console : list of str
        What it and the browser had to say.
    dialogs : list of str
        Messages that popped up.
    """

    width: int
    title: str
    loaded: list[str]
    console: list[str]
    dialogs: list[str]


class Browser:
    """A Chromium that is told what to do by a pipe (the DevTools protocol, one JSON a message).

    Parameters
    ----------
    folder : Path
        Where it keeps its profile.
    """

    def __init__(self, folder: Path) -> None:
        told, self._tell = os.pipe()
        self._hear, says = os.pipe()

        def as_three_and_four() -> None:
            copies = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (told, says)]
            for copy, number in zip(copies, (3, 4), strict=True):
                os.dup2(copy, number)

        command = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder}", "--remote-debugging-pipe"]
        self._process = subprocess.Popen(
            command, preexec_fn=as_three_and_four, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(told)
        os.close(says)
        self._heard, self._asked = b"", 0
        self._events: list[dict[str, Any]] = []

    def show(self, path: Path, width: int = 1200) -> Shown:
        """Show a file in a window of a width [pixel], with everything that folds laid open."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._events.clear()
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable", session)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", session, **size)
        address = path.as_uri()
        self._ask("Page.navigate", session, url=address)
        self._wait(lambda event: event.get("method") == "Page.loadEventFired")
        about = {"expression": OPEN, "awaitPromise": True, "returnByValue": True}
        scrolled, title = self._ask("Runtime.evaluate", session, **about)["result"]["value"]
        self._ask("Target.closeTarget", targetId=target)
        asked = [e["request"]["url"] for e in self._found("Network.requestWillBeSent")]
        console = [str(e["args"]) for e in self._found("Runtime.consoleAPICalled")]
        console += [str(e["exceptionDetails"]) for e in self._found("Runtime.exceptionThrown")]
        console += [e["entry"]["text"] for e in self._found("Log.entryAdded")]
        dialogs = [e["message"] for e in self._found("Page.javascriptDialogOpening")]
        loaded = [url for url in asked if url != address and not url.startswith("data:")]
        return Shown(scrolled, title, loaded, console, dialogs)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._tell)
        os.close(self._hear)

    def _ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Tell it something and return what it answers."""
        number = self._send(method, session, parameters)
        answered = self._wait(lambda event: event.get("id") == number)
        assert "error" not in answered, answered
        return answered["result"]

    def _send(self, method: str, session: str | None, parameters: dict[str, Any]) -> int:
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._tell, json.dumps(message).encode() + b"\0")
        return self._asked

    def _wait(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event that fits, now or later."""
        for event in self._events:
            if fits(event):
                return event
        while not fits(event := self._next()):
            pass
        return event

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._heard:
            ready, _, _ = select.select([self._hear], [], [], HANGS)
            more = os.read(self._hear, 1 << 16) if ready else b""
            assert more, "the browser says nothing more"
            self._heard += more
        message, _, self._heard = self._heard.partition(b"\0")
        event: dict[str, Any] = json.loads(message)
        self._events.append(event)
        if event.get("method") == "Page.javascriptDialogOpening":
            self._send("Page.handleJavaScriptDialog", event["sessionId"], {"accept": True})
        return event

    def _found(self, method: str) -> list[dict[str, Any]]:
        return [e["params"] for e in self._events if e.get("method") == method]
