from reports.to_csv import write_csv
from reports.values import rows
from tests.compose.objects import CLOSED, pod, read_in_part, read_only_in, service

NAMES = [
    "pods",
    "finished_pods",
    "namespaces",
    "owners",
    "workloads",
    "services",
    "policies",
    "rules",
    "enforcement",
    "exposure",
    "checks",
    "waivers",
    "controls",
    "figures",
    "catalogue",
    "findings",
]


def test_every_table_is_there_and_every_column_says_what_it_means(report):
    data = report(pod("a")).data
    assert [dataset.name for dataset in data] == NAMES
    assert all(column.description for dataset in data for column in dataset.columns)
    assert all(list(d.frame.columns[: len(d.columns)]) == [c.name for c in d.columns] for d in data)


def test_columns_that_other_programs_rely_on(report):
    data = {dataset.name: dataset for dataset in report(pod("a")).data}
    assert [column.name for column in data["findings"].columns] == [
        "check", "severity", "status", "kind", "namespace", "name", "message", "remediation", "rule", "id",
        "workload", "waiver", "since", "source", "told",
    ]  # fmt: skip
    assert {c.name: c.type for c in data["pods"].columns}["ingress_isolated"] == "boolean"
    assert {c.name: c.type for c in data["namespaces"].columns}["pods"] == "integer"


def test_tables_are_whole_and_narrowed_as_the_report_is(report):
    manifests = "".join(pod(f"a{n}") for n in range(300)) + pod("b", "web") + CLOSED
    data = {dataset.name: dataset for dataset in report(manifests, ["shop"]).data}
    assert write_csv(data["pods"]).count(b"\r\n") == 301
    assert set(data["namespaces"].frame["namespace"]) == {"shop"}
    assert set(data["findings"].frame["namespace"]) <= {"shop", ""}


def test_what_hangs_on_policies_that_nobody_read_is_empty(snapshot, report_on):
    objects = pod("a", labels="app: web") + pod("h", spec="hostNetwork: true") + service() + CLOSED
    unread = read_in_part(snapshot(objects), {"networkpolicies": "forbidden"})
    told = {dataset.name: dataset for dataset in report_on(unread).data}
    columns = ("pod", "ingress_isolated", "egress_isolated", "ingress_pods", "egress_external")
    assert list(rows(told["pods"], *columns)) == [
        ("a", True, True, None, None),  # a policy that was read selects it, and others only add
        ("h", None, None, None, None),
    ]
    names = ("default_deny_ingress", "nullified_ingress", "pods_ingress_isolated", "policies")
    assert list(rows(told["namespaces"], *names)) == [(None, None, None, None)]
    assert set(rows(told["workloads"], "pods_egress_isolated")) == {(None,)}
    assert set(rows(told["exposure"], "allowed", "next_workloads")) == {(None, None)}
    assert b",,,," in write_csv(told["pods"])


def test_where_policies_were_read_nothing_is_left_empty(snapshot, report_on):
    part = read_only_in(snapshot(pod("a") + pod("b", "web")), ["shop"], "networkpolicies")
    told = {dataset.name: dataset for dataset in report_on(part).data}
    assert list(rows(told["pods"], "pod", "ingress_isolated")) == [("a", False), ("b", None)]
