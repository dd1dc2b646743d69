"""Mail by a real SMTP server: who gets what, once, and what becomes of it if something breaks."""

from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime

import msgspec
import pytest

from audit import manifest
from tests.deliver.stores import FIRST, flat, segaudit

BOTH = ["ops@example.com", "security@example.com"]


def test_everybody_gets_the_mail_about_the_newest_run(audits, server):
    said = audits.mail()
    assert (said.status, said.err) == (0, "")
    assert said.out == f"Told of {audits.runs[1]}: ops@example.com, security@example.com.\n"
    assert server.box.recipients == BOTH
    one, other = server.box.messages()
    assert one["Message-ID"] == other["Message-ID"]
    assert one["Subject"] == "[prod] 3 high; 33 % of pods isolated (+33.3)"
    assert one["From"] == "segaudit <segaudit@example.com>"
    assert one["To"] == "ops@example.com, security@example.com"
    assert one["Auto-Submitted"] == "auto-generated"
    assert int(parsedate_to_datetime(one["Date"]).timestamp()) == FIRST + 26 * 3600
    (paper,) = one.iter_attachments()
    assert paper.get_filename() == "prod-25-November-2026-02-00-UTC.pdf"
    assert paper.get_content() == (audits.store / audits.runs[1] / "report.pdf").read_bytes()


def test_addresses_that_differ_in_case_are_one(audits, server):
    audits.settle(server.port, to="[ops@example.com, Ops@example.com]")
    assert audits.mail().status == 0
    assert server.box.recipients == ["ops@example.com"]


def test_a_second_call_sends_nothing(audits, server):
    audits.mail()
    said = audits.mail(hours=27)
    assert (said.status, len(server.box.taken)) == (0, 2)
    assert "before, and not again: ops@example.com, security@example.com" in said.out


def test_who_is_new_gets_what_others_have_already(audits, server):
    audits.mail()
    audits.settle(server.port, to="[new@example.com, OPS@example.com]")
    assert audits.mail().status == 0
    assert server.box.recipients == [*BOTH, "new@example.com"]


@pytest.mark.usefixtures("server")
def test_the_records_say_what_was_sent_and_verify_knows_them(audits):
    audits.mail()
    assert audits.records() == {audits.runs[1]: ["1.sending.json", "1.sent.json"] * 2}
    said = segaudit("verify", str(audits.store))
    assert (said.status, said.out) == (0, said.out)
    assert said.out.endswith("all is as it was written.\n")


def test_an_earlier_run_is_mailed_by_name(audits, server):
    said = audits.mail("--run", audits.runs[0], hours=80)
    assert said.status == 0
    (mail, _) = server.box.messages()
    assert mail["Subject"] == "[prod] 2 high; 0 % of pods isolated"
    assert "newest run" not in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize(("hours", "told"), [(24 + 36, False), (24 + 37, True)])
def test_a_newest_run_that_is_too_old_is_said_to_be(audits, server, hours, told):
    audits.settle(server.port, "  owners: [shop=team-shop@example.com]")
    audits.mail(hours=hours)
    assert server.box.recipients == [*BOTH, "team-shop@example.com"]
    for mail in server.box.messages():
        text = flat(mail.get_body(("plain",)).get_content())
        assert ("This is the newest run that is stored, and its snapshot is 1 d 13 h old." in text) is told


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_protected_and_logged_in(audits, smtp, trust, tmp_path, security):
    server = smtp(trust.server, security, ("robot", "hüsh"))
    (tmp_path / "password").write_text("hüsh\n", "utf-8")
    more = f"  ca_file: {trust.ca_file}\n  username: robot\n  password_file: {tmp_path / 'password'}"
    audits.settle(server.port, more, security=security)
    said = audits.mail()
    assert (said.status, said.err) == (0, "")
    assert server.box.logins == [("robot", "hüsh")]
    assert server.box.recipients == BOTH


def test_the_password_may_be_in_the_environment(audits, smtp, trust):
    server = smtp(trust.server, "starttls", ("robot", "hush"))
    audits.settle(server.port, f"  ca_file: {trust.ca_file}\n  username: robot", security="starttls")
    assert audits.mail(SEGAUDIT_MAIL_PASSWORD="hush").status == 0  # noqa: S106
    wrong = audits.mail("--run", audits.runs[0], SEGAUDIT_MAIL_PASSWORD="wrong")  # noqa: S106
    assert wrong.status == 5
    assert "the server refused mail.username and its password (535)" in wrong.err
    assert "wrong" not in wrong.err


def test_without_a_password_nothing_is_begun(audits, server, tmp_path):
    audits.settle(server.port, "  username: robot", security="starttls")
    none = audits.mail()
    assert none.status == 2
    assert "name a file in mail.password_file, or set SEGAUDIT_MAIL_PASSWORD" in none.err
    more = f"  username: robot\n  password_file: {tmp_path / 'none'}"
    audits.settle(server.port, more, security="starttls")
    gone = audits.mail()
    assert gone.status == 2
    assert f"cannot read mail.password_file {tmp_path / 'none'}: No such file" in gone.err
    assert audits.records() == {}
    assert audits.mail("--dry-run", "--out", str(tmp_path / "look")).status == 0, "which logs in nowhere"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted_is_refused(audits, smtp, trust, security):
    server = smtp(trust.server, security)
    audits.settle(server.port, security=security)
    said = audits.mail()
    assert said.status == 5
    assert "certificate is not trusted" in said.err
    assert "name its CA in mail.ca_file" in said.err
    assert server.box.taken == []


def test_a_certificate_of_another_host_is_refused(audits, smtp, trust):
    server = smtp(trust.stranger, "tls")
    audits.settle(server.port, f"  ca_file: {trust.ca_file}", security="tls")
    said = audits.mail()
    assert said.status == 5
    assert "certificate is not trusted (IP address mismatch" in said.err
    assert server.box.taken == []


def test_a_server_without_starttls_gets_nothing(audits, server):
    audits.settle(server.port, security="starttls")
    said = audits.mail()
    assert said.status == 5
    assert "offers no STARTTLS; set mail.security" in said.err
    assert server.box.taken == []


def test_a_server_that_takes_less_gets_no_pdf(audits, smtp):
    server = smtp(size_max=40_000)
    audits.settle(server.port, to="[ops@example.com]")
    assert audits.mail().status == 0
    (mail,) = server.box.messages()
    assert list(mail.iter_attachments()) == []
    text = flat(mail.get_body(("plain",)).get_content())
    assert f"It is in the store: {audits.store}/{audits.runs[1]}/report.pdf" in text
    assert "not attached, as it is too large (0." in text


def test_a_server_that_says_only_then_that_it_is_too_large(audits, server):
    audits.settle(server.port, to="[ops@example.com]")
    server.box.data = ["552 5.3.4 too big"]
    assert audits.mail().status == 0
    (mail,) = server.box.messages()
    assert list(mail.iter_attachments()) == []
    assert audits.records()[audits.runs[1]] == [
        "1.refused.json",
        "1.sending.json",
        "2.sending.json",
        "2.sent.json",
    ]


def test_where_the_report_is_means_something_elsewhere(audits, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    audits.settle(server.port, "  attach: false", to="[ops@example.com]")
    assert segaudit("mail", "--store", "runs/", "--config", str(audits.config)).status == 0
    text = flat(server.box.messages()[0].get_body(("plain",)).get_content())
    assert f"It is in the store: {tmp_path}/runs/{audits.runs[1]}/report.pdf" in text


def test_without_attach_there_is_none(audits, server):
    audits.settle(server.port, "  attach: false", to="[ops@example.com]")
    assert audits.mail().status == 0
    (mail,) = server.box.messages()
    assert list(mail.iter_attachments()) == []
    assert "The whole report is not attached. It is in the store" in flat(
        mail.get_body(("plain",)).get_content()
    )


def test_owners_get_their_own_namespaces_alone(audits, server):
    more = "  owners: [data=dba@example.com, data=boss@example.com, gone=x@example.com]\n"
    audits.settle(server.port, more + "  allowed_domains: [example.com]", to="[ops@example.com]")
    assert audits.mail().status == 0
    mails = dict(zip(server.box.recipients, server.box.messages(), strict=True))
    assert sorted(mails) == [
        "boss@example.com",
        "dba@example.com",
        "ops@example.com",
        "team-shop@example.com",
    ]
    team = mails["team-shop@example.com"]
    assert team["To"] == "team-shop@example.com"
    assert team["Subject"] == "[prod] shop: 3 high, 3 medium"
    assert list(team.iter_attachments()) == []
    for kind in ("plain", "html"):
        body = team.get_body((kind,)).get_content()
        assert "shop" in body
        assert "podSelector: {}" in body
        assert "namespace: data" not in body
        assert "data/" not in body
        assert "dba@" not in body
    assert mails["dba@example.com"]["Subject"] == "[prod] data: 2 medium"
    main = flat(mails["ops@example.com"].get_body(("plain",)).get_content())
    assert "No mail about the namespace gone: it is not in this report." in main
    assert (
        "No mail to an owner of the namespace data: its annotation names an address that is not in "
        "mail.allowed_domains." in main
    )
    assert "evil" not in main


def test_an_annotation_alone_is_not_enough(audits, server):
    audits.settle(server.port, to="[ops@example.com]")
    audits.mail()
    assert server.box.recipients == ["ops@example.com"]


@pytest.mark.usefixtures("server")
def test_without_a_report_there_is_no_mail(audits):
    (audits.store / audits.runs[1] / "report.json").unlink()
    said = audits.mail()
    assert said.status == 5
    assert "it has no report.json, of which the mail is made; add json to --format" in said.err


@pytest.mark.parametrize("name", ["report.pdf", "report.json", "history.zip"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["sent", "dry"])
def test_what_is_not_what_was_written_is_not_sent(audits, server, tmp_path, name, more):
    path = audits.store / audits.runs[1] / name
    path.write_bytes(path.read_bytes().replace(b"shop", b"shap") + b"\n")
    said = audits.mail(*more, "--out", str(tmp_path / "look")) if more else audits.mail()
    assert said.status == (3 if more else 5)
    assert f"its {name} is not what was written, by its manifest; ask segaudit verify about it" in said.err
    assert server.box.taken == []
    assert audits.records() == {}


def test_what_a_mail_does_not_read_keeps_none_from_going(audits, server):
    (audits.store / audits.runs[1] / "snapshot.zip").write_bytes(b"x")
    audits.settle(server.port, "  attach: false")
    (audits.store / audits.runs[1] / "report.pdf").write_bytes(b"x")
    assert audits.mail().status == 0
    assert server.box.recipients == BOTH


def test_dry_shows_what_would_be_sent_by_size(audits, server, tmp_path):
    """Not what a server takes, which nobody asked: what the settings say."""
    audits.settle(server.port, "  attach_max_mb: 1", to="[ops@example.com]")
    replace(audits, "report.pdf", b"%PDF-" + bytes(3_000_000))
    assert audits.mail("--dry-run", "--out", str(tmp_path / "look")).status == 0
    (file,) = (tmp_path / "look").iterdir()
    assert audits.mail().status == 0
    (sent,) = server.box.messages()
    dry = BytesParser(policy=default).parsebytes(file.read_bytes())
    for mail in (dry, sent):
        assert list(mail.iter_attachments()) == []
        assert "not attached, as it is too large (3.0 MB)" in flat(mail.get_body(("plain",)).get_content())


def replace(audits, name, data):
    """Another file in the newest run, as if it had been written so."""
    folder = audits.store / audits.runs[1]
    told = manifest.decode((folder / manifest.NAME).read_bytes())
    files = {**told.files, name: manifest.Digest.of(data)}
    (folder / name).write_bytes(data)
    (folder / manifest.NAME).write_bytes(msgspec.structs.replace(told, files=files).encode())


def test_dry_shows_and_sends_nothing(audits, server, tmp_path):
    audits.settle(server.port, "  owners: [data=dba@example.com]")
    said = audits.mail("--dry-run", "--out", str(tmp_path / "look"))
    files = sorted(path.name for path in (tmp_path / "look").iterdir())
    run = audits.runs[1]
    assert files == [f"{run}-cluster.eml", f"{run}-owner-dba@example.com.eml"]
    assert said.out.splitlines() == [f"{tmp_path / 'look'}/{name}" for name in files]
    assert server.box.taken == []
    assert audits.records() == {}
