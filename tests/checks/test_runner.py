"""What holds of all checks: loading, gaps, unevaluated policies, errors, severity, ids, the catalogue."""

import json
from dataclasses import replace

import pytest

from audit import checks
from audit.checks import _runner
from audit.config import Settings
from audit.frames import CHECK_FACTS, KINDS, RESULTS
from audit.severity import Severity
from audit.snapshot import Snapshot

POD = (
    "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {ns}}}, "
    "spec: {{containers: []}}}}\n---\n"
)
OPEN = POD.format(name="a", ns="x") + POD.format(name="b", ns="kube-system")
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
    kinds = snapshot["kinds"].astype({"state": "str"})
    kinds = kinds[~kinds["kind"].isin(states)]
    rows = {column: kinds[column].tolist() for column in kinds.columns}
    for kind, state in states.items():
        new = {"kind": kind, "state": state, "objects": 0, "reason": "the server said no"}
        for column, values in rows.items():
            values.append(new.get(column, ""))
    tables = {
        name: snapshot[name] for name in ("pods", "labels", "ports", "policies", "namespaces", "services")
    }
    return Snapshot(snapshot.provenance, {**tables, "kinds": KINDS.frame(rows)})


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
    assert cluster.by_id[check].reason == reason
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
    assert cluster.by_id["pods-are-isolated-for-ingress"].reason == "There are no pods in this input."
    assert cluster.verdicts("policies-are-well-formed") == {"z/p": "passed"}


def test_a_check_that_fails_to_run_is_its_own_error(judged, monkeypatch):
    cluster = judged(OPEN)

    def broken(_):
        raise KeyError("inner")

    found = [replace(c, judge=broken) if c.id == "namespaces-have-policies" else c for c in checks.load()]
    monkeypatch.setattr(_runner, "load", lambda: found)
    cluster.judge(cluster.snapshot)
    assert cluster.verdicts("namespaces-have-policies") == {"": "error"}
    assert "KeyError" in cluster.by_id["namespaces-have-policies"].reason
    assert cluster.failed("namespace-denies-ingress-by-default") == {"x", "kube-system"}
    assert checks.summary(cluster.results)["error"].sum() == 1


def test_severity_is_one_step_lower_in_a_system_namespace_and_says_so(judged):
    cluster = judged(OPEN)
    rows = cluster.rows("namespace-denies-ingress-by-default").set_index("name")
    assert rows["severity"].astype("str").to_dict() == {"kube-system": "medium", "x": "high"}
    assert rows.loc["kube-system", "message"].endswith(
        "Graded medium: high, one step lower in a system namespace."
    )
    other = judged(OPEN, Settings(system_namespaces=("x",)))
    assert set(other.rows("namespace-denies-ingress-by-default")["severity"].astype("str")) == {"medium"}
    assert Severity.LOW.shifted(-1) is Severity.LOW


RULES = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p, namespace: x}}
spec:
  podSelector: {{}}
  ingress: {rules}
"""
WIDE, OTHER, NARROW = (
    f"{{from: [{{ipBlock: {{cidr: {cidr}}}}}]}}" for cidr in ("0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")
)


def ids(cluster):
    rows = cluster.rows("ingress-cidrs-are-narrow")
    return {row.rule: row.id for row in rows.itertuples() if row.status == "failed"}


def test_ids_follow_the_rule_and_not_its_place(judged):
    before = ids(judged(RULES.format(rules=f"[{WIDE}, {OTHER}, {WIDE}]")))
    after = ids(judged(RULES.format(rules=f"[{NARROW}, {OTHER}, {WIDE}, {WIDE}]")))
    assert len(set(before.values())) == 3
    assert before["ingress[1]"] == after["ingress[1]"]
    assert [before["ingress[0]"], before["ingress[2]"]] == [after["ingress[2]"], after["ingress[3]"]]
