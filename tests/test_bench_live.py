"""The replay server is an API server to clients, and the benchmark of live clusters tells what it found."""

import json
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kubernetes import client
from kubernetes.config import new_client_from_config

from bench import client as reader
from bench import live, pages, replay
from bench.live import (
    CURL,
    CURL_ALL,
    RAW,
    SNAPSHOT,
    TYPED,
    TYPED_ALL,
    Row,
    main,
    notes,
    table,
    targets,
    targets_table,
)
from bench.measure import Cost
from tests.parts import need

ROOT = Path(__file__).parents[1]
PODS = 1_200


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folder(cache, tmp_path_factory):
    """Of a server that runs."""
    need("openssl", "openssl")
    folder = tmp_path_factory.mktemp("replay")
    words = ["--pods", str(PODS), "--folder", str(folder), "--cache", str(cache)]
    with subprocess.Popen(
        [sys.executable, "-m", "bench.replay", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert "replays 1,200 pods" in process.stdout.readline()
            yield folder
        finally:
            process.kill()


@pytest.fixture
def api(folder, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with new_client_from_config(str(folder / "kubeconfig")) as api:
        yield api


def get(api, path, **query):
    request = api.param_serialize(
        "GET", path, query_params=list(query.items()), auth_settings=["BearerToken"]
    )
    response = api.call_api(*request, _request_timeout=(5, 5))
    return response.status, response.read()


def get_json(api, path, **query):
    return json.loads(get(api, path, **query)[1])


def test_official_client_reads_all_pages(api):
    core, names, token = client.CoreV1Api(api), [], None
    while token != "":
        page = core.list_pod_for_all_namespaces(limit=500, _continue=token)
        names += [(pod.metadata.namespace, pod.metadata.name) for pod in page.items]
        token = page.metadata._continue or ""  # noqa: SLF001  # so the client names it
        assert (page.metadata.remaining_item_count or 0) == PODS - len(names)
    assert len(set(names)) == PODS


def test_lists_other_than_of_pods_are_there(api):
    core, networking = client.CoreV1Api(api), client.NetworkingV1Api(api)
    assert len(core.list_namespace().items) == 80
    assert len(core.list_node().items) == 40
    assert len(core.list_service_for_all_namespaces().items) == 80
    assert len(networking.list_network_policy_for_all_namespaces().items) == 400
    assert client.AppsV1Api(api).list_deployment_for_all_namespaces().items == []


def test_pages_are_written_as_a_server_writes_them(api):
    _, body = get(api, "/api/v1/pods", limit="500")
    head = '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1","continue":"'
    assert body.startswith(head.encode())
    pod = json.loads(body)["items"][0]
    assert not {"kind", "apiVersion"} & pod.keys()
    assert [entry["manager"] for entry in pod["metadata"]["managedFields"]][-1] == "kubelet"
    assert 4_000 < len(body) / 500 < 10_000
    _, body = get(api, "/apis/networking.k8s.io/v1/networkpolicies", limit="500")
    head = (
        '{"kind":"NetworkPolicyList","apiVersion":"networking.k8s.io/v1","metadata":{"resourceVersion":"1"},'
    )
    assert body.startswith(head.encode())


def test_discovery_names_what_is_served(api):
    assert get_json(api, "/version")["gitVersion"] == replay.VERSION
    assert get_json(api, "/api")["versions"] == ["v1"]
    versions = [
        version["groupVersion"] for group in get_json(api, "/apis")["groups"] for version in group["versions"]
    ]
    assert versions == [version for version in replay.RESOURCES if version != "v1"]
    for root in ("/api/v1", *(f"/apis/{version}" for version in versions)):
        for resource in get_json(api, root)["resources"]:
            assert (
                get_json(api, f"{root}/{resource['name']}", limit="500")["kind"] == f"{resource['kind']}List"
            )


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/api/v1/secrets", {}, 404),
        ("/api/v1/pods", {}, 400),
        ("/api/v1/pods", {"limit": "500", "continue": "unknown"}, 410),
    ],
)
def test_what_is_not_replayed_is_a_status(api, path, query, code):
    status, body = get(api, path, **query)
    assert (status, json.loads(body)["kind"], json.loads(body)["code"]) == (code, "Status", code)


def test_requests_may_come_in_pieces_and_together_and_connections_at_once(folder):
    def read(number):
        with (
            socket.create_connection((address.hostname, address.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as secure,
        ):
            secure.sendall(b"GET /version HTTP/1.1\r\nHo")
            secure.sendall(b"st: x\r\n\r\nPUT /api HTTP/1.1\r\nConnection: close\r\n\r\n")
            while data := secure.recv(1 << 16):
                got[number] += data

    config = json.loads((folder / "kubeconfig").read_text())
    address = urlsplit(config["clusters"][0]["cluster"]["server"])
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    got = [b""] * 4
    threads = [threading.Thread(target=read, args=(number,)) for number in range(len(got))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(data.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 405 " in data for data in got)


@pytest.mark.parametrize("how", [reader.raw, reader.typed])
@pytest.mark.parametrize(("pods", "read"), [(600, 2), (10_000, 3)])
def test_measured_clients_read_so_many_pods_or_all(api, monkeypatch, how, pods, read):
    asked = []
    call = api.call_api
    monkeypatch.setattr(
        api, "call_api", lambda *request, **more: asked.append(request) or call(*request, **more)
    )
    how(api, pods)
    assert len(asked) == read


def test_typed_lists_are_of_all_that_the_server_has(api, cache, folder):
    del folder
    paths = {url.partition("?")[0] for url in pages.urls(pages.cached(PODS, cache))}
    for path in paths:
        reader.typed(api, 1, path)
    assert len(paths) == 5


def test_pages_are_made_once_for_each_version_of_their_code(cache, folder, monkeypatch):
    del folder
    made = pages.cached(PODS, cache)
    assert made == pages.cached(PODS, cache)
    urls = [url for url in pages.urls(made) if url.startswith("/api/v1/pods?")]
    assert [url.partition("&continue=")[0] for url in urls] == ["/api/v1/pods?limit=500"] * 3
    assert len(set(urls)) == 3
    (cache / "7-old").mkdir()
    monkeypatch.setattr(pages, "_cluster", lambda _: None)
    monkeypatch.setattr(pages, "write", lambda _, folder: folder.mkdir())
    assert pages.cached(7, cache).exists()
    assert not (cache / "7-old").exists()


def test_benchmark_runs(cache, folder, tmp_path, capsys):
    del folder
    need("curl", "curl")
    figures = tmp_path / "figures.json"
    words = ["--pods", str(PODS), "--cache", str(cache), "--json", str(figures)]
    assert main([*words, "--only", "curl"]) == 0
    assert "| curl, pods | 1,200 | 0 |" in capsys.readouterr().out
    slow = [row["cost"]["wall"] for row in json.loads(figures.read_text()) if row["seconds"]]
    assert slow[0] > 3 * 0.036
    assert main([*words, "--only", RAW]) == 0
    assert "| official client, bytes | 1,200 | 36 |" in capsys.readouterr().out


def test_without_curl_it_says_how_to_get_it(cache, folder, monkeypatch, capsys):
    del folder
    which = live.shutil.which
    monkeypatch.setattr(live.shutil, "which", lambda name: None if name == "curl" else which(name))
    assert main(["--pods", str(PODS), "--cache", str(cache), "--only", CURL]) == 1
    assert "curl is missing: apt-get install curl" in capsys.readouterr().out


def test_server_that_does_not_start_is_told(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--pods", "10", "--cache", str(tmp_path / "file"), "--only", CURL]) == 1
    assert "no server: " in capsys.readouterr().out


def rows_of(pods, seconds, peak):
    costs = {CURL: 2.0, CURL_ALL: 3.0, RAW: 4.0, TYPED: 300.0, TYPED_ALL: 360.0, SNAPSHOT: 6.0}
    return [Row(what, pods, seconds, Cost(wall, wall, peak)) for what, wall in costs.items()]


def test_table_sets_wall_clock_beside_curl_and_the_typed_lists():
    assert list(table(rows_of(150_000, 0.0, 90)))[-1] == (
        "| segaudit snapshot | 150,000 | 0 | 6.00 | 6.00 | 90 | 3.00 | 2.00 | 50.00 | 60.00 |"
    )


def test_table_tells_what_failed():
    rows = [*rows_of(10_000, 0.0, 90)[:-1], Row(SNAPSHOT, 10_000, 0.0, None, "it | failed")]
    assert list(table(rows))[-1] == "| segaudit snapshot | 10,000 | 0 | it / failed |  |  |  |  |  |  |"
    assert not list(targets(rows))


def test_targets_are_judged_on_the_same_pages():
    rows = [*rows_of(10_000, 0.0, 80), *rows_of(150_000, 0.0, 96), *rows_of(150_000, 0.036, 96)]
    judged = [(limit.target, round(limit.of_target, 2)) for limit in targets(rows)]
    assert judged[:4] == [
        ("at most 5", 0.4),
        ("at least 30", 0.5),
        ("at least 30", 0.6),
        ("at most 160", 0.5),
    ]
    assert judged[4:9] == [*judged[:3], ("at most 160", 0.6), ("at most 1.3", 0.92)]
    assert judged[9:] == [("at most 1.3", 1.54), ("at most 160", 0.6)]
    assert list(targets_table(rows))[2].endswith("| at most 5 | 2.00 | 0.40 |")


def test_scaled_figures_are_called_so():
    assert "scaled" in " ".join(notes(rows_of(150_000, 0.0, 90)))
    assert "scaled" not in " ".join(notes(rows_of(1_000, 0.0, 90)))
