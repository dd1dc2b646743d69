"""Objects with a part that the API server would refuse."""

import pytest
import yaml

CHECK = "policies-are-well-formed"
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p, namespace: x}}
spec: {spec}
"""


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("{podSelector: {matchLables: {a: b}}}", "spec.podSelector.matchLables is no field of the API"),
        ("{ingress: [{from: [{}]}]}", "spec.ingress[0].from[0] names no peer"),
        ("{ingress: [{ports: [{port: 9, endPort: 8}]}]}", "must not be smaller than port"),
    ],
)
def test_what_is_wrong_is_told_and_not_guessed_at(judged, spec, words):
    cluster = judged(POLICY.format(spec=spec))
    assert cluster.failed(CHECK) == {"x/p"}
    assert words in cluster.messages(CHECK)["x/p"]
    assert cluster.remedies(CHECK)["x/p"] == ""


@pytest.mark.parametrize(
    ("spec", "repaired"),
    [
        (
            "{ingress: [{ports: [{port: '80', protocol: tcp}]}]}",
            {"ingress": [{"ports": [{"port": 80, "protocol": "TCP"}]}]},
        ),
        (
            "{ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.1.2.3/16]}}]}]}",
            {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}]},
        ),
        ("{podSelector: {matchLabels: {a: true}}}", {"podSelector": {"matchLabels": {"a": "true"}}}),
    ],
)
def test_what_can_be_meant_one_way_is_written_that_way(judged, spec, repaired):
    cluster = judged(POLICY.format(spec=spec))
    assert yaml.safe_load(cluster.remedies(CHECK)["x/p"])["spec"] == repaired


def test_other_objects_and_names_given_twice(judged):
    namespace = (
        "---\n{apiVersion: v1, kind: Namespace, metadata: "
        "{name: x, annotations: {net.beta.kubernetes.io/network-policy: '{}'}}}\n---"
    )
    cluster = judged(POLICY.format(spec="{}") + namespace + POLICY.format(spec="{}"))
    assert cluster.failed(CHECK) == {"x", "x/p"}
    assert "is that of two objects" in cluster.messages(CHECK)["x/p"]
    assert "has no effect since Kubernetes 1.7" in cluster.messages(CHECK)["x"]
    assert judged(POLICY.format(spec="{}")).verdicts(CHECK) == {"x/p": "passed"}
