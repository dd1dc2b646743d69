"""Mail in Mailpit: what a mail program makes of it, by a server that nobody of ours wrote."""

import pytest

from tests.deliver.mailpit import Mailpit

pytestmark = pytest.mark.mail

_LEAST = 94.0
"""Of the parts of the HTML, weighed by how many mail programs show them whole, in percent. Of what is left,
as of `padding`, some programs lack forms that are not used."""


@pytest.fixture(scope="module")
def mailpit(tmp_path_factory):
    with Mailpit(tmp_path_factory.mktemp("mailpit")) as running:
        yield running


def test_mail_programs_show_the_html_as_it_is_meant(audits, mailpit):
    audits.settle(mailpit.port, "  owners: [shop=team@example.com]")
    assert audits.mail().status == 0
    seen = mailpit.messages()
    assert len(seen) == 3
    for each in seen:
        rating = mailpit.ask(f"message/{each['ID']}/html-check")["Total"]
        assert rating["Supported"] >= _LEAST, each["Subject"]
        assert rating["Unsupported"] < 0.5, each["Subject"]


def test_it_fetches_nothing_and_leads_nowhere(audits, mailpit):
    audits.settle(mailpit.port, to="[one@example.com]")
    assert audits.mail().status == 0
    (told,) = [each for each in mailpit.messages() if each["To"][0]["Address"] == "one@example.com"]
    message = mailpit.ask(f"message/{told['ID']}")
    assert mailpit.ask(f"message/{told['ID']}/link-check")["Links"] in (None, [])
    assert [each["ContentType"] for each in message["Attachments"]] == ["application/pdf"]
    assert message["Inline"] == []
    assert "src=" not in message["HTML"]


def test_it_is_tried_again_where_the_server_is_out_of_order(audits, mailpit):
    audits.settle(mailpit.port, to="[chaos@example.com]", retry_seconds="0")
    mailpit.ask("chaos", "PUT", {"Recipient": {"Probability": 100, "ErrorCode": 451}})
    try:
        said = audits.mail()
    finally:
        mailpit.ask("chaos", "PUT", {})
    assert said.status == 5
    assert "not sent to chaos@example.com: 451" in said.err
    assert audits.mail().status == 0
