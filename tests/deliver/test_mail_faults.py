"""Mail by a real SMTP server that refuses, breaks or is killed: nobody gets one twice, none is lost."""

import re
import signal
import subprocess
import sys

import pytest

from tests.deliver.servers import BROKEN, DROP, HANG
from tests.deliver.stores import flat, segaudit

BOTH = ["ops@example.com", "security@example.com"]


def test_recipients_are_refused_singly(audits, server):
    server.box.rcpt["ops@example.com"] = ["550 no such user"]
    said = audits.mail()
    assert said.status == 5
    assert said.err.endswith(
        f"the mail about {audits.runs[1]}: not sent to ops@example.com: 550 no such user\n"
    )
    assert "Told of" in said.out
    assert server.box.recipients == ["security@example.com"]
    assert sorted(audits.records()[audits.runs[1]]) == [
        "1.refused.json",
        "1.sending.json",
        "1.sending.json",
        "1.sent.json",
    ]
    assert audits.mail().status == 0
    assert server.box.recipients == ["security@example.com", "ops@example.com"]


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_what_cannot_be_taken_now_is_tried_again(audits, server, where):
    audits.settle(server.port, retry_seconds="20", to="[ops@example.com]")
    if where == "rcpt":
        server.box.rcpt["ops@example.com"] = ["451 greylisted", "450 still"]
    else:
        server.box.data = ["451 busy"]
    assert audits.mail().status == 0
    assert server.box.recipients == ["ops@example.com"]
    names = audits.records()[audits.runs[1]]
    assert names[-1] == ("1.sent.json" if where == "rcpt" else "2.sent.json")


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_what_is_never_taken_is_given_up_and_may_be_tried_again_later(audits, server, where):
    audits.settle(server.port, to="[ops@example.com]")
    if where == "rcpt":
        server.box.rcpt["ops@example.com"] = ["451 greylisted"]
    else:
        server.box.data = ["451 greylisted"]
    said = audits.mail()
    assert said.status == 5
    assert "not sent to ops@example.com: 451 greylisted" in said.err
    assert audits.mail().status == 0
    assert server.box.recipients == ["ops@example.com"]


def test_a_message_that_is_refused_for_good_is_not_tried_again(audits, server):
    audits.settle(server.port, to="[ops@example.com]", retry_seconds="60")
    server.box.data = ["554 spam"]
    said = audits.mail()
    assert said.status == 5
    assert "554 spam" in said.err
    assert server.box.taken == []


def test_a_server_that_is_not_there_is_exit_5_and_nothing_is_lost(audits, smtp):
    gone = smtp()
    gone.stop()
    audits.settle(gone.port)
    said = audits.mail()
    assert said.status == 5
    assert "the server cannot be reached (Connection refused); look at mail.host and mail.port" in said.err
    assert f"(127.0.0.1, {gone.port})" in said.err
    assert segaudit("verify", str(audits.store)).status == 0


def test_a_drop_after_the_message_is_never_sent_again_and_the_next_mail_says_so(audits, server):
    audits.settle(server.port, to="[ops@example.com]", retry_seconds="60")
    server.box.data = [DROP]
    said = audits.mail("--run", audits.runs[0])
    assert said.status == 5
    assert re.search(
        r"whether ops@example.com has it is not known, and it is never sent twice: ask for <\S+>", said.err
    )
    for _ in range(2):
        assert audits.mail("--run", audits.runs[0]).status == 5
    assert server.box.recipients == ["ops@example.com"]
    noted = segaudit("verify", str(audits.store))
    assert noted.status == 0
    assert "whether the mail to ops@example.com was sent is not known" in noted.out
    assert audits.mail().status == 0
    text = flat(server.box.messages()[1].get_body(("plain",)).get_content())
    assert (
        "Earlier messages may not have arrived: that of 24 November 2026, 02:00 UTC to ops@example.com."
        in text
    )


@pytest.mark.parametrize("answer", ["25", "2", "45", "hello\r\n", "-\r\n", "354 go on\r\n", "250-and\r\n"])
def test_an_answer_that_is_none_leaves_it_open_whether_the_message_was_taken(audits, server, answer):
    audits.settle(server.port, to="[ops@example.com]", retry_seconds="3")
    server.box.data = [BROKEN + answer]
    said = audits.mail()
    assert said.status == 5
    assert "whether ops@example.com has it is not known" in said.err
    assert audits.records() == {audits.runs[1]: ["1.sending.json"]}
    assert audits.mail().status == 5
    assert server.box.recipients == ["ops@example.com"]


def test_an_answer_that_is_none_does_not_stand_for_what_comes_next(audits, server):
    audits.settle(server.port, retry_seconds="20")
    server.box.data = ["what"]
    said = audits.mail()
    assert said.status == 5
    assert "whether ops@example.com has it is not known" in said.err
    assert "(the answer had no number)" in said.err
    assert server.box.recipients == BOTH


def test_a_mail_that_came_makes_those_before_it_no_news(audits, server):
    server.box.data = [DROP]
    audits.mail("--run", audits.runs[0])
    audits.mail()
    box = len(server.box.taken)
    audits.settle(server.port, to="[new@example.com]")
    audits.mail()
    assert "may not have arrived" not in server.box.messages()[box].get_body(("plain",)).get_content()


def start(audits):
    command = [sys.executable, "-m", "audit", "mail", *audits.arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_killed_between_sending_and_sent(audits, server, how):
    audits.settle(server.port, to="[ops@example.com]")
    server.box.data = [HANG]
    process = start(audits)
    assert server.box.began.wait(60)
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == (143 if how == signal.SIGTERM else -signal.SIGKILL), err
    assert audits.records() == {audits.runs[1]: ["1.sending.json"]}
    said = audits.mail()
    assert said.status == 5
    assert server.box.recipients == ["ops@example.com"]


def test_two_mailers_at_once_send_each_mail_once(audits, server):
    running = [start(audits) for _ in range(4)]
    ends = [(*process.communicate(), process.returncode) for process in running]
    assert sorted(server.box.recipients) == BOTH, ends
    assert {status for _, _, status in ends} == {0}, "who did not send looks again"
    assert audits.mail().status == 0
    assert len(server.box.taken) == 2
