"""The console script as a person or a job calls it: exit codes, and one line for every error."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit import cli, pipeline
from audit.config import DEFAULT_FORMATS, FORMATS
from audit.errors import DeliveryError

SEGAUDIT = Path(sys.executable).with_name("segaudit")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("SEGAUDIT_")}
COMMANDS = ("run", "snapshot", "connections", "explain", "checks", "history", "trend", "fleet", "mail")

OPEN = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
"""
UNREADABLE = "kind: [\n"


@pytest.fixture
def manifests(tmp_path):
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "pods.yaml").write_text(OPEN, "utf-8")
    return folder


@pytest.fixture
def segaudit(tmp_path):
    """Runs the console script in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()

    def call(*arguments, **options) -> subprocess.CompletedProcess[str]:
        environment = {**ENVIRONMENT, "LC_ALL": "C", **options.pop("env", {})}
        defaults = {"capture_output": True, "stdin": subprocess.DEVNULL, "text": True, "encoding": "utf-8"}
        return subprocess.run(
            [SEGAUDIT, *arguments], cwd=folder, env=environment, check=False, **{**defaults, **options}
        )

    call.folder = folder
    return call


def one_line(done) -> str:
    """The only line on standard error."""
    [line] = done.stderr.splitlines()
    assert line.startswith("segaudit: ")
    return line


# -- what is asked for ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
def test_help_is_on_standard_output(segaudit, command):
    done = segaudit(*command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(" ".join(["usage: segaudit", *command]))
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


def test_help_names_every_command_and_every_exit_code(segaudit):
    text = segaudit("--help").stdout
    for word in (*COMMANDS, *(f"\n  {code} " for code in (0, 1, 2, 3, 4, 5, 6, 130, 143))):
        assert word in text


def test_help_names_every_output(segaudit):
    text = "".join(segaudit("run", "--help").stdout.split())
    assert f"someof{','.join(FORMATS)}(default:{','.join(DEFAULT_FORMATS)})" in text


def test_help_needs_nothing_heavy():
    code = "import sys, audit.cli; audit.cli.parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pandas", "numpy", "msgspec", "yaml", "jinja2", "weasyprint", "matplotlib", "tqdm"}


def test_python_m_audit_is_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "audit", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "segaudit"


# -- exit codes -------------------------------------------------------------------------------------


def test_0_with_findings(segaudit, manifests):
    done = segaudit("run", "--from", manifests)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 of 2 pods" in done.stdout
    files = "catalogue.json, configuration.json, report.html, report.json, report.pdf, snapshot.zip, csv/"
    assert f"out: {files}" in done.stdout


def test_quiet_says_nothing(segaudit, manifests):
    done = segaudit("run", "--from", manifests, "--format", "csv", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("level", "status"), [("critical", 0), ("high", 1), ("low", 1)])
def test_1_where_fail_on_is_met(segaudit, manifests, level, status):
    done = segaudit("run", "--from", manifests, "--format", "csv", "--fail-on", level)
    assert done.returncode == status
    if status:
        assert f"--fail-on {level}" in one_line(done)
    assert (segaudit.folder / "out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "COMMAND"),
        (("audit",), "invalid choice"),
        (("run",), "name a kubeconfig with --kubeconfig, or files with --from"),
        (("run", "--from", ".", "--mail"), "mail is not set up: set mail.host, mail.from and mail.to"),
        (("mail",), "mail is not set up: set mail.host, mail.from and mail.to"),
        (("run", "--kubeconfig", "x"), "--kubeconfig"),
        (("run", "--fro", "x"), "--fro"),
        (("run", "--quiet", "--verbose"), "not allowed with"),
        (("run", "--from", ".", "--format", "html,docx"), "--format docx: no such output"),
        (("run", "--from", ".", "--format", "docx"), "no such output; allowed are html,pdf,json,csv,md"),
        (("run", "--from", ".", "--format", ","), "--format"),
        (("run", "--from", ".", "--fail-on", "bad"), "--fail-on"),
        (("run", "--from", ".", "--as-of", "yesterday"), "--as-of"),
        (("run", "--from", ".", "--config", "absent.yaml"), "absent.yaml"),
        (("run", "--from", ".", "--waivers", "absent.yaml"), "absent.yaml"),
        (("run", "--from", "/", "--out", "/"), "not empty"),
        (("snapshot", "--from", "."), "-o"),
        (("connections", "--from", ".", "--level", "cell"), "--level"),
        (("explain", "--from", ".", "a/b"), "DST"),
        (("explain", "--from", ".", "a/b", "c/d", "--port", "http"), "--port"),
        (("explain", "--from", ".", "a/b", "c/d", "--port", "65536"), "--port"),
        (("checks", "--framework", "cis"), "--framework cis: there is none; allowed are "),
    ],
)
def test_2_for_what_cannot_be_used(segaudit, arguments, said):
    done = segaudit(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in one_line(done)
    assert list(segaudit.folder.iterdir()) == []


def test_2_for_the_environment(segaudit, manifests):
    done = segaudit("run", "--from", manifests, env={"SEGAUDIT_THRESHOLDS_IPV4_PREFIX": "many"})
    assert done.returncode == 2
    assert "SEGAUDIT_THRESHOLDS_IPV4_PREFIX" in one_line(done)


@pytest.mark.parametrize(
    "command", [("run",), ("connections",), ("snapshot", "-o", "x"), ("explain", "a/b", "c/d")]
)
def test_3_where_there_is_nothing_to_read(segaudit, command):
    done = segaudit(*command, "--from", "absent")
    assert done.returncode == 3
    assert "absent" in one_line(done)
    assert list(segaudit.folder.iterdir()) == []


def test_3_for_empty_standard_input(segaudit):
    done = segaudit("run", "--from", "-")
    assert done.returncode == 3
    assert "stdin" in one_line(done)


def test_3_for_closed_standard_input():
    command = f'"{SEGAUDIT}" connections --from - <&-'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "standard input" in one_line(done)


def test_5_where_nothing_can_be_written(segaudit, manifests):
    done = segaudit("run", "--from", manifests, "--format", "csv", "--out", "/proc/segaudit/out")
    assert done.returncode == 5
    assert "/proc/segaudit/out" in one_line(done)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_5_where_standard_output_is_full(segaudit, manifests):
    with Path("/dev/full").open("w") as full:
        done = segaudit(
            "connections", "--from", manifests, capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 5
    assert "standard output" in one_line(done)


@pytest.mark.parametrize(
    "command", [("run", "--format", "csv"), ("connections",), ("snapshot", "-o", "x.zip")]
)
def test_6_only_with_strict(segaudit, manifests, command):
    (manifests / "broken.yaml").write_text(UNREADABLE, "utf-8")
    assert segaudit(*command, "--from", manifests).returncode == 0
    strict = segaudit(*command, "--from", manifests, "--strict")
    assert strict.returncode == 6
    last = strict.stderr.splitlines()[-1]
    assert last.startswith("segaudit: --strict: ")
    assert "broken.yaml" in last


def test_6_comes_before_1(segaudit, manifests):
    (manifests / "broken.yaml").write_text(UNREADABLE, "utf-8")
    done = segaudit("run", "--from", manifests, "--format", "csv", "--strict", "--fail-on", "low")
    assert done.returncode == 6


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_in_one_line_and_leaves_nothing(tmp_path, number, status):
    folder = tmp_path / "work"
    folder.mkdir()
    process = subprocess.Popen(
        [SEGAUDIT, "run", "--from", "-"],
        cwd=folder,
        env={**ENVIRONMENT, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that runs the tests in the background has its children ignore SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no thread forks
    )
    try:
        while not list(folder.iterdir()):  # standard input is being spooled
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate()
    finally:
        process.kill()
    assert process.returncode == status
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("segaudit: ")
    assert list(folder.iterdir()) == []


# -- pipes ------------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_error(manifests):
    """More than a pipe holds, and a reader that takes one line."""
    pods = [OPEN.partition("---")[0].replace("name: web,", f"name: web-{i},") for i in range(100)]
    (manifests / "pods.yaml").write_text("---\n".join(pods), "utf-8")
    process = subprocess.Popen(
        [SEGAUDIT, "connections", "--from", manifests, "--level", "pod"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"source,destination,connections,scope\r\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_standard_input_is_read(segaudit):
    done = segaudit("connections", "--from", "-", stdin=None, input=OPEN)
    assert done.returncode == 0
    assert "shop/Pod/web,shop/Pod/db,All,all" in done.stdout.splitlines()


def test_closed_standard_streams_are_no_fault(manifests, tmp_path):
    for closed in ("0<&-", "1>&-", "2>&-"):
        command = f'"{SEGAUDIT}" run --from "{manifests}" --format csv --out "{tmp_path}/out" {closed}'
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
        assert "fault" not in done.stderr
        assert done.returncode in (0, 5)


# -- how errors are said ----------------------------------------------------------------------------


def test_what_an_error_names_cannot_break_its_line(segaudit):
    done = segaudit("run", "--from", "a\nsegaudit: all is well\x1b[2J")
    assert "\x1b" not in one_line(done)
    assert segaudit("run", "--from", ".", "--a\nb").stderr.count("\n") == 1


def test_json_log_lines(segaudit):
    done = segaudit("run", "--from", "absent", "--log-format", "json")
    line = json.loads(done.stderr)
    assert (line["level"], done.returncode) == ("error", 3)
    assert "absent" in line["message"]
    assert "traceback" not in line


def test_a_traceback_only_with_verbose(segaudit):
    assert "Traceback" in segaudit("run", "--from", "absent", "--verbose").stderr
    assert (
        "Traceback"
        in json.loads(
            segaudit("run", "--from", "absent", "--verbose", "--log-format", "json").stderr.splitlines()[-1]
        )["traceback"]
    )


def test_a_fault_is_one_line_with_its_place_and_nothing_of_the_input(monkeypatch, capsys, manifests):
    def broken(_config):
        raise ValueError("secret of the input")

    monkeypatch.setattr(pipeline, "collect", broken)
    assert cli.main(["connections", "--from", str(manifests)]) == 4
    said = capsys.readouterr().err
    assert said.startswith("segaudit: a fault in segaudit: ValueError at audit/")
    assert said.count("\n") == 1
    assert "secret" not in said


def test_no_memory_is_no_fault(monkeypatch, capsys, manifests):
    def full(_config):
        raise MemoryError

    monkeypatch.setattr(pipeline, "collect", full)
    assert cli.main(["connections", "--from", str(manifests)]) == 4
    assert capsys.readouterr().err.startswith("segaudit: out of memory")


def test_the_handler_of_sigterm_is_put_back():
    before = signal.getsignal(signal.SIGTERM)
    cli.main(["run"])
    assert signal.getsignal(signal.SIGTERM) is before


def test_rendering_before_delivery(monkeypatch, capsys, manifests, tmp_path):
    """The first of 2, 3, 4, 5, 6, 1 that applies."""
    from audit.deliver.files import Folder
    from reports import to_json
    from reports.errors import RenderFailure

    def broken(*_):
        raise RenderFailure("broken")

    def full(*_):
        raise DeliveryError("disk full")

    monkeypatch.setattr(to_json, "render_json", broken)
    arguments = ["run", "--from", str(manifests), "--format", "json,csv", "--out", str(tmp_path / "out")]
    assert cli.main([*arguments, "--fail-on", "low", "--strict"]) == 4
    assert "cannot render report.json: broken; everything else is in" in capsys.readouterr().err
    monkeypatch.setattr(Folder, "write", full)
    assert cli.main(arguments) == 4
    assert "disk full" in capsys.readouterr().err
