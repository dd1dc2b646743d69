"""In processes of their own: standard output is one a process."""

import subprocess
import sys


def python(code: str, **options):
    return subprocess.run(
        [sys.executable, "-c", f"from audit.deliver import stdout; {code}"],
        env={"PYTHONIOENCODING": "ascii"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **{"stdout": subprocess.PIPE, "encoding": "utf-8", **options},
    )


def test_it_is_utf8_whatever_the_locale():
    done = python(r"stdout.say(['\u00e9\u4e2d'])")
    assert (done.stdout, done.stderr) == ("é中\n", "")


def test_a_line_stays_a_line():
    assert python(r"stdout.say(['a\nb\x1b[2J\ud800', 'c'])").stdout == "a\\nb\\x1b[2J\\ud800\nc\n"


def test_a_closed_one_is_a_delivery_error():
    done = python("import sys; sys.stdout = None; stdout.flush(); stdout.write([b'x'])")
    assert done.stderr.splitlines()[-1].startswith(
        "audit.errors.DeliveryError: cannot write: standard output"
    )


def test_nothing_more_is_said_once_the_reader_is_gone():
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from audit.deliver import stdout; stdout.write(iter(lambda: b'x' * 9999, None))",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.read(1)
    process.stdout.close()
    lines = process.stderr.read().splitlines()
    process.stderr.close()
    assert process.wait() == 1
    assert lines[-1] == "audit.deliver.stdout.ReaderGone"
