"""Owners of pods, and pod templates that stand for pods."""

import pytest

from tests.collect.inputs import labels, listed, pod, rows, workload

FINISHED = {"conditions": [{"type": "Complete", "status": "True"}]}
FAILED = {"conditions": [{"type": "Failed", "status": "True"}]}


def templates(snapshot):
    return [name for name, template in rows(snapshot, "pods", "name", "template") if template]


def owner(snapshot, name="p"):
    found = rows(snapshot, "pods", "name", "workload_kind", "workload")
    return next(f"{kind}/{owner}" for pod, kind, owner in found if pod == name)


@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout"]
)
def test_a_template_stands_for_pods_that_are_not_there(collect, kind):
    manifest = workload(kind, "w")
    if kind == "Rollout":
        manifest["apiVersion"] = "argoproj.io/v1alpha1"
    snapshot = collect(manifest)
    assert rows(snapshot, "pods", "namespace", "name", "workload_kind", "workload", "template") == [
        ("x", f"w[{kind}]", kind, "w", True)
    ]
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"app": "w"}
    assert rows(snapshot, "pods", "node", "phase", "host_addresses") == [("", "", "")]
    assert not len(snapshot["addresses"])
    assert rows(snapshot, "pods", "source") == rows(snapshot, "workloads", "source")


@pytest.mark.parametrize("kind", ["ReplicationController", "DeploymentConfig"])
def test_a_selector_may_be_a_map(collect, kind):
    spec = {"selector": {"app": "w"}, "template": {"metadata": {"labels": {"app": "w"}}}}
    version = {"ReplicationController": "v1", "DeploymentConfig": "apps.openshift.io/v1"}[kind]
    manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": "w"}, "spec": spec}
    assert templates(collect(manifest)) == [f"w[{kind}]"]
    assert templates(collect(listed(manifest, pod("p", labels={"app": "w", "x": "y"})))) == []


@pytest.mark.parametrize(
    "manifest",
    [
        workload("Deployment", "w", spec={"replicas": 0}),
        workload("Deployment", "w", status={"observedGeneration": 3}),
        workload("Deployment", "w", status={"observedGeneration": 3, "replicas": 0}),
        workload("DaemonSet", "w", status={"observedGeneration": 1, "desiredNumberScheduled": 0}),
        workload("CronJob", "w", spec={"suspend": True}),
        workload("Job", "w", status=FINISHED),
        workload("Job", "w", status=FAILED),
        workload("Job", "w", status={"completionTime": "2026-01-01T00:00:00Z"}),
        workload("Deployment", "w", spec={"template": None}),
    ],
)
def test_a_workload_that_says_it_has_no_pods_has_none(collect, manifest):
    assert templates(collect(manifest)) == []


@pytest.mark.parametrize(
    "manifest",
    [
        workload("Deployment", "w", status={}),
        workload("Deployment", "w", status=None),
        workload("Deployment", "w", spec={"replicas": None}),
        workload("Deployment", "w", status={"observedGeneration": 3, "replicas": 2}),
        workload("DaemonSet", "w", status={"observedGeneration": 1, "desiredNumberScheduled": 3}),
        workload(
            "Job", "w", status={"active": 1, "conditions": [None, {"type": "Complete", "status": "False"}]}
        ),
        workload("CronJob", "w", spec={"suspend": False}),
    ],
)
def test_a_workload_that_does_not_say_so_has_some(collect, manifest):
    assert len(templates(collect(manifest))) == 1


def test_a_workload_with_a_pod_of_its_own_needs_no_template(collect):
    replica_set = workload("ReplicaSet", "w-5d", owners=[("Deployment", "w")])
    made = pod("p", "x", owners=[("ReplicaSet", "w-5d")])
    deployment = workload("Deployment", "w")
    assert templates(collect(listed(deployment, replica_set, made))) == []
    assert owner(collect(listed(deployment, replica_set, made))) == "Deployment/w"
    assert templates(collect(listed(deployment, replica_set))) == ["w[Deployment]"]


def test_a_finished_pod_is_one_of_its_own(collect):
    done = pod("p", "x", owners=[("Job", "w")], status={"phase": "Succeeded"})
    assert templates(collect(listed(workload("Job", "w"), done))) == []


def test_a_job_of_a_cron_job_is_counted_once(collect):
    cron = workload("CronJob", "c")
    job = workload("Job", "c-1", owners=[("CronJob", "c")])
    assert templates(collect(listed(cron, job))) == ["c[CronJob]"]
    made = pod("p", "x", owners=[("Job", "c-1")])
    assert templates(collect(listed(cron, job, made))) == []
    assert owner(collect(listed(cron, job, made))) == "CronJob/c"
    assert owner(collect(made)) == "Job/c-1"


def test_a_job_of_a_suspended_cron_job_runs_on(collect):
    cron = workload("CronJob", "c", spec={"suspend": True})
    job = workload("Job", "c-1", owners=[("CronJob", "c")], status={"active": 1})
    snapshot = collect(listed(cron, job))
    assert templates(snapshot) == ["c-1[Job]"]
    assert owner(snapshot, "c-1[Job]") == "CronJob/c"
    made = pod("p", "x", owners=[("Job", "c-1")])
    assert templates(collect(listed(cron, job, made))) == []
    assert templates(collect(listed(cron, job | {"status": FINISHED}))) == []


def test_a_chain_is_followed_where_the_outer_end_is_not_in_the_input(collect):
    snapshot = collect(workload("ReplicaSet", "w-5d", owners=[("Deployment", "w")]))
    assert rows(snapshot, "pods", "name", "workload_kind", "workload") == [
        ("w-5d[ReplicaSet]", "Deployment", "w")
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ({"pod-template-hash": "5d"}, "Deployment/my-app"),
        ({"rollouts-pod-template-hash": "5d"}, "Rollout/my-app"),
        ({"pod-template-hash": "77"}, "ReplicaSet/my-app-5d"),
        ({}, "ReplicaSet/my-app-5d"),
    ],
)
def test_the_hash_tells_who_made_a_replica_set_that_is_not_there(collect, label, expected):
    assert owner(collect(pod("p", "x", labels=label, owners=[("ReplicaSet", "my-app-5d")]))) == expected


def test_a_deployment_of_which_only_the_hash_tells_has_its_pods(collect):
    made = pod("p", "x", labels={"pod-template-hash": "5d"}, owners=[("ReplicaSet", "w-5d")])
    assert templates(collect(listed(workload("Deployment", "w"), made))) == []
    assert templates(collect(listed(workload("Deployment", "v"), made))) == ["v[Deployment]"]


def test_pods_of_nobody_are_workloads_of_their_own(collect):
    assert owner(collect(pod())) == "Pod/p"
    assert owner(collect(pod("p", owners=[("Node", "n")]))) == "Pod/p"
    assert owner(collect(pod("p", owners=[("Elsewhere", "e")]))) == "Elsewhere/e"


def test_the_controller_is_the_owner_else_the_first(collect):
    made = pod("p", owners=[("A", "a"), ("B", "b")])
    made["metadata"]["ownerReferences"][0]["controller"] = False
    assert owner(collect(made)) == "B/b"
    made["metadata"]["ownerReferences"][1]["controller"] = None
    assert owner(collect(made)) == "A/a"


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ({"matchLabels": {"app": "w"}}, True),
        ({"matchLabels": {"app": "v"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["v", "w"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Sideways"}]}, False),
        ({"matchExpressions": [None]}, False),
        ({}, False),
    ],
)
def test_bare_pods_belong_to_the_workload_that_selects_them(collect, selector, selects):
    deployment = workload("Deployment", "w", spec={"selector": selector})
    for manifest in (deployment, deployment | {"status": {}}):
        found = templates(collect(listed(manifest, pod("p", "x", labels={"app": "w"}))))
        assert found == ([] if selects else ["w[Deployment]"])


def test_bare_pods_of_another_namespace_do_not(collect):
    assert templates(collect(listed(workload("Deployment", "w"), pod("p", "y", labels={"app": "w"})))) == [
        "w[Deployment]"
    ]


def test_pods_of_others_do_not(collect):
    other = pod("p", "x", labels={"app": "w"}, owners=[("Elsewhere", "e")])
    assert templates(collect(listed(workload("Deployment", "w"), other))) == ["w[Deployment]"]


def test_a_workload_without_selector_selects_what_its_template_makes(collect):
    deployment = workload("Deployment", "w", spec={"selector": None})
    assert templates(collect(listed(deployment, pod("p", "x", labels={"app": "w", "b": "c"})))) == []


def test_a_template_brings_its_ports_and_its_network(collect):
    containers = [{"ports": [{"name": "web", "containerPort": 80}]}]
    template = {"spec": {"hostNetwork": True, "containers": containers}}
    snapshot = collect(workload("DaemonSet", "w", spec={"template": template}))
    assert rows(snapshot, "pods", "host_network", "labels") == [(True, 0)]
    assert rows(snapshot, "ports", "name", "protocol", "number") == [("web", "TCP", 80)]


def test_of_two_workloads_of_one_name_the_last_counts(collect):
    snapshot = collect(
        {
            "a.json": workload("Deployment", "w", labels={"app": "old"}),
            "b.json": workload("Deployment", "w", labels={"app": "new"}),
        }
    )
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"app": "new"}
    assert len(snapshot["pods"]) == 1
