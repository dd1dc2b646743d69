"""The fault proxy passes what it gets, and does to the wire what its rules say."""

import contextlib
import http.client
import json
import shutil
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest

from bench.certificate import self_signed
from tests.apiserver.faults import (
    Cut,
    FaultProxy,
    Garbage,
    Reset,
    Slow,
    Stall,
    Status,
    Truncate,
    at,
    expired,
)
from tests.parts import need

PODS = "/api/v1/pods"
BODY = json.dumps({"items": ["x" * 10] * 1000}).encode()


class Upstream(BaseHTTPRequestHandler):
    """Answers with BODY, at /echo with what it got; at /chunked in chunks, at /closing once a connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        body = body if path == "/echo" else BODY
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:], b""))
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = path == "/closing"  # without a word of it, as a server does at its timeout

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    need("openssl", "openssl")
    certificate = self_signed(tmp_path_factory.mktemp("upstream"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.socket = certificate.server_context().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", certificate.file
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(upstream):
    with FaultProxy(*upstream) as proxy:
        yield proxy


@pytest.fixture
def client(proxy):
    context = ssl.create_default_context(cafile=proxy.ca_file)
    connection = http.client.HTTPSConnection(urlsplit(proxy.host).netloc, context=context, timeout=5)
    yield connection
    connection.close()


def get(client, path=PODS, shown="", **query):
    query = {"continue" if name == "proceed" else name: value for name, value in query.items()}
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    client.request("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)
    response = client.getresponse()
    return response, response.read()


def assert_reset(client):
    """Below TLS: Python's tells a reset as an end (SSL_read_ex says 0 for both)."""
    with pytest.raises(ConnectionResetError):
        list(iter(lambda: socket.socket.recv(client.sock, 1 << 16), b""))


def test_request_and_answer_pass_with_their_headers(client):
    response, body = get(client, "/echo", shown="mine", limit="500")
    told = json.loads(body)
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert told["path"] == "/echo?limit=500"
    assert told["headers"]["Authorization"] == "Bearer mine"


def test_connection_is_kept(client):
    get(client)
    kept = client.sock
    assert get(client)[1] == BODY
    assert client.sock is kept


def test_chunks_stay_chunks(client):
    response, body = get(client, "/chunked")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert body == BODY


def test_bodies_of_requests_pass(client):
    client.request("POST", PODS, body=b"a pod")
    response = client.getresponse()
    assert (response.status, response.read()) == (201, b"a pod")


def test_answer_without_a_body_ends_with_its_head(client):
    client.request("HEAD", PODS)
    response = client.getresponse()
    assert (response.headers["Content-Length"], response.read()) == (str(len(BODY)), b"")
    assert get(client)[1] == BODY


def test_connection_that_the_server_closed_meanwhile_is_opened_anew(client):
    get(client, "/closing")
    time.sleep(0.05)
    assert get(client)[1] == BODY


def test_many_connections_at_once(proxy):
    def read():
        context = ssl.create_default_context(cafile=proxy.ca_file)
        client = http.client.HTTPSConnection(urlsplit(proxy.host).netloc, context=context, timeout=5)
        got.append(get(client)[1])
        client.close()

    got = []
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [BODY] * 8


def test_server_that_cannot_be_verified_is_a_502(upstream, tmp_path):
    need("openssl", "openssl")
    with FaultProxy(upstream[0], self_signed(tmp_path).file) as proxy:
        context = ssl.create_default_context(cafile=proxy.ca_file)
        client = http.client.HTTPSConnection(urlsplit(proxy.host).netloc, context=context, timeout=5)
        response, body = get(client)
        client.close()
    assert response.status == 502
    assert b"CERTIFICATE_VERIFY_FAILED" in body


def test_log_has_every_request(proxy, client):
    get(client, shown="a", limit="2")
    get(client, shown="b", limit="2", proceed="t1")
    first, second = proxy.log
    assert (first.method, first.path, first.query) == ("GET", PODS, {"limit": "2"})
    assert second.query == {"limit": "2", "continue": "t1"}
    assert [request.token for request in proxy.log] == ["a", "b"]
    assert first.time <= second.time


def test_pages_are_counted_by_their_tokens(proxy, client):
    for token in ("", "t1", "t1", "t2", "", "t3"):
        get(client, proceed=token)
    get(client, "/other", proceed="t9")
    assert [request.page for request in proxy.requests(PODS)] == [1, 2, 2, 3, 1, 2]


def test_status_is_a_kubernetes_status_unless_told_otherwise(proxy, client):
    proxy.inject(PODS, Status(503))
    proxy.inject(PODS, Status(429, "slowly", {"Retry-After": "1"}))
    response, body = get(client)
    assert (response.status, json.loads(body)["kind"], json.loads(body)["code"]) == (503, "Status", 503)
    response, body = get(client)
    assert (response.status, response.headers["Retry-After"], body) == (429, "1", b"slowly")
    assert get(client)[1] == BODY


@pytest.mark.parametrize(("proceed", "metadata"), [(True, {"continue": "t1"}), (False, {})])
def test_expired_tells_a_token_that_goes_on_or_none(proxy, client, proceed, metadata):
    proxy.inject(at(PODS, page=2), expired(proceed=proceed))
    assert get(client)[0].status == 200
    response, body = get(client, proceed="t1")
    assert (response.status, json.loads(body)["reason"]) == (410, "Expired")
    assert json.loads(body)["metadata"] == metadata


def test_rule_counts_what_it_leaves_and_what_it_does(proxy, client):
    rule = proxy.inject("/api/*", Status(500), times=2, after=1)
    assert [get(client)[0].status for _ in range(4)] == [200, 500, 500, 200]
    assert rule.hits == 2
    assert [request.fault is rule.fault for request in proxy.log] == [False, True, True, False]


def test_rule_without_end_lasts_until_it_is_cleared(proxy, client):
    proxy.inject(at(PODS, method="GET", limit="1"), Status(500), times=None)
    assert [get(client, limit="1")[0].status for _ in range(3)] == [500, 500, 500]
    assert get(client, limit="2")[0].status == 200
    proxy.clear()
    assert get(client, limit="1")[0].status == 200


def test_reset_before_the_answer(proxy, client):
    proxy.inject(PODS, Reset())
    client.request("GET", PODS)
    assert_reset(client)


def test_reset_within_the_body(proxy, client):
    proxy.inject(PODS, Reset(after=100))
    client.request("GET", PODS)
    with client.getresponse() as response:
        assert response.read(100) == BODY[:100]
        assert_reset(client)


@pytest.mark.parametrize("chunked", [False, True])
def test_truncated_body_ends_early(proxy, client, chunked):
    proxy.inject(PODS, Truncate(100, chunked=chunked))
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(client)
    assert chunked or caught.value.partial == BODY[:100]


def test_cut_body_is_a_sound_answer(proxy, client):
    proxy.inject(PODS, Cut(100))
    response, body = get(client)
    assert (response.headers["Content-Length"], body) == ("100", BODY[:100])
    assert get(client)[1] == BODY


def test_slow_body_drips(proxy, client):
    proxy.inject(PODS, Slow(len(BODY) // 4 + 1, 0.03))
    started = time.monotonic()
    assert get(client)[1] == BODY
    assert time.monotonic() - started >= 4 * 0.03


@pytest.mark.parametrize("after", [None, 100])
def test_stall_sends_nothing_and_then_the_rest(proxy, client, after):
    proxy.inject(PODS, Stall(0.1, after), times=2)
    started = time.monotonic()
    assert get(client)[1] == BODY
    assert time.monotonic() - started >= 0.1
    client.sock.settimeout(0.02)
    with pytest.raises(TimeoutError):
        get(client)


def test_stop_ends_what_stalls(proxy, client):
    proxy.inject(PODS, Stall(60))
    client.request("GET", PODS)
    while not proxy.log:
        time.sleep(0.01)
    started = time.monotonic()
    proxy.stop()
    assert time.monotonic() - started < 10
    with pytest.raises(http.client.RemoteDisconnected):
        client.getresponse()


def test_garbage_is_a_page_of_html(proxy, client):
    proxy.inject(PODS, Garbage())
    response, body = get(client)
    assert (response.status, response.headers.get_content_type()) == (200, "text/html")
    assert body.startswith(b"<!doctype html>")


def test_tokens_may_expire_while_running(proxy, client):
    proxy.accept_tokens({"old"})
    assert [get(client, shown=token)[0].status for token in ("old", "new", "")] == [200, 401, 401]
    proxy.accept_tokens({"new"})
    assert [get(client, shown=token)[0].status for token in ("old", "new")] == [401, 200]
    proxy.accept_tokens(None)
    assert get(client)[0].status == 200


def test_client_that_does_not_speak_tls_is_dropped(proxy):
    address = urlsplit(proxy.host)
    with socket.create_connection((address.hostname, address.port), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            while plain.recv(1024):
                pass
    assert not proxy.log


def test_without_openssl_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(FileNotFoundError, match="apt-get install openssl"):
        self_signed(tmp_path)
