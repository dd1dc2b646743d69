"""What holds of all checks: loading, gaps, unevaluated policies, errors, severity, ids, the catalogue."""

import json
from dataclasses import replace

import pytest

from audit import checks
from audit.checks import _runner
from audit.frames import CHECK_FACTS, RESULTS
from tests.checks.objects import OPEN, POD
from tests.compose.objects import read_in_part, read_only_in

CILIUM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c, namespace: x}
spec: {}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: z}
spec: {podSelector: {}}
"""


def with_states(snapshot, **states):
    return read_in_part(snapshot, {kind: (state, "the server said no") for kind, state in states.items()})


def test_every_check_has_words_and_its_own_name():
    found = checks.load()
    assert len(found) == len({check.id for check in found}) >= 15
    for check in found:
        assert check.title
        assert check.rationale.endswith(".")
        assert not check.title.endswith(".")


def test_module_without_its_check_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(_runner.importlib, "import_module", lambda _: object())
    with pytest.raises(ImportError, match=r"audit\.checks\.allow_all_\w+: has no check called"):
        checks.load()


def test_catalogue_says_the_same_as_json_and_as_markdown():
    entries = json.loads(checks.as_json())
    assert [entry["id"] for entry in entries] == [check.id for check in checks.load()]
    assert len(checks.as_markdown().splitlines()) == len(entries) + 2


def test_results_have_their_columns_and_are_sorted(judged):
    cluster = judged(OPEN)
    for result in cluster.results:
        assert list(result.subjects.columns) == RESULTS.names
        keys = list(
            zip(*(result.subjects[c].astype("str") for c in ("namespace", "kind", "name")), strict=True)
        )
        assert keys == sorted(keys)
    assert list(checks.summary(cluster.results).columns) == CHECK_FACTS.names


@pytest.mark.parametrize("state", ["partial", "inconsistent", "forbidden", "not asked"])
def test_a_kind_that_is_not_wholly_read_leaves_verdicts_open(judged, state):
    cluster = judged(OPEN)
    cluster.judge(with_states(cluster.snapshot, networkpolicies=state))
    check = "namespace-denies-ingress-by-default"
    assert set(cluster.verdicts(check).values()) == {"not_assessed"}
    reason = f"Not everything could be read of networkpolicies ({state}: the server said no)."
    assert cluster.result(check).reason == reason
    assert cluster.verdicts("host-network-pods-are-accepted") == {"x/a": "passed", "kube-system/b": "passed"}
    # without subjects it is the cluster that was not read
    assert cluster.verdicts("policies-are-well-formed") == {"": "not_assessed"}


def test_a_kind_that_is_not_served_has_no_objects(judged):
    cluster = judged(OPEN)
    cluster.judge(with_states(cluster.snapshot, services="not served"))
    assert cluster.verdicts("policies-select-pods-not-services") == {}


def test_policies_of_a_kind_that_could_not_be_listed_may_govern_everything(judged):
    cluster = judged(OPEN)
    cluster.judge(with_states(cluster.snapshot, **{"ciliumnetworkpolicies.cilium.io": "forbidden"}))
    assert set(cluster.verdicts("namespace-denies-ingress-by-default").values()) == {"not_assessed"}


ONE = """
apiVersion: v1
kind: Namespace
metadata: {{name: {ns}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p, namespace: {ns}}}
spec: {{podSelector: {{}}, policyTypes: [Ingress]}}
---
"""
X, Y = (POD.format(name="a", ns=ns) + ONE.format(ns=ns) for ns in "xy")
IN_PARTS = ("pods", "networkpolicies", "namespaces", "services")
LOCAL = {
    "allow-all-does-not-undo-default-deny": {"x": "passed"},
    "egress-keeps-from-instance-metadata": {"x/a": "not_applicable"},
    "every-policy-is-evaluated": {"x/p": "passed"},
    "exposed-workloads-are-isolated": {"x/a": "not_applicable"},
    "host-network-pods-are-accepted": {"x/a": "passed"},
    "namespace-denies-egress-by-default": {"x": "failed"},
    "namespace-denies-ingress-by-default": {"x": "passed"},
    "namespaces-have-policies": {"x": "passed"},
    "owners-can-be-mailed": {"x": "not_applicable"},
    "pods-are-isolated-for-egress": {"x/a": "failed"},
    "pods-are-isolated-for-ingress": {"x/a": "passed"},
    "policies-are-well-formed": {"x/p": "passed"},
    "policies-select-something": {"x/p": "passed"},
    "policy-types-fit-rules": {"x/p": "passed"},
}
"""Checks on which other namespaces have no bearing, and what they say of what stands in X."""


def test_what_hangs_on_one_namespace_is_judged_where_that_was_read(judged):
    cluster = judged(X + Y)
    cluster.judge(read_only_in(cluster.snapshot, ["x"], *IN_PARTS), ["x"])
    of_rules = {
        "egress-cidrs-are-narrow",
        "ingress-cidrs-are-narrow",
        "peers-do-not-trust-any-namespace",
        "rules-name-their-peers",
        "rules-name-their-ports",
    }
    assert {check.id for check in checks.load() if check.local} == {*LOCAL, *of_rules}
    for check, expected in LOCAL.items():
        found = cluster.verdicts(check)
        assert {key: found[key] for key in expected} == expected
        assert {found[key] for key in found if key.partition("/")[0] != "x"} <= {"not_assessed"}
        # nothing is missing of what was asked for
        assert cluster.result(check).reason == ""
        assert cluster.result(check).unread == ()
    others = cluster.result("policies-select-pods-not-services")
    assert set(cluster.verdicts(others.check.id).values()) == {"not_assessed"}
    assert others.unread == ("networkpolicies", "pods", "services")
    assert others.reason.startswith(
        "Not everything could be read of networkpolicies (partial: read in x only"
    )


def test_a_chosen_namespace_that_was_not_read_is_a_subject(judged):
    cluster = judged(X + Y)
    cluster.judge(read_only_in(cluster.snapshot, ["x"], *IN_PARTS, refused=["z"]), ["x", "z"])
    for check, expected in LOCAL.items():
        assert {**expected, "z": "not_assessed"}.items() <= cluster.verdicts(check).items()
        assert cluster.result(check).reason.startswith("Not everything could be read of ")
        assert cluster.result(check).reason.count("Not everything") == 1
        assert cluster.result(check).unread


def test_without_a_choice_the_rest_of_the_cluster_is_a_subject(judged):
    cluster = judged(X)
    cluster.judge(read_only_in(cluster.snapshot, ["x"], *IN_PARTS))
    for check, expected in LOCAL.items():
        assert cluster.verdicts(check) == {**expected, "": "not_assessed"}
        (row,) = (row for row in cluster.rows(check).itertuples() if row.status == "not_assessed")
        assert row.kind == "Cluster"


def test_rows_of_namespaces_that_were_not_read_whole_are_not_assessed(judged):
    cluster = judged(X + Y)
    broken = {"networkpolicies": ("partial", "broke off after 2 objects")}
    cluster.judge(
        read_in_part(cluster.snapshot, broken, {"networkpolicies": {"x": "listed", "y": "partial"}})
    )
    assert cluster.verdicts("pods-are-isolated-for-ingress") == {"x/a": "passed", "y/a": "not_assessed"}
    assert cluster.verdicts("host-network-pods-are-accepted") == {"x/a": "passed", "y/a": "passed"}


def test_a_policy_of_the_cluster_that_nobody_may_list_can_override_everywhere(judged):
    cluster = judged(X + Y)
    snapshot = read_only_in(cluster.snapshot, ["x"], *IN_PARTS)
    kind = "adminnetworkpolicies.policy.networking.k8s.io"
    parts = {kind: {"x": "listed"} for kind in IN_PARTS}
    states = dict.fromkeys(IN_PARTS, ("partial", "read in x only"))
    cluster.judge(read_in_part(snapshot, {**states, kind: "forbidden"}, parts), ["x"])
    for check in checks.load():
        # without anything declared there is nothing to judge
        if check.verdict and check.declared is None:
            assert set(cluster.verdicts(check.id).values()) == {"not_assessed"}
            assert kind in cluster.result(check.id).unread
    assert cluster.verdicts("host-network-pods-are-accepted")["x/a"] == "passed"
    # policies that nobody saw are no subjects that pass
    assert cluster.verdicts("every-policy-is-evaluated")["x/p"] == "passed"
    assert cluster.verdicts("every-policy-is-evaluated")[""] == "not_assessed"


@pytest.mark.parametrize(
    "kind", ["ciliumnetworkpolicies.cilium.io", "globalnetworkpolicies.projectcalico.org"]
)
def test_that_a_namespace_has_no_policy_hangs_on_kinds_that_nobody_could_list(judged, kind):
    cluster = judged(OPEN + Y)
    cluster.judge(with_states(cluster.snapshot, **{kind: "forbidden"}))
    found = cluster.verdicts("namespaces-have-policies")
    assert found["x"] == "not_assessed"
    assert found["y"] == "passed"
    cluster.judge(with_states(cluster.snapshot, **{kind: "not served"}))
    assert cluster.verdicts("namespaces-have-policies")["x"] == "failed"


def test_policies_of_a_kind_in_parts_are_known_where_it_was_read(judged):
    cluster = judged(OPEN + X)
    kind = "ciliumnetworkpolicies.cilium.io"
    snapshot = read_in_part(cluster.snapshot, {kind: "partial"}, {kind: {"kube-system": "listed"}})
    cluster.judge(snapshot, ["kube-system"])
    assert cluster.verdicts("namespaces-have-policies")["kube-system"] == "failed"
    assert cluster.verdicts("pods-are-isolated-for-ingress")["kube-system/b"] == "failed"
    assert "" not in cluster.verdicts("every-policy-is-evaluated")


def test_without_pods_in_a_namespace_that_was_read_that_is_the_reason(judged):
    cluster = judged(X + Y)
    cluster.judge(read_only_in(cluster.snapshot, ["w"], *IN_PARTS), ["w"])
    found = cluster.result("pods-are-isolated-for-ingress")
    assert found.reason == "There are no pods in the chosen namespaces."
    cluster.judge(read_only_in(cluster.snapshot, ["x"], *IN_PARTS, refused=["w"]), ["w"])
    assert cluster.verdicts("pods-are-isolated-for-ingress")["w"] == "not_assessed"
    assert cluster.result("pods-are-isolated-for-ingress").reason.startswith("Not everything could be read")


BLOCKS = (
    """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec:
  podSelector: {}
  ingress:
  - from: [{ipBlock: {cidr: 0.0.0.0/0}}]
  - from: [{ipBlock: {cidr: 192.0.2.0/28}}]
---
"""
    + OPEN
)


@pytest.mark.parametrize("kind", ["nodes", "pods", "servicecidrs"])
@pytest.mark.parametrize(
    ("state", "second"),
    [
        ("partial", "not_assessed"),
        ("inconsistent", "not_assessed"),
        ("forbidden", "not_assessed"),
        ("not served", "passed"),
        ("not asked", "passed"),
    ],
)
def test_what_could_only_make_it_worse_leaves_findings_as_they_are(judged, kind, state, second):
    cluster = judged(BLOCKS)
    cluster.judge(with_states(cluster.snapshot, **{kind: state}))
    assert cluster.verdicts("ingress-cidrs-are-narrow") == {
        "x/p ingress[0]": "failed", "x/p ingress[1]": second,
    }  # fmt: skip
    unread = (kind,) if second == "not_assessed" else ()
    assert cluster.result("ingress-cidrs-are-narrow").unread == unread


def test_addresses_that_are_networks_of_the_cluster_hang_on_what_says_so(judged):
    cluster = judged(BLOCKS + "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: x}}\n---\n")
    cluster.judge(with_states(cluster.snapshot, servicecidrs="forbidden"))
    assert set(cluster.verdicts("ip-blocks-are-not-cluster-ips").values()) == {"not_assessed"}
    cluster.judge(with_states(cluster.snapshot, nodes="forbidden"))
    assert set(cluster.verdicts("ip-blocks-are-not-cluster-ips").values()) == {"passed"}


SELECTORS = (
    OPEN
    + """
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: x, labels: {of: service}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: own, namespace: x}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: by-name, namespace: x}
spec:
  podSelector: {}
  egress:
  - {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}], ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: by-label, namespace: x}
spec: {podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {team: a}}}], ports: [{port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wrong, namespace: x}
spec:
  podSelector: {matchLabels: {of: service}}
  ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}], ports: [{port: 80}]}]
"""
)


def test_without_labels_of_namespaces_only_what_asks_for_them_is_left_open(judged):
    cluster = judged(SELECTORS)
    check, ports = "policies-select-pods-not-services", "rules-use-pod-ports-not-service-ports"
    whole = {"x/own": "passed", "x/by-name": "passed", "x/by-label": "passed", "x/wrong": "failed"}
    assert cluster.verdicts(check) == whole
    cluster.judge(with_states(cluster.snapshot, namespaces="forbidden"))
    # what a policy itself selects hangs on no namespace's labels
    assert cluster.verdicts(check) == {**whole, "x/by-label": "not_assessed"}
    assert cluster.result(check).unread == ("namespaces",)
    assert cluster.verdicts(ports) == {
        "x/own ingress[0]": "passed",
        "x/by-name egress[0]": "passed",
        "x/by-label egress[0]": "not_assessed",
        "x/wrong ingress[0]": "not_assessed",
    }
    cluster.judge(with_states(cluster.snapshot, namespaces="not asked"))
    assert cluster.verdicts(check) == whole


@pytest.mark.parametrize("kind", ["deployments", "statefulsets", "rollouts"])
def test_labels_of_workloads_that_nobody_saw_may_be_what_a_selector_carries(judged, kind):
    cluster = judged(SELECTORS)
    cluster.judge(with_states(cluster.snapshot, **{kind: "forbidden"}))
    found = cluster.verdicts("policies-select-pods-not-services")
    assert found.pop("x/wrong") == "failed"
    assert set(found.values()) == {"not_assessed"}
    assert set(cluster.verdicts("policies-select-something").values()) == {"passed", "not_applicable"}


def test_unevaluated_policy_leaves_its_namespace_open_and_no_other(judged):
    cluster = judged(OPEN + CILIUM)
    found = cluster.verdicts("namespace-denies-ingress-by-default")
    assert found == {"kube-system": "failed", "x": "not_assessed", "z": "passed"}
    message = cluster.messages("namespace-denies-ingress-by-default")["x"]
    assert "CiliumNetworkPolicy/c. By NetworkPolicies alone: Namespace x (1 pod)" in message
    assert cluster.verdicts("pods-are-isolated-for-egress")["x/a"] == "not_assessed"


def test_input_without_pods_leaves_checks_of_pods_open(judged):
    cluster = judged(CILIUM)
    assert cluster.verdicts("pods-are-isolated-for-ingress") == {"": "not_assessed"}
    assert cluster.result("pods-are-isolated-for-ingress").reason == "There are no pods in this input."
    assert cluster.verdicts("policies-are-well-formed") == {"z/p": "passed"}


def test_a_check_that_fails_to_run_is_its_own_error(judged, monkeypatch):
    cluster = judged(OPEN)

    def broken(_):
        raise KeyError("inner")

    found = [replace(c, judge=broken) if c.id == "namespaces-have-policies" else c for c in checks.load()]
    monkeypatch.setattr(_runner, "load", lambda: found)
    cluster.judge(cluster.snapshot)
    assert cluster.verdicts("namespaces-have-policies") == {"": "error"}
    assert "KeyError" in cluster.result("namespaces-have-policies").reason
    assert cluster.failed("namespace-denies-ingress-by-default") == {"x", "kube-system"}
    assert checks.summary(cluster.results)["error"].sum() == 1


def test_what_is_found_of_a_namespace_says_where_it_was_read(judged):
    cluster = judged(f"{OPEN}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n")
    found = cluster.rows("namespace-denies-egress-by-default")
    sources = dict(zip(found["name"], found["source"], strict=True))
    assert sources.pop("x").endswith(f".yaml:{OPEN.count(chr(10)) + 2}")
    assert set(sources.values()) <= {""}
