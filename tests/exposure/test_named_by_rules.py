"""Columns of tables that outputs join by: the Services of a pod, and what a rule names outside."""

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.settings import Settings
from tests.compose.objects import pod, policy


def facts(tmp_path, text):
    (tmp_path / "cluster.yaml").write_text(text, "utf-8")
    return evaluate(collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())


def service(name, labels, namespace="shop"):
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {{selector: {{{labels}}}}}\n---\n"
    )


def test_the_services_of_each_pod(tmp_path):
    pods = pod("a", labels="x: y") + pod("b", labels="x: y, z: w") + pod("c") + pod("d", "other", "x: y")
    services = (
        service("two", "x: y") + service("one", "z: w") + service("two", "x: y", "other") + service("no", "")
    )
    found = facts(tmp_path, pods + services).reach
    assert dict(zip(found["pod"], found["services"].astype("str"), strict=True)) == {
        "a": "two",
        "b": "one,two",
        "c": "",
        "d": "two",
    }
    assert found["services"].dtype == "category"


def test_without_services_or_pods(tmp_path):
    assert facts(tmp_path, pod("a")).reach["services"].tolist() == [""]
    assert facts(tmp_path, service("s", "x: y")).reach["services"].tolist() == []


def test_what_rules_name(tmp_path):
    peers = ("podSelector: {}", "namespaceSelector: {}", "ipBlock: {cidr: 8.8.8.8/32}")
    rules = ", ".join(("{}", *(f"{{from: [{{{peer}}}]}}" for peer in peers)))
    found = facts(tmp_path, policy("p", f"{{podSelector: {{}}, ingress: [{rules}]}}")).rules
    assert found["internet"].tolist() == [True, False, False, True]
    assert found["other_namespaces"].tolist() == [True, False, True, False]
