"""Which kinds an input answers for: that none was seen is not that there is none."""

import gzip
import io
import json
import tarfile

import pytest

from tests.collect.inputs import listed, pod, rows, snapshot_of, states, workload, write

POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "n"},
    "spec": {},
}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
SCALER = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}}


def live(manifest):
    """The object as a server answers it."""
    return manifest | {"metadata": manifest["metadata"] | {"uid": "u"}}


def typed(kind, *items, **metadata):
    return {"apiVersion": "v1", "kind": f"{kind}List", "metadata": metadata, "items": list(items)}


def test_a_directory_is_the_whole(collect):
    snapshot = collect({"pods.json": typed("Pod", pod())})
    always = ("namespaces", "networkpolicies", "pods", "services")
    assert states(snapshot) == dict.fromkeys(always, "listed")
    assert snapshot.state("networkpolicies") == "listed"


@pytest.mark.parametrize(
    "content", [pod(), listed(pod(), SERVICE), listed(pod(), POLICY), listed(pod(), NAMESPACE)]
)
def test_a_file_of_manifests_is_the_whole(single, content):
    assert set(states(single(content)).values()) == {"listed"}


@pytest.mark.parametrize("content", [typed("Pod", pod()), listed(pod()), listed(live(pod()), live(pod("q")))])
def test_a_list_of_one_kind_says_nothing_of_others(single, content):
    snapshot = single(content)
    assert states(snapshot) == {
        "pods": "listed",
        "namespaces": "not asked",
        "networkpolicies": "not asked",
        "services": "not asked",
    }
    assert "lists of pods" in rows(snapshot, "kinds", "reason")[0]


def test_two_lists_of_one_kind_each(single):
    text = "\n---\n".join(json.dumps(value) for value in (listed(pod()), typed("NetworkPolicy")))
    text = text.replace(
        '"apiVersion": "v1", "kind": "NetworkPolicyList"',
        '"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList"',
    )
    found = states(single(text))
    assert (found["pods"], found["networkpolicies"], found["services"]) == ("listed", "listed", "not asked")


def test_kubectl_get_all_leaves_policies_out(single):
    everything = [live(m) for m in (pod(), SERVICE, workload("Deployment", "w"), SCALER)]
    snapshot = single(listed(*everything))
    found = states(snapshot)
    assert (found["pods"], found["services"]) == ("listed", "listed")
    assert (found["networkpolicies"], found["namespaces"]) == ("not asked", "not asked")
    assert "kubectl get all" in dict(rows(snapshot, "kinds", "kind", "reason"))["networkpolicies"]
    assert states(single(listed(*everything, live(POLICY))))["namespaces"] == "listed"
    more = single(listed(*everything, live(NAMESPACE)))
    assert states(more)["networkpolicies"] == "listed"
    assert "has none" in dict(rows(more, "kinds", "kind", "reason"))["networkpolicies"]


def test_an_empty_list_says_nothing(single):
    assert set(states(single(listed())).values()) == {"not asked"}
    assert states(single(typed("Pod")))["pods"] == "listed"


@pytest.mark.parametrize("metadata", [{"continue": "abc"}, {"remainingItemCount": 7}])
@pytest.mark.parametrize("prefix", ["", "# yaml\n"])
def test_a_list_that_breaks_off_is_partial(collect, metadata, prefix):
    snapshot = collect({"a.yaml": prefix + json.dumps(typed("Pod", pod(), **metadata))})
    assert states(snapshot)["pods"] == "partial"
    assert states(snapshot)["networkpolicies"] == "listed"
    assert not snapshot.complete
    mixed = collect({"a.yaml": prefix + json.dumps(listed(pod(), SERVICE) | {"metadata": metadata})})
    assert (states(mixed)["pods"], states(mixed)["services"]) == ("partial", "partial")
    assert states(mixed)["networkpolicies"] == "listed"


def test_a_list_that_does_not_break_off(collect):
    assert states(collect(typed("Pod", pod(), remainingItemCount=0, resourceVersion="7")))["pods"] == "listed"


def test_resource_versions(collect):
    versions = dict(
        rows(collect(typed("Pod", pod(), resourceVersion="7")), "kinds", "kind", "resource_version")
    )
    assert versions["pods"] == "7"


BUNDLE = {
    "cluster-resources/pods/x.json": typed("Pod", pod("p", "x")),
    "cluster-resources/pods/y.json": [{"metadata": {"name": "q", "namespace": "y"}}],
    "cluster-resources/namespaces.json": typed("Namespace"),
    "cluster-resources/deployments/x.json": [],
    "cluster-info/cluster_version.json": {"info": {"major": "1"}},
}


def test_a_support_bundle_answers_for_what_it_has(tmp_path):
    snapshot = snapshot_of(write(tmp_path, BUNDLE))
    assert rows(snapshot, "pods", "name") == ["p", "q"]
    assert states(snapshot) == {
        "pods": "listed",
        "namespaces": "listed",
        "networkpolicies": "not asked",
        "services": "not asked",
    }
    assert snapshot.complete


def test_its_policies(tmp_path):
    files = BUNDLE | {
        "cluster-resources/network-policy/x.json": [{"metadata": {"name": "n", "namespace": "x"}}]
    }
    snapshot = snapshot_of(write(tmp_path, files))
    assert states(snapshot)["networkpolicies"] == "listed"
    assert rows(snapshot, "policies", "api_version", "kind") == [("networking.k8s.io/v1", "NetworkPolicy")]


@pytest.mark.parametrize(
    ("errors", "state"),
    [
        ({"x": "forbidden"}, "partial"),
        (["forbidden"], "forbidden"),
        ({"x": ""}, "listed"),
        ([], "listed"),
        ("no json", "forbidden"),
    ],
)
def test_what_it_was_forbidden(tmp_path, errors, state):
    snapshot = snapshot_of(write(tmp_path, BUNDLE | {"cluster-resources/pods-errors.json": errors}))
    assert states(snapshot)["pods"] == state
    assert snapshot.complete == (state == "listed")


def test_policies_that_it_was_forbidden(tmp_path):
    files = BUNDLE | {"cluster-resources/network-policy-errors.json": {"x": "policies are forbidden"}}
    assert states(snapshot_of(write(tmp_path, files)))["networkpolicies"] == "forbidden"


def test_a_packed_bundle_in_a_folder_of_its_own(tmp_path):
    root = write(tmp_path / "in" / "support-bundle-1", BUNDLE)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(root, "support-bundle-1")
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(buffer.getvalue()))
    plain, packed = snapshot_of(tmp_path / "in"), snapshot_of(tmp_path / "b.tar.gz")
    assert states(packed) == states(plain)
    assert states(packed)["networkpolicies"] == "not asked"
    assert packed["pods"].equals(plain["pods"])


def test_a_folder_of_that_name_makes_no_bundle(tmp_path):
    files = {"cluster-resources/roles.yaml": "kind: Role", "pod.json": pod()}
    assert states(snapshot_of(write(tmp_path, files)))["networkpolicies"] == "listed"


def test_a_bundle_beside_manifests(tmp_path):
    snapshot = snapshot_of(write(tmp_path, BUNDLE | {"policy.json": POLICY}))
    assert states(snapshot)["networkpolicies"] == "listed"
