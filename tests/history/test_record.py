"""What a run stores of itself comes back as it was, and counts as the report counts."""

import io
import zipfile

import msgspec
import pytest

from audit import frames
from audit.checks import run as judge
from audit.compose import compose
from audit.errors import CollectError
from audit.facts import evaluate
from audit.headline import Headline, Share
from audit.history import record
from audit.settings import Settings
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part, read_only_in
from tests.history.objects import day, served

WEB = policy("web", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {}}]}]}")
APPS = pod("web", labels="app: web") + pod("db", labels="app: db")
SHOP = APPS + pod("node", "sys", spec="hostNetwork: true")


def rows(taken, table, *columns):
    frame = taken.table(table)
    return list(zip(*(frame[c].astype("object").tolist() for c in columns), strict=True))


def test_the_same_run_gives_the_same_bytes_and_all_columns(snapshot):
    taken = snapshot(SHOP + WEB)
    facts = evaluate(taken, Settings())
    packed = [record.pack(facts, judge(facts), day(1)) for _ in range(2)]
    assert packed[0] == packed[1]
    stored = record.load(packed[0], "run")
    assert stored.head.snapshot == taken.sha256
    assert stored.head.tables == {name: len(stored.table(name)) for name in frames.STORED_TABLES}
    for name, schema in frames.STORED_TABLES.items():
        assert list(stored.table(name).columns) == schema.names
    assert list(stored.table("policies", ["digest"]).columns) == ["digest"]


def test_a_workload_has_its_state_and_the_farthest_reach_of_its_pods(run):
    columns = (
        "namespace",
        "workload",
        "pods",
        "governed",
        "ingress",
        "egress",
        "ingress_pods",
        "egress_external",
    )
    assert rows(run(SHOP + WEB), "workloads", *columns) == [
        ("shop", "Pod/db", 1, 1, "open", "open", "cluster", "any"),
        ("shop", "Pod/web", 1, 1, "isolated", "open", "cluster", "any"),
        ("sys", "Pod/node", 1, 0, "not_governed", "not_governed", "", ""),
    ]
    closed = rows(run(SHOP + CLOSED), "workloads", *columns)
    assert closed[0] == ("shop", "Pod/db", 1, 1, "isolated", "isolated", "none", "none")


def test_pods_of_one_workload_count_together(run):
    owner = "ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true, uid: u}]"
    pods = "".join(
        pod(f"db-{i}", labels=f"n: x{i}").replace("}}\nspec", f"}}, {owner}}}\nspec") for i in range(3)
    )
    narrow = policy("some", "{podSelector: {matchLabels: {n: x1}}}")
    columns = ("workload", "pods", "pods_ingress_isolated", "ingress", "ingress_pods")
    assert rows(run(pods + narrow), "workloads", *columns) == [("StatefulSet/db", 3, 1, "open", "cluster")]


def test_without_any_policy_everything_is_open(run):
    assert rows(run(SHOP), "workloads", "ingress")[0] == ("open",)
    assert rows(run(SHOP), "namespaces", "namespace", "ingress") == [
        ("shop", "open"),
        ("sys", "not_governed"),
    ]


def test_a_namespace_is_as_open_as_its_most_open_workload(run):
    columns = (
        "namespace",
        "pods",
        "pods_ingress_isolated",
        "ingress",
        "egress",
        "default_deny_ingress",
        "read",
    )
    assert rows(run(SHOP + WEB), "namespaces", *columns)[0] == ("shop", 2, 1, "open", "open", "none", True)
    assert rows(run(SHOP + CLOSED), "namespaces", *columns)[0] == (
        "shop",
        2,
        2,
        "isolated",
        "isolated",
        "strict",
        True,
    )


def test_policies_that_are_not_evaluated_leave_the_state_open_to_doubt(run):
    stored = run(APPS + CLOSED + CALICO)
    assert {state for (state,) in rows(stored, "workloads", "ingress")} == {"not_assessed"}
    assert {state for (state,) in rows(stored, "namespaces", "egress")} == {"not_assessed"}
    assert "pods-are-isolated-for-ingress" in stored.head.unassessed


def test_what_could_not_be_read_is_not_assessed(snapshot, run):
    stored = run(read_in_part(snapshot(SHOP + CLOSED), {"networkpolicies": "forbidden"}))
    assert {state for (state,) in rows(stored, "workloads", "ingress")} == {"not_assessed"}
    assert (stored.head.complete, stored.head.pods_read) == (False, True)
    assert stored.head.unread["networkpolicies"] == ()
    assert stored.head.figures.ingress_isolated.count is None


def test_namespaces_that_could_be_read_alone_are_assessed(snapshot, run):
    stored = run(
        read_only_in(snapshot(SHOP + pod("a", "other") + CLOSED), ["shop"], "pods", "networkpolicies")
    )
    assert rows(stored, "namespaces", "namespace", "ingress", "read") == [
        ("other", "not_assessed", False),
        ("shop", "isolated", True),
        ("sys", "not_assessed", False),
    ]
    assert stored.head.unread["networkpolicies"] == ("shop",)
    assert not stored.head.pods_read


def test_a_check_that_failed_to_run_assesses_nothing(run):
    def broken(facts):
        return [each for each in judge(facts) if each.check.id != "pods-are-isolated-for-ingress"]

    stored = run(SHOP + CLOSED, judge=broken)
    assert rows(stored, "workloads", "ingress", "egress")[0] == ("not_assessed", "isolated")


def test_figures_are_those_of_page_one(snapshot, run):
    wide = policy("wide", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    taken = snapshot(SHOP + WEB + wide + policy("nobody", "{podSelector: {matchLabels: {app: x}}}"))
    facts = evaluate(taken, Settings())
    page = compose(facts, judge(facts), as_of=day(1), generator="").page_one
    figures = run(taken).head.figures
    shares = {
        "Isolated for ingress": figures.ingress_isolated,
        "Isolated for egress": figures.egress_isolated,
        "Broad CIDR rules": figures.broad_rules,
        "Doubtful policies": figures.doubtful_policies,
    }
    shown = {figure.label: figure for figure in page.figures}
    for label, share in shares.items():
        assert f"{share.count} of {share.of}" in f"{shown[label].value} {shown[label].base}"
    assert (figures.broad_rules.count, figures.doubtful_policies.count) == (1, 1)
    assert (figures.ingress_denied.count, figures.ingress_denied.of) == (1, 1)


def test_findings_are_those_of_the_report(run):
    stored = run(SHOP + WEB)
    found = stored.table("findings")
    assert ("pods-are-isolated-for-ingress", "failed", "Pod", "shop", "db") in rows(
        stored, "findings", "check", "status", "kind", "namespace", "name"
    )
    assert found["id"].is_unique
    assert set(found["since"]) == {"2026-11-01T02:00:00Z"}
    assert sum(stored.head.open_findings.values()) == len(found)


def test_a_policy_has_the_digest_of_what_it_says(run):
    def digest(text):
        return run(text).table("policies")["digest"].tolist()

    first = digest(served("a", "{podSelector: {}, policyTypes: [Ingress]}", "u1"))
    assert digest(served("a", "{policyTypes: [Ingress], podSelector: {}}", "u1", manager="helm")) == first
    assert digest(served("a", "{podSelector: {}, policyTypes: [Egress]}", "u1")) != first
    assert digest(served("a", "{podSelector: {}, policyTypes: [Ingress]}", "u2")) != first
    assert digest(served("b", "{podSelector: {}, policyTypes: [Ingress]}", "u1")) != first
    kept = run(served("a", "{podSelector: {}}", "u1", 4, "helm"))
    assert rows(kept, "policies", "name", "uid", "generation", "managers", "created") == [
        ("a", "u1", 4, "helm", "2026-10-01T00:00:00Z")
    ]


def damaged(data):
    yield data[: len(data) // 2]
    yield b"PK"
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        for text in (b"{", old.read("history.json").replace(b"2026-11-01T02:00:00Z", b"yesterday")):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as new:
                new.writestr("history.json", text)
            yield out.getvalue()


def test_a_damaged_file_is_refused_by_the_name_of_its_run(snapshot):
    facts = evaluate(snapshot(SHOP), Settings())
    data = record.pack(facts, judge(facts), day(1))
    for broken in damaged(data):
        with pytest.raises(CollectError, match=r"^nightly: its history\.zip is not whole"):
            record.load(broken, "nightly")


def test_a_table_that_is_missing_is_found_out_when_it_is_read(snapshot):
    facts = evaluate(snapshot(SHOP), Settings())
    data = record.pack(facts, judge(facts), day(1))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        new.writestr("history.json", old.read("history.json"))
    stored = record.load(out.getvalue(), "nightly")
    with pytest.raises(CollectError, match="nightly"):
        stored.table("workloads")


def test_a_newer_format_is_refused(snapshot):
    facts = evaluate(snapshot(SHOP), Settings())
    data = record.pack(facts, judge(facts), day(1))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        new.writestr("history.json", old.read("history.json").replace(b'"format": 1', b'"format": 99'))
    with pytest.raises(CollectError, match="format 99"):
        record.load(out.getvalue(), "nightly")


def test_a_run_of_a_version_that_did_not_count_exposed_workloads_is_readable(run):
    figures = msgspec.to_builtins(run(SHOP).head.figures)
    assert figures.pop("exposed_open") == {"count": 0, "of": 0, "whole": True}
    assert msgspec.convert(figures, Headline).exposed_open == Share(None, 0, whole=False)
