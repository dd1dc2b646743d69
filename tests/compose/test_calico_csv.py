"""The files of Calico's reports, of whole reports: what an endpoint is, and what holds of it."""

import csv
import io

import msgspec
import pytest

from reports.to_calico_csv import render_calico_csv
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part
from tests.history.objects import day

SCOPE = (
    *("startTime", "endTime", "endpointSelector", "namespaceNames", "namespaceSelector"),
    *("serviceAccountNames", "serviceAccountSelectors"),
)
HEADERS = {
    "inventory/summary.csv": (
        *SCOPE,
        *("endpointsNumInScope", "endpointsNumIngressProtected", "endpointsNumEgressProtected"),
        *("namespacesNumInScope", "namespacesNumIngressProtected", "namespacesNumEgressProtected"),
        "serviceAccountsNumInScope",
    ),
    "inventory/endpoints.csv": (
        *("endpoint", "ingressProtected", "egressProtected", "envoyEnabled", "appliedPolicies", "services"),
    ),
    "inventory/namespaces.csv": ("namespace", "ingressProtected", "egressProtected", "envoyEnabled"),
    "inventory/services.csv": ("service", "ingressProtected", "envoyEnabled"),
    "network-access/summary.csv": (
        *SCOPE,
        *("endpointsNumIngressProtected", "endpointsNumEgressProtected"),
        *("endpointsNumIngressUnprotected", "endpointsNumEgressUnprotected"),
        *("endpointsNumIngressFromInternet", "endpointsNumEgressToInternet"),
        *("endpointsNumIngressFromOtherNamespace", "endpointsNumEgressToOtherNamespace"),
        "endpointsNumEnvoyEnabled",
    ),
    "network-access/endpoints.csv": (
        *("endpoint", "ingressProtected", "egressProtected", "ingressFromInternet", "egressToInternet"),
        *(
            "ingressFromOtherNamespace",
            "egressToOtherNamespace",
            "envoyEnabled",
            "appliedPolicies",
            "services",
        ),
        *("trafficAggregationPrefix", "endpointsGeneratingTrafficToThisEndpoint"),
        "endpointsReceivingTrafficFromThisEndpoint",
    ),
    "policy-audit/summary.csv": (
        *SCOPE,
        *("numCreatedPolicies", "numModifiedPolicies", "numDeletedPolicies"),
    ),
}
"""Column for column, as Calico Enterprise's documentation has them."""
WEB = pod("web", labels="app: web")
DB = pod("db", labels="app: db")


def service(name, app):
    return (
        "apiVersion: v1\nkind: Service\n"
        f"metadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: {app}}}}}\n---\n"
    )


def read(report, path):
    return list(csv.DictReader(io.StringIO(render_calico_csv(report)[path].decode(), newline="")))


def endpoint(report, name="Pod(shop/web)", path="network-access/endpoints.csv"):
    (found,) = (row for row in read(report, path) if row["endpoint"] == name)
    return found


def summary(report, name):
    (row,) = read(report, f"{name}/summary.csv")
    return row


def allowing(peers, direction="Ingress", name="p", selector="{}"):
    key, of = direction.lower(), "from" if direction == "Ingress" else "to"
    rule = "{}" if peers is None else f"{{{of}: [{peers}]}}"
    spec = f"{{podSelector: {selector}, policyTypes: [{direction}], {key}: [{rule}]}}"
    return policy(name, spec)


def test_the_files_and_their_columns(report):
    files = render_calico_csv(report(WEB + CLOSED))
    assert {path: tuple(data.decode().split("\r\n")[0].split(",")) for path, data in files.items()} == HEADERS


def test_an_endpoint(report):
    made = report(
        WEB + DB + policy("web", "{podSelector: {matchLabels: {app: web}}}") + CLOSED + service("w", "web")
    )
    assert endpoint(made, path="inventory/endpoints.csv") == {
        "endpoint": "Pod(shop/web)",
        "ingressProtected": "true",
        "egressProtected": "true",
        "envoyEnabled": "",
        "appliedPolicies": "NetworkPolicy(shop/deny);NetworkPolicy(shop/web)",
        "services": "Service(shop/w)",
    }
    assert endpoint(made, "Pod(shop/db)")["services"] == ""


PEERS = (
    (None, "true", "true"),
    ("{ipBlock: {cidr: 0.0.0.0/0}}", "true", "false"),
    ("{ipBlock: {cidr: 203.0.113.7/32}}", "true", "false"),
    ("{ipBlock: {cidr: 10.1.0.0/16}}, {ipBlock: {cidr: 172.16.0.0/12}}", "false", "false"),
    ("{ipBlock: {cidr: 192.168.0.0/16}}, {ipBlock: {cidr: 'fd00::/8'}}", "false", "false"),
    ("{ipBlock: {cidr: 172.0.0.0/8}}", "true", "false"),
    ("{ipBlock: {cidr: 8.0.0.0/6, except: [8.0.0.0/7, 11.0.0.0/8]}}", "false", "false"),
    ("{ipBlock: {cidr: '2001:db8::/32'}}", "true", "false"),
    ("{podSelector: {}}", "false", "false"),
    ("{namespaceSelector: {}}", "false", "true"),
    ("{namespaceSelector: {matchLabels: {a: b}}, podSelector: {}}", "false", "true"),
)
"""Peers, whether some are outside, and whether some are pods of other namespaces."""


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_what_is_outside_and_what_another_namespace(report, direction):
    manifests = "".join(
        pod(f"p{number}", labels=f"n: p{number}")
        + allowing(peers, direction, f"p{number}", f"{{matchLabels: {{n: p{number}}}}}")
        for number, (peers, _, _) in enumerate(PEERS)
    )
    rows = {row["endpoint"]: row for row in read(report(manifests), "network-access/endpoints.csv")}
    to, of = ("ingress", "From") if direction == "Ingress" else ("egress", "To")
    other = {"ingressFromInternet", "ingressFromOtherNamespace", "egressToInternet", "egressToOtherNamespace"}
    own = {f"{to}{of}Internet", f"{to}{of}OtherNamespace"}
    for number, (peers, internet, others) in enumerate(PEERS):
        row = rows[f"Pod(shop/p{number})"]
        assert (row[f"{to}{of}Internet"], row[f"{to}{of}OtherNamespace"]) == (internet, others), peers
        assert {row[name] for name in other - own} == {"false"}


def test_without_protection_is_unprotected_not_reachable_from_the_internet(report):
    made = report(WEB)
    row = endpoint(made)
    assert (row["ingressProtected"], row["ingressFromInternet"]) == ("false", "false")
    told = summary(made, "network-access")
    assert told["endpointsNumIngressUnprotected"] == "1"
    assert told["endpointsNumIngressFromInternet"] == "0"


def test_a_rule_without_effect_counts_for_nothing(report):
    made = report(WEB + policy("p", "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"))
    assert endpoint(made)["ingressFromInternet"] == "false"


def test_a_service_and_a_namespace_are_protected_if_all_their_endpoints_are(report):
    only_web = policy("web", "{podSelector: {matchLabels: {app: web}}}")
    both = service("all", "any").replace("app: any", "x: y")
    pods = pod("web", labels="app: web, x: y") + pod("db", labels="app: db, x: y")
    made = report(pods + only_web + service("w", "web") + service("d", "db") + service("none", "no") + both)
    found = {row["service"]: row["ingressProtected"] for row in read(made, "inventory/services.csv")}
    assert found == {"Service(shop/w)": "true", "Service(shop/d)": "false", "Service(shop/all)": "false"}
    assert endpoint(made)["services"] == "Service(shop/all);Service(shop/w)"
    assert read(made, "inventory/namespaces.csv")[0]["ingressProtected"] == "false"
    told = summary(made, "inventory")
    assert (told["endpointsNumInScope"], told["endpointsNumIngressProtected"]) == ("2", "1")
    assert (told["namespacesNumInScope"], told["namespacesNumIngressProtected"]) == ("1", "0")


def test_a_pod_in_its_nodes_network_is_no_endpoint(report):
    made = report(WEB + pod("host", spec="hostNetwork: true"))
    assert [row["endpoint"] for row in read(made, "inventory/endpoints.csv")] == ["Pod(shop/web)"]


def test_what_other_policies_could_change_is_unknown(report):
    row = endpoint(report(WEB + CALICO))
    assert (row["ingressProtected"], row["ingressFromInternet"]) == ("", "")
    row = endpoint(report(WEB + CALICO + allowing(None)))
    assert (row["ingressProtected"], row["ingressFromInternet"]) == ("true", "true")


def test_nothing_is_known_where_policies_could_not_be_read(snapshot, report_on):
    made = report_on(read_in_part(snapshot(WEB), {"networkpolicies": "forbidden"}))
    assert endpoint(made)["ingressProtected"] == ""
    assert summary(made, "network-access")["endpointsNumIngressUnprotected"] == "0"
    assert read(made, "inventory/namespaces.csv")[0]["ingressProtected"] == ""


def test_scope_and_time_of_one_snapshot(report):
    told = summary(report(WEB + pod("a", "web") + CLOSED, ["shop"]), "inventory")
    assert told["startTime"] == told["endTime"] == "2026-11-23T02:00:00Z"
    assert told["namespaceNames"] == "shop"
    assert told["serviceAccountsNumInScope"] == ""
    assert set(summary(report(WEB), "policy-audit").values()) == {"2026-11-23T02:00:00Z", ""}


def test_protected_is_protected_throughout_a_period(told):
    made = told(
        {1: WEB + DB + policy("web", "{podSelector: {matchLabels: {app: web}}}"), 4: WEB + DB + CLOSED}
    )
    assert endpoint(made)["ingressProtected"] == "true"
    assert endpoint(made, "Pod(shop/db)")["ingressProtected"] == "false"
    row = summary(made, "inventory")
    assert (row["startTime"], row["endTime"]) == (
        day(1).isoformat()[:-6] + "Z",
        day(4).isoformat()[:-6] + "Z",
    )
    assert row["endpointsNumIngressProtected"] == "1"
    assert endpoint(told({1: WEB + CLOSED, 4: WEB}))["ingressProtected"] == "false"
    assert endpoint(told({1: DB, 4: DB + WEB + CLOSED}))["ingressProtected"] == "true"


def test_what_is_gone_stays_as_its_workload(told):
    made = told({1: WEB + DB + CLOSED, 4: WEB + CLOSED})
    assert endpoint(made, "Pod(shop/db)", "inventory/endpoints.csv") == {
        "endpoint": "Pod(shop/db)",
        "ingressProtected": "true",
        "egressProtected": "true",
        "envoyEnabled": "",
        "appliedPolicies": "",
        "services": "",
    }
    assert summary(made, "inventory")["endpointsNumInScope"] == "2"


def test_exposed_at_some_time_is_unknown_where_policies_changed(told):
    before, after = allowing("{ipBlock: {cidr: 10.0.0.0/8}}"), allowing("{podSelector: {}}")
    assert endpoint(told({1: WEB + after, 4: WEB + after}))["ingressFromInternet"] == "false"
    assert endpoint(told({1: WEB + before, 4: WEB + after}))["ingressFromInternet"] == ""
    assert endpoint(told({1: WEB + before, 4: WEB + allowing(None)}))["ingressFromInternet"] == "true"


def test_policies_created_modified_and_deleted(told):
    other = policy("other", "{podSelector: {}}")
    runs = {1: WEB + other, 3: WEB + other + CLOSED, 4: WEB + CLOSED.replace(", Egress", "")}
    row = summary(told(runs), "policy-audit")
    assert [row[f"num{change}Policies"] for change in ("Created", "Modified", "Deleted")] == ["1", "1", "1"]


def test_no_pods_at_all(report):
    made = report(CLOSED)
    assert summary(made, "inventory")["endpointsNumInScope"] == "0"
    assert read(made, "inventory/services.csv") == []
    assert render_calico_csv(made) == render_calico_csv(msgspec.structs.replace(made))
