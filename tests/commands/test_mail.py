"""`segaudit mail` and `run --mail` as commands: what they need, and which exit code wins."""

import pytest

from tests.deliver.servers import SmtpServer
from tests.deliver.stores import segaudit

MAIL = """\
mail: {{host: 127.0.0.1, port: {}, security: none, from: s@a.b, to: [o@a.b],
  attach: false, retry_seconds: 0}}
"""


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def run(source, tmp_path, server):
    """`run --mail` on the cluster, and whatever else is given."""
    (tmp_path / "mail.yaml").write_text(MAIL.format(server.port), "utf-8")

    def run(*more, formats="json"):
        where = ("--from", str(source), "--out", str(tmp_path / "out"), "--format", formats)
        return segaudit("run", "--mail", *where, "--config", str(tmp_path / "mail.yaml"), *more)

    return run


def test_a_run_is_mailed_as_soon_as_it_is_stored(run, server, tmp_path):
    said = run("--store", str(tmp_path / "runs"))
    assert (said.status, said.err) == (0, "")
    stored, told = said.out.splitlines()[-2:]
    assert stored.startswith("Stored as ")
    assert told == f"Told of {stored.split()[2]}: o@a.b."
    assert server.box.recipients == ["o@a.b"]


def test_without_a_store_nothing_is_read(run, tmp_path):
    said = run()
    assert said.status == 2
    assert "--mail needs a store, which knows what was sent: name one with --store URL" in said.err
    assert not (tmp_path / "out").exists()


def test_without_json_nothing_is_read(run, tmp_path):
    said = run("--store", str(tmp_path / "runs"), formats="html")
    assert said.status == 2
    assert "--mail needs json among --format" in said.err
    assert not (tmp_path / "runs").exists()


def test_a_jobs_second_attempt_sends_nothing_twice(run, server, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGAUDIT_JOB_NAME", "nightly-1")
    for _ in range(2):
        assert run("--store", str(tmp_path / "runs")).status == 0
    assert server.box.recipients == ["o@a.b"]


def test_findings_are_exit_1_once_the_mail_is_sent(run, server, tmp_path):
    assert run("--store", str(tmp_path / "runs"), "--fail-on", "low").status == 1
    assert server.box.recipients == ["o@a.b"]


def test_mail_that_is_not_sent_is_exit_5_before_findings_and_the_run_stays(run, server, tmp_path):
    server.box.rcpt["o@a.b"] = ["550 no such user"]
    said = run("--store", str(tmp_path / "runs"), "--fail-on", "low")
    assert said.status == 5
    assert "not sent to o@a.b: 550 no such user" in said.err
    assert segaudit("verify", str(tmp_path / "runs")).status == 0
    again = segaudit("mail", "--store", str(tmp_path / "runs"), "--config", str(tmp_path / "mail.yaml"))
    assert again.status == 0
    assert server.box.recipients == ["o@a.b"]


def test_a_run_that_was_not_stored_is_not_mailed(run, server, tmp_path, monkeypatch):
    def refuse(*_):
        from audit.errors import DeliveryError

        raise DeliveryError("no room")

    monkeypatch.setattr("audit.store.places.Local.create", refuse)
    said = run("--store", str(tmp_path / "runs"))
    assert said.status == 5
    assert "the run was not stored" in said.err
    assert server.box.taken == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("{}", "mail is not set up: set mail.host, mail.from and mail.to, or webhook.url_file"),
        ("mail: {host: h}", "mail.from is missing"),
        ("mail: {host: h, from: a@b}", "mail.to is missing"),
        (
            "mail: {host: h, from: a@b, to: [c@d], security: none, username: u}",
            "mail.security is none, which would send the password in clear",
        ),
    ],
)
def test_what_is_missing_is_exit_2(tmp_path, settings, told):
    (tmp_path / "mail.yaml").write_text(settings, "utf-8")
    said = segaudit("mail", "--store", str(tmp_path), "--config", str(tmp_path / "mail.yaml"))
    assert said.status == 2
    assert told in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no store is named"),
        (("--store", "none"), "there is no store none"),
        (
            ("--store", "."),
            "the store . has no run last: nothing is stored there; segaudit run --store . stores",
        ),
        (("--store", ".", "--run", "x"), "the store . has no run x"),
    ],
)
def test_a_store_and_a_run_are_needed(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.yaml").write_text(MAIL.format(1), "utf-8")
    said = segaudit("mail", "--config", "mail.yaml", *arguments)
    assert said.status == 2
    assert told in said.err
