"""Policies of every API, verbatim."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from audit.collect import policies
from audit.collect.columns import Subject
from audit.collect.items import JsonItem, TreeItem
from audit.collect.origins import Place
from audit.documents import read_json_tree
from audit.policy.kinds import KINDS, find
from tests import strategies
from tests.collect.inputs import listed, rows

NOT_A_STRING = "is a number or a boolean where the API wants a string: the API server would refuse it"


def policy(api_version="networking.k8s.io/v1", kind="NetworkPolicy", **more):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "n", "namespace": "x"}} | more


def kept(snapshot):
    return [json.loads(text) for text in rows(snapshot, "policies", "object")]


def test_it_is_kept_as_it_is_but_for_what_was_applied(collect):
    manifest = policy(
        spec={"podSelector": {}, "ingress": [{"ports": [{"port": 80, "endPort": 90}]}]}, status={"a": [1]}
    )
    manifest["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "note": "kept",
    }
    (found,) = kept(collect(manifest))
    del manifest["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    assert found == manifest


def test_what_is_known_of_it(collect):
    manifest = policy(spec={})
    manifest["metadata"] |= {
        "uid": "u",
        "generation": 7,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{"manager": "kubectl"}, {"manager": "helm"}, {"manager": "kubectl"}, None],
    }
    assert rows(collect(manifest), "policies", "uid", "generation", "created", "managers") == [
        ("u", 7, "2026-01-01T00:00:00Z", "kubectl,helm")
    ]


def test_scalars_keep_their_source_text_where_strings_are_wanted(collect):
    snapshot = collect(
        """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: 1, generation: 0x10, labels: {a: on}}
spec:
  podSelector: {matchLabels: {port: 0123, b: yes, c: 2024-01-02}}
  ingress:
  - ports: [{port: 80, endPort: 0x60, protocol: 6}, {port: "80"}]
    from: [{podSelector: {matchExpressions: [{key: a, operator: In, values: [1.0, ~]}]}}]
  unknown: 1
"""
    )
    (found,) = kept(snapshot)
    assert found["metadata"] == {"name": "1", "generation": 16, "labels": {"a": "on"}}
    assert found["spec"]["podSelector"]["matchLabels"] == {"port": "0123", "b": "yes", "c": "2024-01-02"}
    (rule,) = found["spec"]["ingress"]
    assert rule["ports"] == [{"port": 80, "endPort": 96, "protocol": "6"}, {"port": "80"}]
    assert rule["from"][0]["podSelector"]["matchExpressions"][0]["values"] == ["1.0", None]
    assert found["spec"]["unknown"] == "1"
    assert rows(snapshot, "defects", "path", "reason") == [
        (path, NOT_A_STRING)
        for path in (
            "metadata.labels.a",
            "metadata.name",
            "spec.ingress[0].from[0].podSelector.matchExpressions[0].values[0]",
            "spec.ingress[0].ports[0].protocol",
            "spec.podSelector.matchLabels.b",
            "spec.podSelector.matchLabels.port",
        )
    ]


def test_numbers_of_other_kinds_are_numbers(collect):
    text = "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: g}\n"
    (found,) = kept(collect(text + "spec: {order: 1.50, a: on, b: .inf, c: 0x10, d: 18446744073709551615}"))
    assert found["spec"] == {"order": 1.5, "a": True, "b": ".inf", "c": 16, "d": 2**64 - 1}


@pytest.mark.parametrize(("group", "kind"), list(KINDS))
def test_every_kind_of_policy_is_recognised(collect, group, kind):
    known = KINDS[group, kind]
    manifest = policy(f"{group}/v1", kind)
    snapshot = collect(manifest)
    namespace = "x" if known.scope == "namespaced" else ""
    assert rows(snapshot, "policies", "kind", "namespace", "name") == [(kind, namespace, "n")]
    assert known.plural in rows(snapshot, "kinds", "kind")


def test_a_kind_is_told_by_its_group():
    assert find("networking.k8s.io/v1", "NetworkPolicy").evaluated
    assert find("extensions/v1beta1", "NetworkPolicy").evaluated
    assert find("projectcalico.org/v3", "NetworkPolicy").governs
    assert not find("security.istio.io/v1", "AuthorizationPolicy").governs
    assert not find("projectcalico.org/v3", "StagedNetworkPolicy").governs
    assert find("example.org/v1", "NetworkPolicy") is None
    assert find("v1", "NetworkPolicy") is None


def test_copies_are_told_by_what_the_server_would_store(collect):
    snapshot = collect(
        listed(
            policy("extensions/v1beta1", spec={"podSelector": {}}),
            policy(spec={"podSelector": None}),
            policy("projectcalico.org/v3"),
        )
    )
    assert rows(snapshot, "policies", "api_version") == ["networking.k8s.io/v1", "projectcalico.org/v3"]
    assert len(snapshot["defects"]) == 1


def test_a_policy_of_an_odd_shape_counts(collect):
    snapshot = collect(listed(policy(spec=[1]), policy(kind="NetworkPolicy", metadata=None)))
    assert len(snapshot["policies"]) == 2


def test_a_policy_nested_too_deep_is_a_gap(collect):
    deep = []
    for _ in range(200):
        deep = [deep]
    snapshot = collect(listed(policy(spec={"a": deep}), policy("v1", "Pod")))
    assert rows(snapshot, "gaps", "reason") == ["NetworkPolicy: nested over 100 deep"]
    assert snapshot.state("networkpolicies") == "partial"
    assert snapshot.state("pods") == "listed"
    assert not len(snapshot["policies"])


@pytest.mark.parametrize(
    ("port", "written"), [(2**64 - 1, 2**64 - 1), (2**64, float(2**64)), (2**128, float(2**128))]
)
def test_integers_are_kept_up_to_64_bits(collect, port, written):
    (found,) = kept(collect(json.dumps(policy(spec={"ingress": [{"ports": [{"port": port}]}]}))))
    assert found["spec"]["ingress"][0]["ports"] == [{"port": written}]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.clusters(defects=False))
def test_the_quick_way_and_the_long_one_say_the_same(objects):
    for manifest in objects:
        kind = find(manifest["apiVersion"], manifest["kind"])
        if kind is None or not kind.evaluated:
            continue
        raw = json.dumps(manifest).encode()
        items = (JsonItem(raw), TreeItem(read_json_tree(raw)))
        subjects = [Subject(manifest["apiVersion"], manifest["kind"], Place(0, 1)) for _ in items]
        quick, slow = (
            policies.read_policy(subject, kind, item) for subject, item in zip(subjects, items, strict=True)
        )
        assert quick == slow
        assert subjects[0].misfits == subjects[1].misfits == []
        assert (subjects[0].namespace, subjects[0].name) == (subjects[1].namespace, subjects[1].name)


def test_what_was_applied_is_dropped_both_ways(collect):
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "hush"}
    for more in ({}, {"labels": {"a": 1}}):
        manifest = policy() | {"metadata": {"name": "n", "annotations": dict(annotations), **more}}
        assert "hush" not in rows(collect(json.dumps(manifest)), "policies", "object")[0]


def test_of_a_key_given_twice_the_last_one_counts_and_it_is_a_defect(collect):
    text = (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: policy, namespace: x},"
        " spec: {podSelector: {matchLabels: {a: b, a: c}}, policyTypes: [Ingress], policyTypes: [Egress]}}"
    )
    snapshot = collect(text)
    (found,) = kept(snapshot)
    assert found["spec"] == {"podSelector": {"matchLabels": {"a": "c"}}, "policyTypes": ["Egress"]}
    assert rows(snapshot, "defects", "path", "reason") == [
        ("spec.podSelector.matchLabels.a", "is given twice: the last one counts"),
        ("spec.policyTypes", "is given twice: the last one counts"),
    ]
