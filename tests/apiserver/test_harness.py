"""The harness starts a real API server, fills it as told, and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.apiserver import build
from tests.apiserver.client import discover
from tests.apiserver.load import Refused, crd, fill, policy_crds
from tests.apiserver.server import ApiServer

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "sock-shop"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "filled", "uid": "b5", "resourceVersion": "7", "generation": 3},
}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "services"}}
HOLDER = """
import signal, sys, time
from pathlib import Path
from tests.apiserver.server import ApiServer

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
server = ApiServer(Path(sys.argv[1]))
print(*server.pids, flush=True)
time.sleep(600)
"""
"""Starts a server and says its process ids."""

pytestmark = pytest.mark.apiserver


def named(document, name, **more):
    return {**document, "metadata": {**document["metadata"], "name": name}, **more}


def read(server, *arguments):
    return yaml.safe_load(server.kubectl("get", *arguments, "--output", "json"))


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def runs(pid):
    """Whether there is such a process; one that has ended and waits for its parent is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def some_run(pids):
    return any(runs(pid) for pid in pids)


def listed(client, target):
    answer = client.get(f"/api/v1/namespaces/many/pods?limit=1{target}")
    return answer.code, answer.body


@pytest.fixture(scope="module")
def shop():
    return [
        document
        for path in sorted(SHOP.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def test_the_server_says_the_version_of_go_mod(apiserver):
    if "KUBEBUILDER_ASSETS" in os.environ:
        pytest.skip("these programs are not built from go.mod")
    assert yaml.safe_load(apiserver.kubectl("version", "--output", "json"))["serverVersion"][
        "gitVersion"
    ] == (build.kubernetes_version())


def test_ready_programs_come_first(monkeypatch, tmp_path):
    for name in build.NEEDED:
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert build.programs() == tmp_path


@pytest.mark.parametrize("assets", [None, "empty"])
def test_a_missing_part_is_named(monkeypatch, tmp_path, assets):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    if assets:
        monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    with pytest.raises(pytest.skip.Exception, match="KUBEBUILDER_ASSETS"):
        build.programs()


def test_an_example_goes_in_whole(apiserver, shop):
    assert fill(apiserver, shop) == []
    for kind, plural in (
        ("Deployment", "deployments"),
        ("Service", "services"),
        ("NetworkPolicy", "netpol"),
    ):
        wanted = {one["metadata"]["name"] for one in shop if one["kind"] == kind}
        items = read(apiserver, plural, "--namespace", "sock-shop")["items"]
        assert wanted == {one["metadata"]["name"] for one in items}


def test_what_is_there_already_is_refused(apiserver):
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": "twice"}}
    assert fill(apiserver, [config]) == []
    [refused] = fill(apiserver, [config])
    assert refused == Refused("v1/ConfigMap twice/one", 'configmaps "one" already exists')


def test_pods_have_phase_and_addresses(apiserver):
    running = {"phase": "Running", "podIP": "10.9.0.7", "hostIPs": [{"ip": "10.1.0.1"}]}
    done = {"phase": "Succeeded", "qosClass": "Guaranteed"}
    pods = [
        named(POD, "web", status=running, spec={"nodeName": "one", "priority": 7}),
        named(POD, "job", status=done, spec={"containers": [{"ports": [{"containerPort": 80}]}]}),
        named(POD, "new"),
    ]
    assert fill(apiserver, [{"apiVersion": "v1", "kind": "PodList", "items": pods}]) == []
    web, job, new = (read(apiserver, "pod", name, "--namespace", "filled") for name in ("web", "job", "new"))
    assert (web["status"]["phase"], web["status"]["podIP"]) == ("Running", "10.9.0.7")
    assert web["status"]["podIPs"] == [{"ip": "10.9.0.7"}]
    assert web["status"]["hostIP"] == "10.1.0.1"
    assert web["spec"]["nodeName"] == "one"
    assert job["status"]["phase"] == "Succeeded"
    assert new["status"]["phase"] == "Pending"


def test_nodes_have_addresses(apiserver):
    status = {
        "addresses": [{"type": "InternalIP", "address": "10.1.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1.34.0"},
    }
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}, "status": status}
    assert fill(apiserver, [node]) == []
    found = read(apiserver, "node", "one")["status"]
    assert found["addresses"] == status["addresses"]
    assert found["nodeInfo"]["kubeletVersion"] == "v1.34.0"


def test_services_keep_addresses_that_are_the_servers(apiserver):
    addresses = {"kept": "10.97.3.4", "foreign": "172.20.0.5", "headless": "None", "two": "10.97.3.5"}
    services = [
        named(SERVICE, name, spec={"clusterIP": address, "clusterIPs": [address], "ports": [{"port": 80}]})
        for name, address in addresses.items()
    ]
    services[-1]["spec"] |= {"clusterIPs": ["10.97.3.5", "fd00::5"], "ipFamilies": ["IPv4", "IPv6"]}
    assert fill(apiserver, services) == []
    items = read(apiserver, "services", "--namespace", "services")["items"]
    found = {one["metadata"]["name"]: one["spec"]["clusterIP"] for one in items}
    assert found.pop("foreign").startswith("10.")
    assert found == {name: address for name, address in addresses.items() if name != "foreign"}


def test_an_existing_namespace_gets_labels(apiserver):
    labels = {"team": "a"}
    default = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}
    assert fill(apiserver, [default]) == []
    assert read(apiserver, "namespace", "default")["metadata"]["labels"]["team"] == "a"


def test_a_job_that_was_read_elsewhere_goes_in(apiserver):
    labels = {"batch.kubernetes.io/controller-uid": "b5", "job-name": "one"}
    template = {"metadata": {"labels": labels}, "spec": {"restartPolicy": "Never"}}
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly"}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one", "namespace": "filled", "ownerReferences": [owner]},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    assert fill(apiserver, [job]) == []
    [found] = read(apiserver, "job", "one", "--namespace", "filled")["metadata"]["ownerReferences"]
    assert found.items() >= owner.items()


def test_what_the_server_refuses_is_told(apiserver):
    documents = [
        named(POD, "UPPER"),
        named(POD, "bad-status", status={"phase": "Running", "podIP": "x"}),
        {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "old"}},
        {"kind": "Pod", "metadata": {"name": "untyped"}},
    ]
    refused = dict(fill(apiserver, [*documents, None]))
    assert refused.keys() == {
        "v1/Pod filled/UPPER",
        "v1/Pod filled/bad-status#status",
        "batch/v1beta1/CronJob old",
        "None/Pod untyped",
    }
    assert "lowercase" in refused["v1/Pod filled/UPPER"]
    assert refused["batch/v1beta1/CronJob old"] == "the server has no CronJob of batch/v1beta1"


def test_definitions_are_served_with_their_objects(own_server):
    server = own_server()
    assert fill(server, policy_crds()) == []
    wanted = {
        (f"{one['spec']['group']}/{one['spec']['versions'][0]['name']}", one["spec"]["names"]["kind"])
        for one in policy_crds()
    }
    with server.client() as client:
        served = discover(client)
        assert wanted <= served.keys()
    documents = [
        {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": "one"}
            | ({"namespace": "every"} if served[api_version, kind].namespaced else {}),
            "spec": {"anything": [1]},
            "status": {"too": True},
        }
        for api_version, kind in wanted
    ]
    assert fill(server, documents) == []
    route = read(server, "httproutes.gateway.networking.k8s.io", "one", "--namespace", "every")
    assert (route["spec"], route["status"]) == ({"anything": [1]}, {"too": True})


def test_a_kind_that_nobody_knows_gets_a_definition(apiserver):
    policy = {
        "apiVersion": "example.com/v1",
        "kind": "EntryPolicy",
        "metadata": {"name": "one", "namespace": "odd"},
    }
    given = crd("example.org", "v2", "Zone", "zones", namespaced=False)
    zone = {"apiVersion": "example.org/v2", "kind": "Zone", "metadata": {"name": "one"}}
    assert fill(apiserver, [zone, policy, given]) == []
    assert read(apiserver, "entrypolicies.example.com", "one", "--namespace", "odd")["kind"] == "EntryPolicy"
    assert read(apiserver, "zones.example.org", "one")["kind"] == "Zone"


def test_an_old_list_expires(own_server):
    server = own_server(compaction="2s")
    assert (
        fill(
            server,
            [named(POD, f"pod-{n}") | {"metadata": {"name": f"p{n}", "namespace": "many"}} for n in range(3)],
        )
        == []
    )
    with server.client() as client:
        code, first = listed(client, "")
        assert code == 200
        token = first["metadata"]["continue"]
        assert listed(client, f"&continue={token}")[0] == 200
        time.sleep(6)
        code, expired = listed(client, f"&continue={token}")
        assert (code, expired["reason"]) == (410, "Expired")
        code, second = listed(client, f"&continue={expired['metadata']['continue']}")
        assert code == 200
        assert [pod["metadata"]["name"] for pod in second["items"]] == ["p1"]


def test_a_service_account_may_what_it_was_given(apiserver):
    assert fill(apiserver, [named(POD, "read")]) == []
    apiserver.kubectl("create", "serviceaccount", "reader")
    token = apiserver.service_account_token("default", "reader")
    with apiserver.client(token) as client:
        assert client.get("/api/v1/pods").code == 403
        apiserver.kubectl("create", "clusterrole", "reader", "--verb=get,list", "--resource=pods")
        role = ("--clusterrole=reader", "--serviceaccount=default:reader")
        apiserver.kubectl("create", "clusterrolebinding", "reader", *role)
        until(lambda: client.get("/api/v1/pods").code == 200)
    config = apiserver.kubeconfig("reader", token)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    listed = apiserver.kubectl("get", "pods", f"--kubeconfig={config}", "--all-namespaces")
    assert " read " in listed
    with pytest.raises(AssertionError, match="Forbidden"):
        apiserver.kubectl("get", "nodes", f"--kubeconfig={config}")


def test_controllers_make_pods_of_jobs(own_server):
    server = own_server()
    server.controller_manager("job-controller")
    server.kubectl("create", "job", "one", "--image=none")
    until(lambda: read(server, "pods")["items"])


def test_stop_leaves_nothing(tmp_path):
    with ApiServer(tmp_path) as server:
        pids = server.pids
        assert len(pids) == 2
        assert some_run(pids)
    assert not some_run(pids)
    assert not (tmp_path / "etcd").exists()
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_nothing_outlives_the_tests(tmp_path, number):
    holder = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        holder, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        process.send_signal(number)
        process.wait()
    until(lambda: not some_run(pids))


def test_a_server_that_does_not_start_says_why(tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in build.NEEDED:
        program = programs / name
        program.write_text("#!/bin/sh\necho no way\nexit 3\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs))
    with pytest.raises(AssertionError, match="ended with 3:\nno way"):
        ApiServer(tmp_path)
