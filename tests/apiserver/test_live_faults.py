"""What networks and servers do to pages: nothing is lost, nothing counts twice, no gap is silent."""

import threading
from urllib.parse import urlsplit

import pytest

from audit.collect.cluster.api import access, lists, transport
from audit.snapshot import load
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
from tests.apiserver.live import (
    audit,
    deny_all,
    incomplete,
    pod,
    pods,
    reason,
    states,
    tables,
    take,
    until,
    user_config,
)
from tests.apiserver.load import fill
from tests.apiserver.server import ApiServer, write_kubeconfig

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]

PODS = "/api/v1/pods"
LIMIT = 5
NUMBER = 17
PAGES = range(1, 5)
NAMES = [f"shop/pod-{number:03}" for number in range(NUMBER)]
OBJECTS = [*(pod("shop", number) for number in range(NUMBER)), deny_all("shop")]
FAULTS = {
    "429": Status(429, headers={"Retry-After": "0"}),
    "500": Status(500),
    "503": Status(503),
    "504": Status(504),
    "reset-before": Reset(),
    "reset-within": Reset(after=1000),
    "truncated": Truncate(1000),
    "truncated-chunk": Truncate(1000, chunked=True),
    "cut-json": Cut(1000),
    "garbage": Garbage(),
}
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ApiServer(tmp_path_factory.mktemp("faults")) as server:
        assert fill(server, OBJECTS) == []
        yield server


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(lists, "LIMIT", LIMIT)


@pytest.fixture
def proxy(server):
    with FaultProxy(server.host, server.ca_file) as proxy:
        yield proxy


@pytest.fixture
def kubeconfig(server, proxy, tmp_path):
    return write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, server.admin_token)


@pytest.fixture(scope="module")
def sound(server, tmp_path_factory):
    """The tables without any fault."""
    config = write_kubeconfig(
        tmp_path_factory.mktemp("sound") / "config", server.host, server.ca_file, server.admin_token
    )
    code, snapshot = take(config, "--strict")
    assert code == 0
    assert pods(snapshot) == NAMES
    return tables(snapshot)


@faults
@pytest.mark.parametrize("page", PAGES)
def test_a_fault_that_passes_leaves_no_trace(proxy, kubeconfig, sound, fault, page):
    rule = proxy.inject(at(PODS, page=page), fault)
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert rule.hits == 1
    assert tables(snapshot) == sound
    assert {request.page for request in proxy.requests(PODS)} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_server_is_given_the_time_that_it_asks_for(proxy, kubeconfig, sound, page):
    proxy.inject(at(PODS, page=page), Status(429, headers={"Retry-After": "1"}))
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert tables(snapshot) == sound
    first, second = (request.time for request in proxy.requests(PODS) if request.page == page)
    assert second - first >= 1


@faults
def test_a_fault_that_stays_is_a_gap_and_what_was_read_counts(proxy, kubeconfig, fault, capsys):
    proxy.inject(at(PODS, page=2), fault, times=None)
    code, snapshot = take(kubeconfig)
    assert code == 0
    assert pods(snapshot) == NAMES[:LIMIT]
    assert incomplete(snapshot) == {"pods"}
    assert states(snapshot)["pods"] == "partial"
    assert reason(snapshot, "pods").startswith(f"broke off after {LIMIT} objects: ")
    assert not snapshot.complete
    capsys.readouterr()
    code, _ = take(kubeconfig, "--strict")
    assert code == 6
    (line,) = capsys.readouterr().err.splitlines()
    assert "pods" in line


def test_every_page_may_fail_once_in_every_way(proxy, kubeconfig, sound):
    six = list(FAULTS.values())[: transport.ATTEMPTS - 1]
    rules = [proxy.inject(at(PODS, page=page), fault) for page in PAGES for fault in six]
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert [rule.hits for rule in rules] == [1] * len(rules)
    assert tables(snapshot) == sound


def test_other_lists_stand_faults_too(proxy, kubeconfig, sound):
    for path in ("/version", "/apis", "/apis/*/*", "/api/v1/namespaces", "/apis/*/*/networkpolicies"):
        proxy.inject(path, Status(500))
        proxy.inject(path, Reset())
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert tables(snapshot) == sound


# -- expired lists -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [(1, True), (1, False), (2, True), (2, False)],
    ids=["once", "once-for-good", "twice", "twice-for-good"],
)
@pytest.mark.parametrize("page", PAGES[1:])
def test_a_list_that_expires_begins_again(proxy, kubeconfig, sound, page, how):
    times, proceed = how
    proxy.inject(at(PODS, page=page), expired(proceed=proceed), times=times)
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert tables(snapshot) == sound
    assert [request.page for request in proxy.requests(PODS)].count(1) == times + 1


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_list_that_expires_thrice_goes_on_inconsistently(proxy, kubeconfig, page):
    proxy.inject(at(PODS, page=page), expired(proceed=True), times=3)
    code, snapshot = take(kubeconfig)
    assert code == 0
    assert pods(snapshot) == NAMES
    assert states(snapshot)["pods"] == "inconsistent"
    assert incomplete(snapshot) == {"pods"}
    assert "expired 3 times" in reason(snapshot, "pods")
    assert all(request.query.get("limit") == str(LIMIT) for request in proxy.requests(PODS))


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_list_that_expires_thrice_for_good_is_read_at_once(proxy, kubeconfig, page):
    proxy.inject(at(PODS, page=page), expired(proceed=False), times=None)
    code, snapshot = take(kubeconfig)
    assert code == 0
    assert pods(snapshot) == NAMES
    assert states(snapshot)["pods"] == "inconsistent"
    *paged, whole = proxy.requests(PODS)
    assert all("limit" in request.query for request in paged)
    assert whole.query == {}


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory):
    """A server whose lists expire within seconds, while something is written all the time."""
    with ApiServer(tmp_path_factory.mktemp("forgetful"), compaction="1s") as server:
        assert fill(server, OBJECTS) == []
        done = threading.Event()

        def write():
            with server.client() as client:
                while not done.wait(0.1):
                    config_map = {"metadata": {"generateName": "busy-"}}
                    client.request("POST", "/api/v1/namespaces/shop/configmaps", config_map)

        writer = threading.Thread(target=write)
        writer.start()
        yield server
        done.set()
        writer.join()


@pytest.mark.parametrize(("times", "state"), [(1, "listed"), (3, "inconsistent")])
def test_a_real_server_says_that_a_list_expired(forgetful, tmp_path, times, state):
    with FaultProxy(forgetful.host, forgetful.ca_file) as proxy:
        proxy.inject(at(PODS, page=2), Stall(4.0), times=times)
        config = write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, forgetful.admin_token)
        code, snapshot = take(config)
        asked = proxy.requests(PODS)
    assert code == 0
    assert pods(snapshot) == NAMES
    assert states(snapshot)["pods"] == state, reason(snapshot, "pods")
    assert [request.page for request in asked].count(1) == min(times, lists.RESTARTS) + 1
    assert all("limit" in request.query for request in asked)  # so the server gave a token to go on with


# -- slow answers ------------------------------------------------------------------------------


def test_a_page_that_drips_is_asked_for_again(proxy, kubeconfig, sound, monkeypatch):
    monkeypatch.setitem(transport.Transport.get.__kwdefaults__, "seconds", 1.0)
    rule = proxy.inject(at(PODS, page=2), Slow(chunk=200, seconds=0.3))
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert rule.hits == 1
    assert tables(snapshot) == sound
    first, second = (request.time for request in proxy.requests(PODS) if request.page == 2)
    assert 0.9 <= second - first < 3


def test_a_page_that_always_drips_is_a_gap(proxy, kubeconfig, monkeypatch):
    monkeypatch.setitem(transport.Transport.get.__kwdefaults__, "seconds", 0.5)
    proxy.inject(at(PODS, page=2), Slow(chunk=200, seconds=0.3), times=None)
    code, snapshot = take(kubeconfig)
    assert code == 0
    assert states(snapshot)["pods"] == "partial"
    assert "the answer took over" in reason(snapshot, "pods")


def test_pages_that_stall_within_the_time_are_waited_for(proxy, kubeconfig, sound):
    proxy.inject(at(PODS, page=2), Stall(0.3), times=1)
    proxy.inject(at(PODS, page=3), Stall(0.3, after=1000), times=1)
    code, snapshot = take(kubeconfig, "--strict")
    assert code == 0
    assert tables(snapshot) == sound
    assert [request.page for request in proxy.requests(PODS)] == list(PAGES)


# -- tokens that expire ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokens(server):
    """Of one service account that may do everything."""
    account = ("--serviceaccount=shop:reader", "--clusterrole=cluster-admin")
    server.kubectl("create", "serviceaccount", "reader", "--namespace", "shop")
    server.kubectl("create", "clusterrolebinding", "reader", *account)
    words = ("create", "token", "reader", "--namespace", "shop")
    made = [server.kubectl(*words, f"--duration={60 + more}m").strip() for more in range(3)]
    assert len(set(made)) == len(made)
    return made


def _expire_at_page_2(proxy, tokens, meanwhile=lambda: None):
    """While page 2 of the pods is on its way the first token expires; the thread that sees to it."""
    proxy.accept_tokens(tokens[:1])
    proxy.inject(at(PODS, page=2), Stall(0.5))

    def expire():
        until(lambda: any(request.page == 2 for request in proxy.requests(PODS)))
        meanwhile()
        proxy.accept_tokens(tokens[1:])

    thread = threading.Thread(target=expire)
    thread.start()
    return thread


def test_a_plug_in_is_asked_again_when_its_token_expires(proxy, sound, tokens, tmp_path):
    (tmp_path / "tokens").write_text("\n".join(tokens) + "\n", "ascii")
    plug_in = tmp_path / "plug-in"
    plug_in.write_text(
        "#!/bin/sh\n"
        f"cd '{tmp_path}'\n"
        "echo >> calls\n"
        'token=$(sed -n "$(wc -l < calls)p" tokens)\n'
        'echo "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\", \\"kind\\": \\"ExecCredential\\",'
        ' \\"status\\": {\\"token\\": \\"$token\\"}}"\n',
        "ascii",
    )
    plug_in.chmod(0o700)
    exec_ = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(plug_in),
        "interactiveMode": "Never",
    }
    config = user_config(tmp_path / "config", proxy.host, proxy.ca_file, {"exec": exec_})
    thread = _expire_at_page_2(proxy, tokens)
    code, snapshot = take(config, "--strict")
    thread.join()
    assert code == 0
    assert tables(snapshot) == sound
    assert len((tmp_path / "calls").read_text().splitlines()) == 2
    assert {request.token for request in proxy.log} == set(tokens[:2])
    assert snapshot.provenance.read_as == "system:serviceaccount:shop:reader"


def test_a_token_file_is_read_again_when_its_token_expires(proxy, sound, tokens, tmp_path):
    file = tmp_path / "token"
    file.write_text(tokens[0], "ascii")
    config = user_config(tmp_path / "config", proxy.host, proxy.ca_file, {"tokenFile": str(file)})
    thread = _expire_at_page_2(proxy, tokens, lambda: file.write_text(tokens[1], "ascii"))
    code, snapshot = take(config, "--strict")
    thread.join()
    assert code == 0
    assert tables(snapshot) == sound
    assert {request.token for request in proxy.log} == set(tokens[:2])


def test_in_a_pod_the_token_of_the_service_account_is_read_again(proxy, sound, tokens, tmp_path, monkeypatch):
    file = tmp_path / "token"
    file.write_text(tokens[0], "ascii")
    address = urlsplit(proxy.host)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", address.hostname)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(address.port))
    monkeypatch.setattr(access, "SERVICE_TOKEN_FILENAME", str(file))
    monkeypatch.setattr(access, "SERVICE_CERT_FILENAME", str(proxy.ca_file))
    thread = _expire_at_page_2(proxy, tokens, lambda: file.write_text(tokens[1], "ascii"))
    assert audit("snapshot", "--strict", "-o", tmp_path / "s.zip") == 0
    thread.join()
    snapshot = load((tmp_path / "s.zip").read_bytes(), "s.zip")
    assert tables(snapshot) == sound
    assert snapshot.provenance.read_as == "system:serviceaccount:shop:reader"
    assert {request.token for request in proxy.log} == set(tokens[:2])


def test_a_token_that_stays_expired_midway_is_a_gap(proxy, tokens, tmp_path):
    config = write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, tokens[0])
    thread = _expire_at_page_2(proxy, tokens)
    code, snapshot = take(config)
    thread.join()
    assert code == 0
    assert states(snapshot)["pods"] == "partial"
    assert "401" in reason(snapshot, "pods")


def test_a_token_that_was_expired_from_the_start_reads_nothing(proxy, kubeconfig, tmp_path, capsys):
    proxy.accept_tokens(())
    assert audit("snapshot", "--kubeconfig", kubeconfig, "-o", tmp_path / "s.zip") == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "the credentials were not accepted" in line
    assert not (tmp_path / "s.zip").exists()
    assert len(proxy.log) == 2  # and asked once more, with what the kubeconfig then had
