"""cronjob/ in a real cluster's control plane: rendered, admitted, made into Jobs and Pods, and audited."""

import csv
import json
from pathlib import Path

import pytest
import yaml

from tests.apiserver.cronjob import (
    FOLDER,
    NAMESPACE,
    OVERLAYS,
    end,
    job_of_every_minute,
    job_status,
    kustomization,
    of_kind,
    pods_of,
    read,
    rendered,
    shown_in_readme,
    wait_for,
)
from tests.apiserver.live import audit
from tests.apiserver.server import ApiServer

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]

VARIANTS = ("cronjob", *OVERLAYS, "all")
DISRUPTED = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
WAIVED_ON = "2026-12-01T00:00:00Z"
"""A day on which the waivers that are shipped count."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ApiServer(tmp_path_factory.mktemp("cronjob")) as server:
        yield server


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The kustomizations."""
    overlays = {name: FOLDER / "overlays" / name for name in OVERLAYS}
    own = kustomization(tmp_path_factory.mktemp("own"), *OVERLAYS)
    return {"cronjob": FOLDER, **overlays, "all": own}


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request):
    return request.param


@pytest.fixture
def objects(server, folders, variant):
    return rendered(server, folders[variant])


# -- rendered ---------------------------------------------------------------------------------------


def test_each_object_is_there_once(objects):
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(names) == len(set(names))
    assert not of_kind(objects, "Secret")
    assert all(one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "segaudit" for one in objects)


def test_who_sends_mail(objects, variant):
    jobs = of_kind(objects, "CronJob")
    assert jobs.keys() == {"segaudit"} | ({"segaudit-mail"} if variant in ("weekly-mail", "all") else set())
    if "segaudit-mail" in jobs:
        pod = jobs["segaudit-mail"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["containers"][0]["args"][0] == "mail"
        assert pod["automountServiceAccountToken"] is False
        secrets = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        assert {secret["secretName"] for secret in secrets} == {"segaudit-smtp", "segaudit-webhook"}
        assert all(secret["optional"] for secret in secrets)
        mail = of_kind(objects, "NetworkPolicy")["segaudit-mail"]["spec"]
        assert {port["port"] for rule in mail["egress"] for port in rule["ports"]} == {25, 465, 587}


def test_where_runs_are_kept(objects, variant):
    """In the volume, or in the object store and then nothing is left of the volume."""
    elsewhere = variant in ("object-store", "all")
    assert of_kind(objects, "PersistentVolumeClaim").keys() == (set() if elsewhere else {"segaudit-runs"})
    for job in of_kind(objects, "CronJob").values():
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        [container] = pod["containers"]
        store = {one["name"]: one.get("value") for one in container["env"]}["SEGAUDIT_STORE"]
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert mounted.keys() == {volume["name"] for volume in pod["volumes"]}
        if elsewhere:
            assert store.startswith("s3://")
            assert "store" not in mounted
            assert {"secretRef": {"name": "segaudit-object-store", "optional": True}} in container["envFrom"]
        else:
            assert mounted["store"] == store


def test_whom_the_auditor_reaches(objects, variant):
    policy = of_kind(objects, "NetworkPolicy")["segaudit"]
    assert policy["metadata"]["annotations"]["segaudit.io/justification"]
    dns, api = policy["spec"]["egress"]
    assert {port["port"] for port in api["ports"]} == {443, 6443}
    if variant in ("narrow", "all"):
        assert all(peer["ipBlock"]["cidr"].endswith("/32") for peer in api["to"])
    else:
        assert "to" not in api
    pods, node = dns["to"]
    assert pods["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    assert node == {"ipBlock": {"cidr": "169.254.20.10/32"}}


def test_the_kustomization_of_readme(server, tmp_path):
    """It names an image and a configuration of a user's own; what it does not name stays."""
    objects = rendered(server, shown_in_readme(tmp_path))
    jobs = of_kind(objects, "CronJob").values()
    images = [
        container["image"]
        for job in jobs
        for container in job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    ]
    assert images == ["registry.example/segaudit:0.1.0"] * 2
    data = of_kind(objects, "ConfigMap")["segaudit"]["data"]
    assert yaml.safe_load(data["segaudit.yaml"])["cluster_name"] == "prod-eu-1"
    accepted = of_kind(objects, "ConfigMap")["segaudit-waivers"]["data"]
    assert accepted.keys() == {"api-server.yaml", "weekly-mail.yaml", "mine.yaml"}


# -- admitted ---------------------------------------------------------------------------------------


def test_the_server_takes_it_without_a_warning(server, folders, variant):
    """Pod Security says in a warning what it would refuse in the pods of a CronJob."""
    said = server.kubectl("apply", "--warnings-as-errors", "-k", str(folders[variant])).splitlines()
    assert said
    again = server.kubectl("apply", "--warnings-as-errors", "-k", str(folders[variant])).splitlines()
    assert [line for line in again if not line.endswith(" unchanged")] == []


def test_what_is_not_restricted_is_refused(server):
    server.kubectl("apply", "-k", str(FOLDER))
    with pytest.raises(AssertionError, match='violates PodSecurity "restricted:latest"'):
        server.kubectl("run", "other", "--image=none", "--namespace", NAMESPACE)


@pytest.mark.parametrize("name", ["segaudit-smtp", "segaudit-object-store"])
def test_applying_again_leaves_secrets_alone(server, folders, name):
    server.kubectl("apply", "-k", str(folders["all"]))
    server.kubectl(
        "create", "secret", "generic", name, "--namespace", NAMESPACE, "--from-literal=password=real"
    )
    before = read(server, "secret", name)
    for variant in VARIANTS:
        server.kubectl("apply", "-k", str(folders[variant]))
    assert read(server, "secret", name) == before


def test_the_example_of_the_secret_is_one(server):
    example = FOLDER / "components" / "weekly-mail" / "smtp-secret.example.yaml"
    server.kubectl("apply", "--dry-run=server", "--filename", str(example))


# -- made into Jobs ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A server with controllers, on which cronjob/overlays/weekly-mail was applied."""
    with ApiServer(tmp_path_factory.mktemp("cluster")) as server:
        server.kubectl("apply", "-k", str(FOLDER / "overlays" / "weekly-mail"))
        server.controller_manager("cronjob-controller", "job-controller")
        yield server


@pytest.fixture(scope="module")
def nightly(cluster):
    """The name of a Job of the nightly CronJob."""
    return job_of_every_minute(cluster, "segaudit")


def test_the_controller_makes_a_job_and_its_pod_is_admitted(cluster, nightly):
    [pod] = wait_for(lambda: pods_of(cluster, nightly))
    assert pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] == nightly
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "audit"
    assert pod["spec"]["serviceAccountName"] == "segaudit"


@pytest.fixture
def job(cluster, request):
    """A Job as the nightly CronJob has them, of a name of its own."""
    name = request.node.name.removeprefix("test_").replace("_", "-")
    cluster.kubectl("create", "job", name, "--from=cronjob/segaudit", "--namespace", NAMESPACE)
    yield name
    cluster.kubectl("delete", "job", name, "--namespace", NAMESPACE, "--cascade=foreground", "--wait=false")


@pytest.fixture
def first(cluster, job):
    """The Job's first pod."""
    [pod] = wait_for(lambda: pods_of(cluster, job))
    return pod


def test_exit_code_2_ends_the_job_at_once(cluster, job, first):
    end(cluster, first, 2)
    failed = wait_for(
        lambda: {one["type"]: one for one in job_status(cluster, job).get("conditions", ())}.get("Failed")
    )
    assert failed["reason"] == "PodFailurePolicy"
    assert "exit code 2" in failed["message"]
    assert len(pods_of(cluster, job)) == 1


def test_other_failures_are_tried_again(cluster, job, first):
    end(cluster, first, 5)
    second = wait_for(lambda: pods_of(cluster, job)[1:])
    assert len(second) == 1
    assert job_status(cluster, job)["failed"] == 1


def test_a_drained_node_does_not_count(cluster, job, first):
    end(cluster, first, 143, DISRUPTED)
    assert wait_for(lambda: pods_of(cluster, job)[1:])
    assert "failed" not in job_status(cluster, job)


def test_a_job_that_is_done_is_done(cluster, job, first):
    end(cluster, first, 0)
    assert wait_for(lambda: job_status(cluster, job).get("succeeded")) == 1


# -- audited ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def configuration(cluster, tmp_path_factory):
    """The options of the nightly job, with what the shipped ConfigMaps hold."""
    folder = tmp_path_factory.mktemp("configuration")
    for source in ("segaudit", "segaudit-waivers"):
        (folder / source).mkdir()
        for name, text in read(cluster, "configmap", source)["data"].items():
            (folder / source / name).write_text(text, encoding="utf-8")
    return [f"--config={folder}/segaudit/segaudit.yaml", f"--waivers={folder}/segaudit-waivers"]


def findings(out: Path) -> set[tuple[str, str, str, str]]:
    """Check, namespace, name and status of the findings in the namespace."""
    with (out / "csv" / "findings.csv").open(encoding="utf-8-sig", newline="") as text:
        return {
            (row["check"], row["namespace"], row["name"], row["status"])
            for row in csv.DictReader(text)
            if NAMESPACE in (row["namespace"], row["name"])
        }


ANYWHERE = "rules-name-their-peers"
"""Who serves the API, or takes mail, is named by nothing that a policy could select."""
MAIL = ("weekly-mail", "all")
NARROW = ("narrow", "all")


def test_what_the_audit_of_itself_finds_is_waived(cluster, nightly, configuration, tmp_path, capsys):
    """The pod that sends the mail is not there at night: what lets it out selects nothing then."""
    wait_for(lambda: pods_of(cluster, nightly))
    token = cluster.service_account_token(NAMESPACE, "segaudit")
    config = cluster.kubeconfig("auditor", token)
    out = tmp_path / "out"
    options = [*configuration, "--as-of", WAIVED_ON, "--format=csv", "--out", out]
    assert audit("run", "--kubeconfig", config, *options) == 0
    assert "does not count" not in capsys.readouterr().err
    assert findings(out) == {
        ("policies-select-something", NAMESPACE, "segaudit-mail", "waived"),
        (ANYWHERE, NAMESPACE, "segaudit-mail", "waived"),
        (ANYWHERE, NAMESPACE, "segaudit", "waived"),
    }


def test_the_audit_of_its_files_finds_what_is_waived_and_no_more(objects, variant, tmp_path):
    file = tmp_path / "rendered.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), encoding="utf-8")
    out = tmp_path / "out"
    assert audit("run", "--from", file, "--format=csv", "--out", out) == 0
    expected = {"segaudit-mail"} if variant in MAIL else set()
    expected |= {"segaudit"} if variant not in NARROW else set()
    assert findings(out) == {(ANYWHERE, NAMESPACE, name, "failed") for name in expected}


def test_every_waiver_that_is_shipped_is_of_an_overlay_that_needs_it(objects, variant):
    data = of_kind(objects, "ConfigMap")["segaudit-waivers"].get("data") or {}
    waived = [waiver for text in data.values() for waiver in yaml.safe_load(text)["waivers"]]
    expected = ["segaudit-mail"] * 2 if variant in MAIL else []
    expected += ["segaudit"] if variant not in NARROW else []
    assert sorted(waiver["name"] for waiver in waived) == sorted(expected)
