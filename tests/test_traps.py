"""Every trap of the semantics, T01 to T88 and some more, asked of the oracle and of the product alike.

A case of traps/*.yaml has its id, the trap and the answer in words, a tiny cluster, and the right answers
written by hand. The cluster:

    namespaces: {name: labels}            Namespace objects
    pods: {namespace/name: labels}        running pods, with an address each (10.9.100.N)
    details: {namespace/name: {...}}      laid over the pod's manifest
    policies: {namespace/name: spec}      NetworkPolicies
    variants: [spec, ...]                 a policy x/p each, all with the same answers
    objects: [...]                        further manifests, whole
    files: {path: text}                   instead of all these, the very files; <TAB> is a tab

The answers: isolated (ingress, egress, both, no, host), allowed and denied (lines `source -> destination
PROTOCOL/PORT ...`, by policies alone), explained (the same with a verdict, exemptions included),
default_deny, nullified, reach (columns of pods.csv), pods_seen, namespaces_seen, addresses and in_effect
(what ipBlocks hold), findings and clean (check: subjects that fail it, that do not), not_evaluated.
"""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests import manifests
from tests.answers import OracleAnswers, ProductAnswers, segaudit
from tests.oracle_metrics import ip_blocks, rule_addresses
from tests.oracle_values import Object

CASES: dict[str, Object] = {
    case: content
    for path in sorted((Path(__file__).parent / "traps").glob("*.yaml"))
    for document in manifests.parse(path.read_text("utf-8"))
    for case, content in document.items()
}
EVERY = [
    (case, variant)
    for case, content in CASES.items()
    for variant in range(len(content.get("variants", [None])))
]


def named(cases: list[tuple[str, int]]) -> list[Any]:
    """The cases with the trap as their id."""
    return [pytest.param(*c, id=f"{c[0]}: {CASES[c[0]]['trap']} [{c[1]}]") for c in cases]


def laid_over(base: Any, more: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(more, dict):
        return more
    return {k: laid_over(base.get(k), more[k]) if k in more else base[k] for k in base | more}


def manifest(kind: str, at: str, spec: Object, labels: Object | None = None) -> Object:
    ns, _, name = at.partition("/")
    version = {"NetworkPolicy": "networking.k8s.io/v1"}.get(kind, "v1")
    metadata = {"namespace": ns, "name": name, "labels": labels or {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def cluster(case: Object, variant: int) -> list[Object]:
    objects = copy.deepcopy(case.get("objects", []))
    for name, labels in case.get("namespaces", {}).items():
        objects.append(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        )
    for number, (at, labels) in enumerate(case.get("pods", {}).items()):
        pod = manifest("Pod", at, {"containers": [{"name": "c", "image": "i"}]}, labels)
        ip = f"10.9.100.{number}"
        pod["status"] = {"phase": "Running", "podIP": ip}
        objects.append(laid_over(pod, case.get("details", {}).get(at, {})))
    policies = dict(case.get("policies", {}))
    if "variants" in case:
        policies["x/p"] = case["variants"][variant]
    return objects + [manifest("NetworkPolicy", at, spec) for at, spec in policies.items()]


def write(case: Object, variant: int, directory: Path) -> None:
    if "files" not in case:
        manifests.write(cluster(case, variant), directory / "cluster.json")
    for path, text in case.get("files", {}).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text((text or "").replace("<TAB>", "\t"), "utf-8")


def probes(lines: str | None) -> list[tuple[str, str, str, int]]:
    found = []
    for line in (lines or "").splitlines():
        source, _, rest = line.partition(" -> ")
        destination, *ports = rest.split()
        for port in ports:
            protocol, _, number = port.partition("/")
            found.append((source, destination, protocol, int(number)))
    return found


def hold(answers: OracleAnswers | ProductAnswers, case: Object) -> None:
    """The right answers of a case, asked one by one."""
    hold_connections(answers, case)
    hold_metrics(answers, case)
    for check, subjects in case.get("findings", {}).items():
        found = answers.findings(check)
        assert found is None or set(subjects) <= found, check
    for check, subjects in case.get("clean", {}).items():
        assert not set(subjects) & (answers.findings(check) or set()), check


def hold_connections(answers: OracleAnswers | ProductAnswers, case: Object) -> None:
    for pod, way in case.get("isolated", {}).items():
        assert answers.isolated(pod) == way, pod
    for probe in probes(case.get("allowed")):
        assert answers.connected(*probe), probe
    for probe in probes(case.get("denied")):
        assert not answers.connected(*probe), probe
    for line in case.get("explained", "").splitlines():
        question, _, verdict = line.rpartition(" ")
        for probe in probes(question):
            assert answers.explained(*probe) == (verdict == "allowed"), probe


def hold_metrics(answers: OracleAnswers | ProductAnswers, case: Object) -> None:
    for ns, right in case.get("default_deny", {}).items():
        assert answers.default_deny(ns) == right, ns
    for ns, right in case.get("nullified", {}).items():
        assert answers.nullified(ns) == right, ns
    for pod, right in case.get("reach", {}).items():
        assert {k: v for k, v in answers.reach(pod).items() if k in right} == right, pod
    if "pods_seen" in case:
        assert answers.pods() == set(case["pods_seen"])
    if "namespaces_seen" in case:
        assert answers.namespaces() == set(case["namespaces_seen"])


def test_no_trap_is_left_out():
    named = {case.partition("-")[0] for case in CASES if case.startswith("T")}
    assert named == {f"T{number:02}" for number in range(1, 89)}
    assert all(content["trap"] and content["answer"] for content in CASES.values())


@pytest.mark.parametrize(("case", "variant"), named([c for c in EVERY if "product" not in CASES[c[0]]]))
def test_oracle_does_not_fall_into(case, variant, tmp_path):
    write(CASES[case], variant, tmp_path)
    answers = OracleAnswers(manifests.read(tmp_path))
    hold(answers, CASES[case])
    known = rule_addresses(answers.cluster)
    assert {k: known[k] for k in CASES[case].get("addresses", {})} == CASES[case].get("addresses", {})
    effects = {
        f"{b['policy']}|{b['direction']}|{b['rule']}": str(b["in_effect"]).lower()
        for b in ip_blocks(answers.cluster)
    }
    assert effects.items() >= CASES[case].get("in_effect", {}).items()


@pytest.mark.parametrize(("case", "variant"), named(EVERY))
def test_product_does_not_fall_into(case, variant, tmp_path):
    (tmp_path / "in").mkdir()
    write(CASES[case], variant, tmp_path / "in")
    answers = ProductAnswers(tmp_path / "in", tmp_path / "out")
    hold(answers, CASES[case])
    known = {
        f"{r['namespace']}/{r['policy']}|{r['direction']}|{r['rule']}": r for r in answers.table("rules")
    }
    for rule, counts in CASES[case].get("addresses", {}).items():
        assert [int(known[rule][f"{family}_addresses"] or 0) for family in counts] == [*counts.values()]
    for rule, in_effect in CASES[case].get("in_effect", {}).items():
        assert known[rule]["in_effect"] == in_effect
    for pod, policy in CASES[case].get("not_evaluated", {}).items():
        assert policy in answers.pod_rows[pod]["unevaluated_policies"]
    if CASES[case].get("broken"):
        # What was not read is a gap, and with --strict the exit status says so.
        again = ["run", "--from", str(tmp_path / "in"), "--format", "csv", "--out", str(tmp_path / "strict")]
        assert segaudit(*again, "--strict", "--quiet", "--no-progress")[0] == 6
