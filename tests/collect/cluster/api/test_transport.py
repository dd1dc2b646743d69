"""Bytes of the API: what is asked again, how long, and what is said in the end."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.collect.cluster.api import transport as module
from audit.collect.cluster.api.access import Access
from audit.collect.cluster.api.transport import ATTEMPTS, WAIT_MAX, ApiError, Transport
from audit.errors import UsageError
from tests.collect.cluster.canned import Answer, status

PATH = "/api/v1/pods"
SOUND = Answer(200, {"items": []})
FAKE = "fake-password"


@pytest.fixture
def transport(api):
    return Transport(api.access())


@pytest.fixture
def waits(transport, monkeypatch):
    """The seconds that were waited, none of which pass."""
    found = []
    monkeypatch.setattr(transport._closed, "wait", lambda seconds: found.append(seconds) or False)  # noqa: SLF001
    return found


def refused(transport, **more):
    with pytest.raises(ApiError) as error:
        transport.get(PATH, **more)
    assert str(error.value) == error.value.reason
    return error.value


def in_seconds(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


# -- sound answers -----------------------------------------------------------------------------------


def test_the_body_and_the_query(api, transport):
    api.routes[PATH] = Answer(200, b"x" * 200_000)
    heads = []
    assert transport.get(PATH, [("limit", "5"), ("continue", "a+/=")], on_head=heads.append) == b"x" * 200_000
    assert api.log[-1].query == {"limit": "5", "continue": "a+/="}
    assert api.log[-1].authorization == "Bearer fake-1"
    (head,) = heads
    assert 0 < len(head) <= 2048


def test_an_empty_body(api, transport):
    api.routes[PATH] = Answer(200, b"")
    assert transport.get(PATH) == b""


# -- asked again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_be_better_next_time_is_asked_again(api, transport, waits, code):
    api.routes[PATH] = [status(code), status(code), SOUND]
    assert transport.get(PATH) == b'{"items": []}'
    assert len(waits) == 2


@pytest.mark.parametrize("code", [301, 302, 400, 403, 404, 405, 406, 410])
def test_all_else_is_not(api, transport, waits, code):
    api.routes[PATH] = [status(code, "because"), SOUND]
    error = refused(transport)
    assert (error.status, error.reason) == (code, f"the server answered {code} (because)")
    assert (len(api.log), waits) == (1, [])


def test_a_redirect_is_not_followed(api, transport):
    api.routes[PATH] = Answer(302, {}, {"Location": f"{api.host}/elsewhere"})
    assert refused(transport).status == 302
    assert [request.path for request in api.log] == [PATH]


def test_attempts_are_bounded(api, transport, waits):
    api.routes[PATH] = status(500)
    assert refused(transport).status == 500
    assert (len(api.log), len(waits)) == (ATTEMPTS, ATTEMPTS - 1)
    refused(transport, attempts=2)
    assert len(api.log) == ATTEMPTS + 2


def test_waits_grow_and_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.25)
    monkeypatch.setattr(module, "_LONGEST_WAIT", 8.0)
    for attempt in range(1, 30):
        doubled = min(8.0, 0.25 * 2 ** (attempt - 1))
        assert 0.75 * doubled <= module._backoff(attempt) <= 1.5 * doubled  # noqa: SLF001


def test_seconds_of_retry_after(api, transport, waits):
    api.routes[PATH] = [Answer(429, {}, {"Retry-After": "7"}), SOUND]
    transport.get(PATH)
    assert waits == [7.0]


def test_a_date_of_retry_after(api, transport, waits):
    api.routes[PATH] = [Answer(503, {}, {"Retry-After": in_seconds(30)}), SOUND]
    transport.get(PATH)
    assert 25 < waits[0] <= 30


FAR = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "-1",
        "1.5",
        "Wed, 99 Nov 2026 99:99:99 GMT",
        FAR,
        pytest.param(in_seconds(-60), id="past"),
    ],
)
def test_a_retry_after_of_no_use(api, transport, waits, text):
    api.routes[PATH] = [Answer(503, {}, {"Retry-After": text}), SOUND]
    transport.get(PATH)
    assert len(waits) == 1
    assert waits[0] < 0.1


@pytest.mark.parametrize(
    "text", [str(int(WAIT_MAX) + 1), "9" * 400, pytest.param(in_seconds(WAIT_MAX + 86_400), id="date")]
)
def test_a_retry_after_that_is_too_long_is_a_refusal(api, transport, waits, text):
    api.routes[PATH] = Answer(429, {"message": "later"}, {"Retry-After": text})
    assert refused(transport).reason == "the server answered 429 (later)"
    assert (len(api.log), waits) == (1, [])


@settings(deadline=None)  # the first time takes long
@given(st.one_of(st.text(st.characters(max_codepoint=0x7F)), st.from_regex(r"\d{0,40}", fullmatch=True)))
def test_no_retry_after_is_an_error(text):
    assert module._retry_after(text) >= 0  # noqa: SLF001


def test_a_retry_after_of_digits_that_are_none():
    assert module._retry_after("²") == 0  # noqa: SLF001


# -- credentials -------------------------------------------------------------------------------------


def test_credentials_that_expired_are_read_again_once(api, transport, waits):
    api.routes[PATH] = lambda request: SOUND if request.authorization == "Bearer fake-2" else status(401)
    assert transport.get(PATH) == b'{"items": []}'
    assert [request.authorization for request in api.log] == ["Bearer fake-1", "Bearer fake-2"]
    assert (waits, transport.access.generation) == ([], 1)


def test_credentials_that_are_refused_twice_are_refused(api, transport, waits):
    api.routes[PATH] = status(401, "Unauthorized")
    assert refused(transport).reason == "the server answered 401 (Unauthorized)"
    assert (len(api.log), waits) == (2, [])


def test_credentials_that_cannot_be_read_again(api):
    reads = []

    def load(configuration):
        if reads:
            raise UsageError("the token is gone")
        reads.append(1)
        configuration.host = api.host

    api.routes[PATH] = status(401)
    error = refused(Transport(Access(load, cluster="", description="")))
    assert error.status == 401
    assert error.reason.endswith("; the token is gone")


def test_threads_that_are_refused_at_once_read_the_credentials_once(api, transport):
    start = threading.Barrier(4)

    def answer(request):
        if request.authorization == "Bearer fake-2":
            return SOUND
        start.wait(5)  # until all were sent with what has expired
        return status(401)

    api.routes[PATH] = answer
    bodies = []
    threads = [threading.Thread(target=lambda: bodies.append(transport.get(PATH))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(bodies), transport.access.generation) == (4, 1)


# -- broken answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_what_breaks_off_is_asked_again(api, transport, waits, fault):
    api.routes[PATH] = [SOUND._replace(fault=fault), SOUND]
    heads = []
    assert transport.get(PATH, on_head=heads.append) == b'{"items": []}'
    assert len(waits) == 1
    assert heads[-1] == b'{"items": []}'


@pytest.mark.parametrize(
    ("fault", "reason"), [("reset", "the connection broke off"), ("truncate", "the answer broke off")]
)
def test_what_breaks_off_again_and_again(api, transport, waits, fault, reason):
    api.routes[PATH] = SOUND._replace(fault=fault)
    error = refused(transport)
    assert (error.status, error.reason) == (0, reason)
    assert len(waits) == ATTEMPTS - 1


def test_an_answer_that_drips_is_cut(api, transport):
    api.routes[PATH] = Answer(200, b"x" * 200, fault="drip")
    began = time.monotonic()
    error = refused(transport, seconds=0.1, attempts=1)
    assert time.monotonic() - began < 2
    assert (error.status, error.reason) == (0, "the answer took over 0 s")


def test_an_answer_that_was_slow_once_is_asked_again(api, transport, waits):
    api.routes[PATH] = [Answer(200, b"x" * 200, fault="drip"), SOUND]
    assert transport.get(PATH, seconds=0.15) == b'{"items": []}'
    assert len(waits) == 1


def test_silence_is_an_error(api, transport, monkeypatch):
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.05)
    done = threading.Event()

    def answer(_request):
        done.wait(2)
        return SOUND

    api.routes[PATH] = answer
    assert refused(transport, attempts=1).reason == "no answer for 60 s"
    done.set()


def test_no_server_at_all(api, transport):
    api.stop()
    error = refused(transport, attempts=1)
    assert (error.status, error.reason) == (0, "the server cannot be reached")


def test_the_end_of_the_run_ends_all_waiting(api, transport):
    api.routes[PATH] = Answer(503, {}, {"Retry-After": "200"})
    threading.Timer(0.05, transport.close).start()
    began = time.monotonic()
    assert refused(transport).status == 503
    assert time.monotonic() - began < 5
    assert refused(transport).reason == "interrupted"


# -- what is said ------------------------------------------------------------------------------------


def test_an_expired_list_has_a_token(api, transport):
    api.routes[PATH] = status(410, "too old", proceed="go-on")
    assert refused(transport).proceed == "go-on"
    api.routes[PATH] = status(410, "too old")
    assert refused(transport).proceed == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{",
        b"[" * 100_000,
        b"\xff",
        {"message": None, "reason": None, "metadata": None},
        {"message": 1},
    ],
)
def test_a_refusal_that_is_no_status(api, transport, body):
    api.routes[PATH] = Answer(403, body)
    error = refused(transport)
    assert (error.status, error.proceed) == (403, "")
    assert error.reason == "the server answered 403 (Forbidden)"


def test_a_refusal_that_is_not_utf8(api, transport):
    api.routes[PATH] = Answer(403, b'{"message": "\xff"}')
    assert refused(transport).status == 403


def test_a_message_is_one_line_that_steers_no_terminal(api, transport):
    api.routes[PATH] = status(403, "no\n \x1b[31mred")
    assert refused(transport).reason == "the server answered 403 (no \\x1b[31mred)"


def test_a_long_message_is_cut(api, transport):
    api.routes[PATH] = status(403, "x" * 5000)
    assert len(refused(transport).reason) < 400


@pytest.mark.parametrize("part", ["proxy", "host"])
def test_no_address_with_a_password_is_said(part, caplog):
    caplog.set_level("DEBUG")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        closed = f"http://jane:{FAKE}@127.0.0.1:{taken.getsockname()[1]}"

        def load(configuration):
            configuration.host = closed if part == "host" else "http://127.0.0.9:1"
            configuration.proxy = closed if part == "proxy" else None

        error = refused(Transport(Access(load, cluster="", description="")), attempts=2)
    expected = "the proxy does not let through" if part == "proxy" else "the server cannot be reached"
    assert error.reason == expected
    told = [record for record in caplog.records if record.name.startswith("audit")]
    assert FAKE not in "".join(record.getMessage() for record in told)
