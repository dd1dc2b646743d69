"""The webhook by a real HTTPS server."""

import json

import pytest
import trustme

from tests.deliver.https import DROP
from tests.deliver.stores import segaudit

SECRET = "/services/T000/B000/s3cr3t"  # noqa: S105  # of nothing


@pytest.fixture
def server(web, trust, audits):
    running = web(trust.server)
    settle(audits, running.url + SECRET, trust)
    return running


def settle(audits, url, trust, kind="json", ca_file=None):
    (audits.folder / "url").write_text(f"{url}\n", "utf-8")
    told = f"url_file: {audits.folder / 'url'}, kind: {kind}, ca_file: {ca_file or trust.ca_file}"
    audits.config.write_text(f"webhook: {{{told}}}\n", "utf-8")


def everything(audits, said):
    """All that a secret could be in."""
    stored = [path.read_text("utf-8") for path in audits.store.glob("mail/**/*.json")]
    return " ".join([said.out, said.err, *stored])


def test_it_is_told_once(audits, server):
    said = audits.mail()
    assert (said.status, said.err) == (0, "")
    assert said.out == f"Told of {audits.runs[1]}: the webhook.\n"
    (request,) = server.seen
    assert (request.method, request.path) == ("POST", SECRET)
    assert request.headers["Content-Type"] == "application/json"
    told = json.loads(request.body)
    assert told["cluster"] == "prod"
    assert told["run"] == audits.runs[1]
    assert told["subject"] == "[prod] 3 high; 33 % of pods isolated (+33.3)"
    assert told["findings"]["high"] == 3
    assert told["figures"]["ingress_isolated"] == {"count": 1, "of": 3, "whole": True}
    assert len(told["manifest_sha256"]) == 64
    assert SECRET not in everything(audits, said)
    again = audits.mail()
    assert (again.status, len(server.seen)) == (0, 1)
    assert segaudit("verify", str(audits.store)).out.endswith("all is as it was written.\n")


def test_slack_gets_text_that_is_no_markup(audits, server, trust):
    settle(audits, server.url + SECRET, trust, "slack")
    assert audits.mail().status == 0
    told = json.loads(server.seen[0].body)
    assert told["text"].startswith("[prod] 3 high")
    assert {block["text"]["type"] for block in told["blocks"]} == {"plain_text"}
    assert "Isolated for ingress: 33.3 % (1 of 3 pods)" in told["blocks"][1]["text"]["text"]


def test_teams_gets_a_card(audits, server, trust):
    settle(audits, server.url + SECRET, trust, "teams")
    assert audits.mail().status == 0
    (attachment,) = json.loads(server.seen[0].body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {block["type"] for block in attachment["content"]["body"]} == {"RichTextBlock"}


def test_a_redirect_is_not_followed(audits, server):
    server.statuses, server.headers = [302], {"Location": f"{server.url}/elsewhere"}
    said = audits.mail()
    assert said.status == 5
    assert "webhook.url_file: the server answered 302, a redirect, and none is followed" in said.err
    assert [request.path for request in server.seen] == [SECRET]
    assert SECRET not in everything(audits, said)


def test_a_server_that_is_busy_is_asked_again(audits, server):
    server.statuses, server.headers = [503, 429], {"Retry-After": "1"}
    assert audits.mail().status == 0
    assert len(server.seen) == 3


def test_what_is_refused_is_told_again_by_the_next_call(audits, server):
    server.statuses = [404]
    said = audits.mail()
    assert said.status == 5
    assert "the server answered 404; look at the URL" in said.err
    assert audits.mail().status == 0
    assert len(server.seen) == 2


def test_what_may_have_arrived_is_not_told_again(audits, server):
    server.statuses = [DROP]
    said = audits.mail()
    assert said.status == 5
    assert "whether it arrived is not known" in said.err
    assert audits.mail().status == 5
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520])
def test_an_answer_that_leaves_it_open_is_not_told_again_and_the_next_says_so(audits, server, status):
    server.statuses = [status]
    said = audits.mail("--run", audits.runs[0])
    assert said.status == 5
    assert f"the server answered {status}, so whether it arrived is not known" in said.err
    assert audits.mail("--run", audits.runs[0]).status == 5
    assert len(server.seen) == 1
    assert audits.records() == {audits.runs[0]: ["1.sending.json"]}
    assert audits.mail().status == 0
    assert json.loads(server.seen[1].body)["notes"] == [
        "Earlier messages may not have arrived: that of 24 November 2026, 02:00 UTC to the webhook."
    ]


def test_the_mail_says_of_the_webhook_that_it_may_not_have_been_told(audits, server, smtp, tmp_path, trust):
    server.statuses = [504]
    audits.mail("--run", audits.runs[0])
    more = f"webhook: {{url_file: {tmp_path / 'url'}, ca_file: {trust.ca_file}}}"
    mail = smtp()
    audits.settle(mail.port, more, to="[ops@example.com]")
    assert audits.mail().status == 0
    text = " ".join(mail.box.messages()[0].get_body(("plain",)).get_content().split())
    assert (
        "Earlier messages may not have arrived: that of 24 November 2026, 02:00 UTC to the webhook." in text
    )


def test_a_certificate_that_is_not_trusted_is_refused(audits, server, trust, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    settle(audits, server.url + SECRET, trust, ca_file=other)
    said = audits.mail()
    assert said.status == 5
    assert "its certificate is not trusted; name its CA" in said.err
    assert SECRET not in everything(audits, said)
    assert server.seen == []


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https://h/a b", "file:///etc/passwd", "", "ftp://h"])
def test_other_urls_are_refused_without_being_shown(audits, trust, url):
    settle(audits, url, trust)
    said = audits.mail()
    assert said.status == 5
    assert said.err.endswith("what it holds is no https URL\n")
    assert not url or url not in said.err


@pytest.mark.parametrize("url", ["https://h:port/x", "https://[::1/x", "https:///x", "https://h:99999/x"])
def test_urls_that_lead_nowhere_are_told_in_words(audits, trust, url):
    settle(audits, url, trust)
    said = audits.mail()
    assert said.status == 5
    assert "webhook.url_file: it is no URL that can be asked" in said.err
    assert url not in said.err
    assert "Error" not in said.err


def test_a_file_that_is_not_there(audits, tmp_path):
    audits.config.write_text(f"webhook: {{url_file: {tmp_path / 'none'}}}\n")
    said = audits.mail()
    assert said.status == 5
    assert "cannot read webhook.url_file" in said.err


def test_mail_and_webhook_do_not_wait_for_each_other(audits, server, smtp, tmp_path, trust):
    mail = smtp()
    mail.box.rcpt["ops@example.com"] = ["550 no"]
    more = f"webhook: {{url_file: {tmp_path / 'url'}, ca_file: {trust.ca_file}}}"
    audits.settle(mail.port, more, to="[ops@example.com]")
    said = audits.mail()
    assert said.status == 5
    assert "Told of" in said.out
    assert len(server.seen) == 1


def test_dry_writes_what_would_be_told(audits, server, tmp_path):
    assert audits.mail("--dry-run", "--out", str(tmp_path / "look")).status == 0
    (file,) = (tmp_path / "look").iterdir()
    assert json.loads(file.read_bytes())["cluster"] == "prod"
    assert server.seen == []
