"""The process that reads the API, as it is: it says what is wrong, and that it is gone."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress

import pytest

from audit.collect.cluster import reader as near
from audit.collect.cluster.messages import Channel, Connect, Connected, End, Get, List, Refused, Served
from audit.collect.cluster.reader import reader
from audit.collect.cluster.resources import RESOURCES
from audit.errors import CollectError, UsageError
from tests.collect.cluster.canned import Answer, page

PODS = next(one for one in RESOURCES if one.plural == "pods")
START = near.start
"""The real one; other tests run it in threads of their own process."""


def pod(name):
    return {"metadata": {"name": name, "namespace": "x"}, "spec": {}, "status": {}}


@pytest.fixture
def process(monkeypatch):
    """The process, with one channel, and its number."""
    started = []
    popen = subprocess.Popen

    def keep(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(near, "start", START)
    monkeypatch.setattr(subprocess, "Popen", keep)
    with reader(1) as one:
        yield one, started[0]
    assert started[0].returncode is not None


@pytest.fixture
def wanted(api, tmp_path):
    api.serve_all(pods=[pod(f"p{number}") for number in range(5)])
    return Connect((str(api.kubeconfig(tmp_path / "config")),), None, "text", quiet=False, verbose=False)


def test_it_connects_and_hands_over_pages(process, wanted, api):
    one, _ = process
    connected = one.connect(wanted)
    assert (connected.cluster, connected.description) == ("canned", "context canned")
    assert connected.served.paths[PODS] == "/api/v1/pods"
    begun, bodies, rests = [], [], []
    end = one.ask(
        List(PODS, "/api/v1/pods"),
        lambda: begun.append(1),
        lambda body, rest: (bodies.append(body), rests.append(rest)),
    )
    assert end == End(200, "", "41", "")
    assert begun == [1]
    assert b"".join(bodies).count(b'"name"') == 5
    assert rests == [3, 1, None]
    assert api.asked("/api/v1/pods") == ["", "2", "4"]


def test_one_object_and_one_that_is_not_there(process, wanted, api):
    one, _ = process
    one.connect(wanted)
    api.routes["/api/v1/nodes/a"] = Answer(200, {"kind": "Node", "metadata": {"name": "a"}})
    bodies = []
    for name in ("a", "b"):
        end = one.ask(Get("/api/v1/nodes", "Node", name), lambda: None, lambda body, _: bodies.append(body))
        assert end == End(200)
    assert len(bodies) == 1


def test_what_is_wrong_with_the_kubeconfig_is_said_here(process, tmp_path):
    one, _ = process
    with pytest.raises(UsageError, match="no such file"):
        one.connect(Connect((str(tmp_path / "none"),), None, "text", quiet=False, verbose=False))


def test_what_is_wrong_with_the_server_is_said_here(process, wanted, api):
    one, _ = process
    api.routes["/version"] = Answer(401, {})
    with pytest.raises(CollectError, match="the credentials were not accepted"):
        one.connect(wanted)


def test_a_process_that_is_killed_is_an_error_that_says_so(process, wanted, api):
    one, child = process
    one.connect(wanted)
    hanging = threading.Event()
    api.routes["/api/v1/pods"] = lambda _: hanging.wait(5) and page()
    threading.Timer(0.1, child.kill).start()
    with pytest.raises(CollectError, match=r"ended \(SIGKILL\); give it more memory"):
        one.ask(List(PODS, "/api/v1/pods"), lambda: None, lambda *_: None)
    hanging.set()


def test_it_ends_when_the_other_end_does(wanted):
    """Killed, nothing can be tidied: the process has to see it by itself."""
    script = """
        import os, signal, sys
        from audit.collect.cluster.messages import Connect
        from audit.collect.cluster.reader import reader
        from audit.collect.cluster import reader as near
        import subprocess
        popen = subprocess.Popen
        def shown(*arguments, **options):
            process = popen(*arguments, **options)
            print(process.pid, flush=True)
            return process
        subprocess.Popen = shown
        with reader(2) as one:
            one.connect(Connect((sys.argv[1],), None, "text", False, False))
            os.kill(os.getpid(), signal.SIGKILL)
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), wanted.kubeconfig[0]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with suppress(ProcessLookupError):
        for _ in range(200):
            os.kill(int(done.stdout), 0)
            time.sleep(0.02)
        pytest.fail("it goes on")


@pytest.mark.parametrize("error", [UsageError("a"), CollectError("b"), KeyError("secret")])
def test_errors_arrive_as_what_they_are(error):
    one, other = Channel.pair()
    one.send(Refused.of(error))
    told = other.receive().error()
    assert type(told) is (RuntimeError if isinstance(error, KeyError) else type(error))
    assert "secret" not in str(told)


def test_a_body_of_any_size_goes_through():
    one, other = Channel.pair()
    for body in (b"", b"x", b"y" * 3_000_000):
        thread = threading.Thread(target=one.send_body, args=(bytearray(body),))
        thread.start()
        assert other.receive_body() == body
        thread.join()


def test_messages_come_as_they_were_sent():
    one, other = Channel.pair()
    for message in (List(PODS, "/a"), Get("/a", "Node", "n"), Connected("c", "d", "me", served())):
        one.send(message)
        assert other.receive() == message
    one.close()
    with pytest.raises(EOFError):
        other.receive()


def served():
    return Served("v1", ("apps/v1",), {PODS: "/api/v1/pods"}, {RESOURCES[0]: "unknown"}, [("a", "b")])
