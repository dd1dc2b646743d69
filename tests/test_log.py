import io
import json
import logging

import pytest

from audit import log

FORGED = "pod\nerror: all is well\r\x1b[2J\u2028\u202e\ud800"


@pytest.fixture(autouse=True)
def restored():
    loggers = [logging.getLogger(name) for name in (None, *log.OWN_LOGGERS)]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def said():
    stream = io.StringIO()

    def configure(*arguments, **named):
        log.configure(*arguments, stream=stream, **named)
        return lambda: stream.getvalue().splitlines()

    return configure


def fail():
    raise ValueError(FORGED)


def speak():
    own, other = logging.getLogger("audit.collect"), logging.getLogger("urllib3.pool")
    for logger in (own, other):
        for level in ("debug", "info", "warning", "error"):
            getattr(logger, level)("%s of %s", level, logger.name)


@pytest.mark.parametrize(
    ("flags", "heard"),
    [
        ({}, ["info", "warning", "error"]),
        ({"quiet": True}, ["error"]),
        ({"verbose": True}, ["debug", "info", "warning", "error"]),
    ],
)
def test_levels(said, flags, heard):
    lines = said(**flags)
    speak()
    of_others = [level for level in heard if level in ("warning", "error")]
    prefix = {"debug": "", "info": "", "warning": "warning: ", "error": "error: "}
    assert lines() == [f"{prefix[level]}{level} of audit.collect" for level in heard] + [
        f"{prefix[level]}{level} of urllib3.pool" for level in of_others
    ]


def test_json_lines(said):
    lines = said("json")
    logging.getLogger("audit.x").warning("seen: %s", FORGED)
    (line,) = lines()
    entry = json.loads(line)
    assert list(entry) == ["time", "level", "logger", "message"]
    assert (entry["level"], entry["logger"]) == ("warning", "audit.x")
    assert entry["time"].endswith("+00:00")
    assert entry["message"].isprintable()


def test_a_name_cannot_forge_a_line(said):
    lines = said()
    logging.getLogger("audit.x").warning("seen: %s", FORGED)
    expected = "warning: seen: pod\\nerror: all is well\\r\\x1b[2J\\u2028\\u202e\\ud800"
    assert lines() == [expected]
    assert expected.isprintable()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_credentials_are_left_out(said, log_format):
    lines = said(log_format)
    logging.getLogger("audit.x").error(
        "%s", "https://joe:hunter2@example.com/x and s3://a@b:hunter2@c, Authorization: Bearer hunter2.x-y="
    )
    (line,) = lines()
    assert "hunter2" not in line
    assert "https://***@example.com/x and s3://***@c" in line


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_tracebacks_are_for_the_verbose(said, log_format):
    for verbose in (False, True):
        lines = said(log_format, verbose=verbose)
        before = len(lines())
        try:
            fail()
        except ValueError:
            logging.getLogger("audit.x").exception("broken")
        new = lines()[before:]
        assert ("Traceback" in "".join(new)) is verbose
        if log_format == "json":
            assert len(new) == 1
            assert ("traceback" in json.loads(new[0])) is verbose
        else:
            assert new[0] == "error: broken"
            assert all(line.startswith("    ") and line.isprintable() for line in new[1:])


def test_configuring_again_replaces(said):
    said()
    lines = said()
    logging.getLogger("audit.x").info("once")
    assert lines() == ["once"]


def test_standard_error_is_the_default(capsys):
    log.configure()
    logging.getLogger("audit.x").info("here")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "here\n")


def test_printable_leaves_words_alone():
    assert log.printable("Größe /a/b-c 中文 \\") == "Größe /a/b-c 中文 \\"
    assert log.printable("a\tb\x00") == "a\\tb\\x00"
