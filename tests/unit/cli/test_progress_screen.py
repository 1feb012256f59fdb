"""One living line on a terminal, plain lines elsewhere."""

import fcntl
import os
import pty
import struct
import termios

import pytest

from boxloop.cli.progress.screen import Screen


@pytest.fixture
def terminal(monkeypatch):
    """A terminal's two ends: what is shown, and the stream that a program writes to."""
    monkeypatch.setenv("TERM", "xterm")
    shown, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    with os.fdopen(inside, "w", encoding="utf-8") as stream:
        yield shown, stream
    os.close(shown)


def seen(shown, stream) -> bytes:
    """Return all that was written to the terminal; it may hand it on in pieces."""
    stream.write("\0")
    stream.flush()
    found = b""
    while not found.endswith(b"\0"):
        found += os.read(shown, 1000)
    return found[:-1]


def test_the_line_is_rewritten_in_its_place(terminal):
    shown, stream = terminal
    screen = Screen(stream, stream)
    assert screen.living and screen.width == 59
    for text in ("data", "data", "search"):
        screen.line(text)
    assert seen(shown, stream) == b"\rdata\x1b[K\rsearch\x1b[K"


def test_what_is_said_stands_above_the_line(terminal):
    shown, stream = terminal
    screen = Screen(stream, stream)
    screen.line("search")
    screen.say("boxloop: the disk is full", error=True)
    screen.line("search")
    screen.clear()
    screen.clear()
    assert seen(shown, stream) == (
        b"\rsearch\x1b[K\r\x1b[Kboxloop: the disk is full\r\n\rsearch\x1b[K\r\x1b[K"
    )


def test_a_terminal_without_a_size_has_eighty_columns(terminal):
    _, stream = terminal
    fcntl.ioctl(stream.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
    assert Screen(stream, stream).width == 79


@pytest.mark.parametrize("which", ["out", "err", "dumb"])
def test_elsewhere_nothing_is_rewritten(which, terminal, tmp_path, monkeypatch):
    _, stream = terminal
    with (tmp_path / "said").open("w", encoding="utf-8") as file:
        if which == "dumb":
            monkeypatch.setenv("TERM", "dumb")
        out, err = (file, stream) if which == "out" else (stream, file)
        screen = Screen(out, stream if which == "dumb" else err)
        assert not screen.living
        screen.line("search")
        screen.clear()
        screen.say("data done", error=which == "err")
    assert (tmp_path / "said").read_text() == ("" if which == "dumb" else "data done\n")


def test_a_run_goes_on_though_nobody_looks_any_more():
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        os.close(reader)
        Screen(stream, stream).say("data done")


def test_what_a_job_wrote_is_shown_without_what_a_terminal_would_obey(tmp_path):
    with (tmp_path / "shown").open("w", encoding="utf-8") as stream:
        screen = Screen(stream, stream)
        screen.say("boxloop: all is well \x1b[2J\x1b[8m\x9b\r\tyes é\nsecond " + "x" * 5_000)
    first, second = (tmp_path / "shown").read_text(encoding="utf-8").splitlines()
    assert first == "boxloop: all is well \ufffd[2J\ufffd[8m\ufffd\ufffd\tyes é"
    assert second.endswith("x ...") and len(second) < 2_100
