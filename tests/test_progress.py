import contextvars
import io
import logging
import sys
import threading

import pytest

from audit import log, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Called in the test itself: between set-up and test pytest puts its own standard error back."""

    def stand_in():
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        progress.allow(allowed=True)  # a command that ran before in this process may have said no
        return stream

    return stand_in


def work():
    with progress.progress("reading files", total=3) as tick:
        tick(1)
        tick(2)


def test_a_bar_on_a_terminal_that_goes_away(terminal):
    stderr = terminal()
    threads = threading.active_count()
    work()
    written = stderr.getvalue()
    assert "reading files" in written
    assert "/3" in written
    assert written.rstrip(" ").endswith("\r")
    assert threading.active_count() == threads


def test_nothing_where_there_is_no_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    work()
    assert stream.getvalue() == ""


def test_nothing_where_it_is_not_allowed(terminal):
    stderr = terminal()

    def without():
        progress.allow(allowed=False)
        work()

    contextvars.copy_context().run(without)
    assert stderr.getvalue() == ""


def test_without_a_total(terminal):
    stderr = terminal()
    with progress.progress("reading") as tick:
        tick(5)
    assert "reading" in stderr.getvalue()


def test_an_error_passes_and_the_bar_goes_away(terminal):
    stderr = terminal()
    with pytest.raises(ValueError, match="broken"), progress.progress("reading"):
        raise ValueError("broken")
    assert stderr.getvalue().rstrip(" ").endswith("\r")


def test_what_is_logged_stands_on_a_line_of_its_own(terminal):
    stderr = terminal()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers.clear()
        log.configure()
        with progress.progress("reading", total=2):
            logging.getLogger("audit.x").warning("half way\nthere")
        assert "\rwarning: half way\\nthere\n" in stderr.getvalue()
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
