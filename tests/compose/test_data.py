from reports.to_csv import write_csv
from tests.compose.objects import CLOSED, pod

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
