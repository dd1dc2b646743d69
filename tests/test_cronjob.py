"""cronjob/ without a cluster: what files alone show of kustomize, Pod Security and least privilege."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client

from audit import config, waivers
from audit.collect.cluster.resources import Permission, permissions

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "cronjob"
BASE = FOLDER / "base"
CLUSTER_SCOPED = {"Namespace", "ClusterRole", "ClusterRoleBinding"}
CONFIGURATION = "segaudit.yaml"
WAIVERS = "segaudit-waivers"
SERVER_KEYS = {"status", "uid", "resourceVersion", "creationTimestamp", "managedFields"}


def objects_of(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


KUSTOMIZATION = objects_of(BASE / "kustomization.yaml")[0]
OBJECTS = [item for name in KUSTOMIZATION["resources"] for item in objects_of(BASE / name)]
MAIL = FOLDER / "components" / "weekly-mail"
MAIL_OBJECTS = [
    item
    for name in objects_of(MAIL / "kustomization.yaml")[0]["resources"]
    for item in objects_of(MAIL / name)
]


def the(kind: str, name: str = "segaudit") -> dict[str, Any]:
    found = [item for item in OBJECTS if item["kind"] == kind]
    [one] = found if len(found) == 1 else [item for item in found if item["metadata"]["name"] == name]
    return one


CRONJOBS = [item for item in (*OBJECTS, *MAIL_OBJECTS) if item["kind"] == "CronJob"]
JOB = the("CronJob")["spec"]["jobTemplate"]["spec"]
POD = JOB["template"]["spec"]
[CONTAINER] = POD["containers"]
each_cronjob = pytest.mark.parametrize("cronjob", CRONJOBS, ids=lambda item: item["metadata"]["name"])


def test_the_folder_itself_is_a_kustomization_of_the_base():
    assert objects_of(FOLDER / "kustomization.yaml") == [{"resources": ["base"]}]


@pytest.mark.parametrize(
    "path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: str(path.relative_to(FOLDER))
)
def test_every_file_holds_objects(path: Path):
    held = objects_of(path)
    assert held
    assert all(isinstance(item, dict) for item in held)


def test_every_file_is_a_resource_and_every_resource_a_file():
    files = {path.name for path in BASE.iterdir()} - {"kustomization.yaml"}
    assert Counter(KUSTOMIZATION["resources"]) == Counter(files)


def test_every_object_is_complete_and_named_once():
    for item in OBJECTS:
        assert {"apiVersion", "kind", "metadata"} <= item.keys()
        assert not SERVER_KEYS & (item.keys() | item["metadata"].keys())
    names = Counter((item["kind"], item["metadata"]["name"]) for item in OBJECTS)
    assert set(names.values()) == {1}


@pytest.mark.parametrize("item", [*OBJECTS, *MAIL_OBJECTS], ids=lambda item: item["kind"])
def test_every_field_is_one_that_kubernetes_has(item: dict[str, Any]):
    model = getattr(client, item["apiVersion"].rpartition("/")[2].capitalize() + item["kind"])
    with client.ApiClient(client.Configuration()) as api:
        known = api.sanitize_for_serialization(model.from_dict(item))
    assert known == item


def test_objects_lie_in_the_namespace_that_is_made():
    namespace = the("Namespace")["metadata"]["name"]
    assert KUSTOMIZATION["namespace"] == namespace
    for item in OBJECTS:
        expected = None if item["kind"] in CLUSTER_SCOPED else namespace
        assert item["metadata"].get("namespace") == expected


def test_what_the_pod_names_exists():
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == volumes.keys()
    assert volumes["config"]["configMap"]["name"] == the("ConfigMap")["metadata"]["name"]
    claim = volumes["store"]["persistentVolumeClaim"]["claimName"]
    assert claim == the("PersistentVolumeClaim")["metadata"]["name"]
    assert POD["serviceAccountName"] == the("ServiceAccount")["metadata"]["name"]


def test_the_configuration_loads_and_its_comments_show_the_defaults(tmp_path: Path):
    data = the("ConfigMap")["data"]
    assert f"--config=/etc/segaudit/{CONFIGURATION}" in CONTAINER["args"]
    file = tmp_path / CONFIGURATION
    for shown in (data[CONFIGURATION], re.sub(r"^#(?! \S)", "", data[CONFIGURATION], flags=re.MULTILINE)):
        file.write_text(shown, encoding="utf-8")
        assert config.load(file, {}).settings == config.Settings()


def test_what_decides_a_check_is_not_set_for_the_mail_alone():
    """The pod that audits would know nothing of it."""
    [settings] = objects_of(MAIL / "settings.yaml")
    assert "SEGAUDIT_MAIL_ALLOWED_DOMAINS" not in settings["data"]
    assert "allowed_domains" in the("ConfigMap")["data"][CONFIGURATION]
    for cronjob in CRONJOBS:
        assert f"--config=/etc/segaudit/{CONFIGURATION}" in pod_of(cronjob)[2]["args"]


def test_the_waivers_load(tmp_path: Path):
    shipped = [the("ConfigMap", WAIVERS), objects_of(MAIL / "waivers.yaml")[0]]
    assert f"--waivers=/etc/{WAIVERS}" in CONTAINER["args"]
    for item in shipped:
        assert item["metadata"]["name"] == WAIVERS
        for name, text in item["data"].items():
            assert not (tmp_path / name).exists()
            (tmp_path / name).write_text(text, encoding="utf-8")
    every = [waiver.terms for waiver in waivers.read(tmp_path).waivers]
    assert len(every) == 3
    assert all(terms.hold(terms.created) and terms.hold(terms.expires) for terms in every)


def test_narrow_takes_the_waiver_away_that_it_does_not_need():
    [patch] = objects_of(FOLDER / "components" / "narrow" / "waivers.yaml")
    assert patch["metadata"]["name"] == WAIVERS
    assert patch["data"] == dict.fromkeys(the("ConfigMap", WAIVERS)["data"], "waivers: []\n")


def test_the_account_is_bound_to_the_role():
    binding = the("ClusterRoleBinding")
    assert binding["roleRef"]["kind"] == "ClusterRole"
    assert binding["roleRef"]["name"] == the("ClusterRole")["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "segaudit", "namespace": "segaudit"}]


def test_the_role_reads_and_reads_no_secrets():
    for rule in the("ClusterRole")["rules"]:
        assert set(rule["verbs"]) <= {"get", "list"}
        named = {*rule["apiGroups"], *rule["resources"]}
        assert not named & {"*", "secrets"}
        assert not any("/" in resource for resource in rule["resources"])


def test_the_role_is_exactly_what_is_read():
    granted = Counter(
        Permission(group, resource, verb, name)
        for rule in the("ClusterRole")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    )
    assert granted == Counter(permissions())


def pod_of(cronjob: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The Job's specification, the pod's and its container's."""
    job = cronjob["spec"]["jobTemplate"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    return job, job["template"]["spec"], container


@each_cronjob
def test_the_pod_is_restricted(cronjob: dict[str, Any]):
    _, pod, container = pod_of(cronjob)
    security = pod["securityContext"] | container["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0
    assert security["fsGroup"] == security["runAsGroup"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()


@each_cronjob
def test_a_pod_failure_policy_needs_pods_that_are_not_restarted(cronjob: dict[str, Any]):
    job, pod, container = pod_of(cronjob)
    assert pod["restartPolicy"] == "Never"
    by_action = {rule["action"]: rule for rule in job["podFailurePolicy"]["rules"]}
    assert by_action["FailJob"]["onExitCodes"]["values"] == [2]
    assert by_action["FailJob"]["onExitCodes"]["containerName"] == container["name"]
    assert by_action["Ignore"]["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert job["backoffLimit"] > 0


@each_cronjob
def test_a_job_ends_before_the_next_is_due(cronjob: dict[str, Any]):
    spec = cronjob["spec"]
    day = 24 * 60 * 60
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["timeZone"]
    assert spec["startingDeadlineSeconds"] + pod_of(cronjob)[0]["activeDeadlineSeconds"] < day
    assert spec["successfulJobsHistoryLimit"] > 0
    assert spec["failedJobsHistoryLimit"] > 0


def test_the_mail_is_sent_when_the_nights_run_is_over():
    """One claim, two pods: the later begins when the earlier has been made, or given up."""
    nightly, mail = CRONJOBS
    minute, hour, *_ = nightly["spec"]["schedule"].split()
    latest = int(hour) * 60 + int(minute)
    latest += (nightly["spec"]["startingDeadlineSeconds"] + JOB["activeDeadlineSeconds"]) // 60
    minute, hour, *_ = mail["spec"]["schedule"].split()
    assert int(hour) * 60 + int(minute) > latest


def test_secrets_are_optional_and_their_files_are_where_the_settings_say():
    _, pod, container = pod_of(CRONJOBS[1])
    secrets = {each["name"]: each["secret"] for each in pod["volumes"] if "secret" in each}
    assert {each["secretName"] for each in secrets.values()} == {"segaudit-smtp", "segaudit-webhook"}
    assert all(each["optional"] is True for each in secrets.values())
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    password = next(each["value"] for each in container["env"] if each["name"].endswith("PASSWORD_FILE"))
    assert password == f"{mounts['smtp']}/password"
    url = re.search(r"# SEGAUDIT_WEBHOOK_URL_FILE: (\S+)", (MAIL / "settings.yaml").read_text("utf-8"))
    assert url
    assert url[1] == f"{mounts['webhook']}/url"


def test_the_pod_that_sends_mail_has_no_rights():
    _, pod, _ = pod_of(CRONJOBS[1])
    assert pod["automountServiceAccountToken"] is False
    subjects = {subject["name"] for subject in the("ClusterRoleBinding")["subjects"]}
    assert pod["serviceAccountName"] not in subjects


def test_the_image_is_of_this_version_and_of_no_registry():
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert {pod_of(cronjob)[2]["image"] for cronjob in CRONJOBS} == {f"segaudit:{version}"}


def test_nobody_connects_to_the_auditor():
    policy = the("NetworkPolicy")["spec"]
    assert policy["podSelector"] == {}
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert not policy.get("ingress")
    ports = {(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]}
    assert ports == {("UDP", 53), ("TCP", 53), ("TCP", 443), ("TCP", 6443)}
