"""Which pods ask for networks beside the cluster's own."""

import pytest

from audit.collect.attached import ANNOTATION, adds_networks
from tests.collect.inputs import pod, rows, workload


@pytest.mark.parametrize(
    ("annotation", "asks"),
    [
        ("macvlan", True),
        ("x/macvlan@net1, other", True),
        ('[{"name": "macvlan", "namespace": "x"}]', True),
        ("[{broken", True),
        ("istio-system/v2-5-istio-cni", False),
        ('[{"name": "istio-cni"}]', False),
        ("istio-cni, macvlan", True),
        ("[]", False),
        ("", False),
        (None, False),
    ],
)
def test_what_only_sets_up_the_first_interface_is_none(annotation, asks):
    assert adds_networks(annotation) == asks


def test_pods_and_templates_are_kept_with_their_kind(collect):
    told = {"annotations": {ANNOTATION: "macvlan", "other": "x"}}
    one, two = pod(), workload("Deployment", "d")
    one["metadata"] |= told
    two["spec"]["template"].setdefault("metadata", {}).update(told)
    assert rows(collect(one), "attached", "kind", "name") == [("Pod", one["metadata"]["name"])]
    assert rows(collect(two), "attached", "kind", "name") == [(two["kind"], two["metadata"]["name"])]
    assert rows(collect(pod()), "attached", "kind") == []
