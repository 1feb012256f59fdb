"""A server on this machine that speaks TAP (sync and async) and the records API of Zenodo."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

#: Columns as a VOTable describes them: name, datatype, arraysize, unit, UCD, description.
STARS = (
    ("source_id", "long", "", "", "meta.id;meta.main", "Identifier"),
    ("name", "char", "*", "", "meta.id", "Name in the catalogue"),
    ("g_mag", "float", "", "mag", "phot.mag;em.opt", "Mean magnitude"),
    ("teff", "double", "", "K", "phys.temperature", "Effective temperature"),
    ("flag", "boolean", "", "", "meta.code", "Variable?"),
    ("spectrum", "float", "3", "", "", "Three fluxes"),
)
#: Beyond 2**53, so that a detour by floating-point numbers would be seen; one missing value each.
ROWS: list[tuple[Any, ...]] = [
    (9007199254740993, "star a", 12.5, 5772.0, True, (1.0, 2.0, 3.0)),
    (9007199254740995, "Åse < b", None, 4100.25, False, (4.0, 5.0, 6.0)),
    (9007199254740997, None, -1.5, None, None, (7.0, 8.0, 9.0)),
]


@dataclass
class Services:
    """What the server answers, which tests change, and what it was asked.

    Attributes
    ----------
    limit : int
        Most rows in an answer, whatever MAXREC says.
    fault : str
        What the service says instead of an answer.
    status : int
        Status of the answer to a query.
    quiet_cut : bool
        Whether a cut-off answer keeps silent about it.
    phases : list of str
        What a job goes through, one at each look.
    """

    columns: tuple[tuple[str, ...], ...] = STARS
    rows: list[tuple[Any, ...]] = field(default_factory=lambda: list(ROWS))
    limit: int = 1000
    fault: str = ""
    status: int = 200
    body: bytes | None = None
    quiet_cut: bool = False
    phases: list[str] = field(default_factory=lambda: ["QUEUED", "EXECUTING", "COMPLETED"])
    job_page: bytes | None = None
    records: dict[int, dict[str, bytes]] = field(default_factory=dict)
    latest: dict[int, int] = field(default_factory=dict)
    wrong_md5: bool = False
    slow: threading.Event | None = None
    asked: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    address: str = ""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, query: str, maxrec: int | None) -> tuple[int, bytes]:
        """Return status and body of the answer to a query."""
        self.queries.append(query)
        if self.slow is not None:
            self.slow.wait(1800)
        if self.body is not None:
            return self.status, self.body
        if self.fault:
            return self.status, votable(self.columns, [], "ERROR", self.fault)
        if "COUNT(*)" in query:
            count = (("n", "long", "", "", "", ""),)
            return self.status, votable(count, [(len(self.rows),)], "OK")
        most = min(self.limit, maxrec or self.limit)
        cut = len(self.rows) > most and not self.quiet_cut
        return self.status, votable(self.columns, self.rows[:most], "OVERFLOW" if cut else "OK")


def votable(
    columns: tuple[tuple[str, ...], ...], rows: list[tuple[Any, ...]], status: str, words: str = ""
) -> bytes:
    """Write a VOTable as services do; an overflow is said after the table."""
    fields = "".join(
        f"<FIELD name={quoteattr(name)} datatype={quoteattr(kind)}"
        + (f" arraysize={quoteattr(size)}" if size else "")
        + (f" unit={quoteattr(unit)}" if unit else "")
        + (f" ucd={quoteattr(ucd)}" if ucd else "")
        + f"><DESCRIPTION>{escape(about)}</DESCRIPTION></FIELD>"
        for name, kind, size, unit, ucd, about in columns
    )
    data = "".join(
        "<TR>" + "".join(f"<TD>{escape(_cell(v))}</TD>" for v in row) + "</TR>" for row in rows
    )
    table = f"<TABLE>{fields}<DATA><TABLEDATA>{data}</TABLEDATA></DATA></TABLE>"
    first = "OK" if status == "OVERFLOW" else status
    last = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' if status == "OVERFLOW" else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="{first}">{escape(words)}</INFO>'
        f"{'' if status == 'ERROR' else table}{last}</RESOURCE></VOTABLE>"
    ).encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(str(v) for v in value)
    return {True: "T", False: "F"}[value] if isinstance(value, bool) else str(value)


class Handler(BaseHTTPRequestHandler):
    services: Services
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.services.asked.append(f"GET {path}")
        if path.startswith("/tap/async/"):
            self._job(path)
        elif path.startswith("/api/records/"):
            self._record(path)
        else:
            self._send(404, b"there is no such page")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        self.services.asked.append(f"POST {path}")
        length = int(self.headers.get("Content-Length") or 0)
        form = {k.upper(): v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        maxrec = int(form["MAXREC"]) if "MAXREC" in form else None
        if path == "/tap/sync":
            self._send(*self.services.answer(form["QUERY"], maxrec), "application/x-votable+xml")
        elif path == "/tap/async":
            job = str(len(self.services.jobs) + 1)
            self.services.jobs[job] = {"form": (form["QUERY"], maxrec), "looks": -1}
            self._redirect(f"/tap/async/{job}")
        elif found := re.fullmatch(r"/tap/async/(\d+)/phase", path):
            self.services.jobs[found[1]]["looks"] = 0
            self._redirect(f"/tap/async/{found[1]}")
        else:
            self._send(404, b"there is no such page")

    def do_DELETE(self) -> None:
        path = urlsplit(self.path).path
        self.services.asked.append(f"DELETE {path}")
        self._send(200, b"")

    def _job(self, path: str) -> None:
        _, _, _, number, *rest = path.split("/")
        job = self.services.jobs[number]
        if self.services.job_page is not None:
            self._send(200, self.services.job_page)
            return
        if rest == ["results", "result"]:
            self._send(*self.services.answer(*job["form"]), "application/x-votable+xml")
            return
        phase = "PENDING"
        if job["looks"] >= 0:
            phase = self.services.phases[min(job["looks"], len(self.services.phases) - 1)]
            job["looks"] += 1
        result = error = ""
        if phase == "COMPLETED":
            result = '<uws:result id="result" xlink:href="results/result"/>'
            result = f'<uws:result id="result" xlink:href="{path}/results/result"/>'
        if phase == "ERROR":
            words = escape(self.services.fault)
            error = (
                '<uws:errorSummary type="fatal" hasDetail="false">'
                f"<uws:message>{words}</uws:message></uws:errorSummary>"
            )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<uws:job version="1.1" xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<uws:jobId>{number}</uws:jobId><uws:phase>{phase}</uws:phase>"
            "<uws:executionDuration>60</uws:executionDuration>"
            f"<uws:results>{result}</uws:results>{error}</uws:job>"
        )
        self._send(200, text.encode(), "text/xml")

    def _record(self, path: str) -> None:
        parts = path.split("/")
        number = int(parts[3])
        if len(parts) > 4:
            content = self.services.records[number][unquote(parts[5])]
            if self.services.slow is not None:
                self._send_half(content)
            self._send(200, content)
            return
        number = self.services.latest.get(number, number)
        if number not in self.services.records:
            words = {"status": 404, "message": "The persistent identifier does not exist."}
            self._send(404, json.dumps(words).encode(), "application/json")
            return
        address = f"{self.services.address}/api/records"
        files = [
            {
                "key": key,
                "size": len(content),
                "checksum": "md5:"
                + hashlib.md5(content + b"x" * self.services.wrong_md5).hexdigest(),
                "links": {"self": f"{address}/{number}/files/{quote(key)}/content"},
            }
            for key, content in self.services.records[number].items()
        ]
        about = {
            "id": number,
            "doi": f"10.5281/zenodo.{number}",
            "metadata": {"title": "Some stars", "access_right": "open"},
            "files": files,
        }
        self._send(200, json.dumps(about).encode(), "application/json")

    def _send_half(self, content: bytes) -> None:
        """Send half of a file, and wait until the test says go on: by then the client is gone."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.services.queries.append("half a file")
        self.services.slow.wait(1800)

    def _redirect(self, path: str) -> None:
        self.send_response(303)
        self.send_header("Location", f"{self.services.address}{path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle is what some tests are about."""


@contextmanager
def running(services: Services) -> Iterator[Services]:
    """Run the server on a free port of this machine."""
    handler = type("ServicesHandler", (Handler,), {"services": services})
    server = Server(("127.0.0.1", 0), handler)
    services.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield services
    finally:
        if services.slow is not None:
            services.slow.set()  # whatever the test has come to
        server.shutdown()
        server.server_close()
