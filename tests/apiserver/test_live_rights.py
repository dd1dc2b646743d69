"""The rights of cronjob/ are enough, and each is needed; with fewer, what can be judged is judged."""

from pathlib import Path

import msgspec
import pytest
import yaml

from audit.collect.cluster.outcomes import LISTED
from audit.collect.cluster.resources import RESOURCES, SAME
from tests.apiserver.faults import FaultProxy, Status
from tests.apiserver.live import (
    audit,
    deny_all,
    incomplete,
    pod,
    pods,
    reason,
    rows,
    states,
    take,
    until,
)
from tests.apiserver.load import fill, policy_crds
from tests.apiserver.server import ApiServer, write_kubeconfig

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]

CRONJOB = Path(__file__).parents[2] / "cronjob"
ROLE = next(
    document
    for document in yaml.safe_load_all((CRONJOB / "base" / "rbac.yaml").read_text("utf-8"))
    if document["kind"] == "ClusterRole"
)
RULES = ROLE["rules"]
NAMESPACE = "segaudit"
NAMESPACES = ("open", "shut", "other")
OBJECTS = [
    *(pod(name, 10 * place + number) for place, name in enumerate(NAMESPACES) for number in range(3)),
    deny_all("shut"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with all kinds, on which cronjob/ was applied as it is."""
    with ApiServer(tmp_path_factory.mktemp("rights")) as server:
        assert fill(server, [*policy_crds(), *OBJECTS]) == []
        said = server.kubectl("apply", "-k", str(CRONJOB)).splitlines()
        assert said
        assert all(line.endswith(" created") for line in said)
        yield server


@pytest.fixture(scope="module")
def tokens(server):
    """Of service accounts that each have all rules of cronjob/ but one, by the place of that rule."""
    return _accounts(
        server,
        {f"without-{place}": [*RULES[:place], *RULES[place + 1 :]] for place in range(len(RULES))},
    )


def _accounts(server, rules):
    """The token of a service account with a ClusterRole of these rules, each; when they have them."""
    objects = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": NAMESPACE}}
        for name in rules
    ]
    for name, its in rules.items():
        objects += [ROLE | {"metadata": {"name": name}, "rules": its}, _binding("ClusterRole", name, name)]
    assert fill(server, objects) == []
    tokens = {name: server.service_account_token(NAMESPACE, name) for name in rules}
    for name, its in rules.items():
        _wait_for(server, tokens[name], its)
    return tokens


def _binding(kind, name, account, namespace=None):
    """Of the role `name` in the whole cluster, or in the namespace."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
    }


def _wait_for(server, token, rules, namespace=""):
    """Until the server lets the token do what the last rule says: it learns of roles after it stored them."""
    attributes = {
        "group": rules[-1]["apiGroups"][0],
        "resource": rules[-1]["resources"][0],
        "verb": rules[-1]["verbs"][0],
        "name": next(iter(rules[-1].get("resourceNames", ())), ""),
        "namespace": namespace,
    }
    review = {"spec": {"resourceAttributes": attributes}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    with server.client(token) as client:
        until(lambda: client.request("POST", path, review).body["status"]["allowed"])


def _kinds(rule):
    """The kinds of a rule, as a snapshot names them."""
    listed = {
        one.plural
        for one in RESOURCES
        if one.group in rule["apiGroups"]
        and one.path_name in rule["resources"]
        and one.group not in SAME  # these are read where they are stored
    }
    return listed | ({"configmaps"} & set(rule["resources"]))


def _name(rule):
    return f"{rule['apiGroups'][0] or 'core'}-{rule['resources'][0]}"


def _is_of_pods(rule):
    return "" in rule["apiGroups"] and "pods" in rule["resources"]


def test_the_rules_are_of_kinds_that_are_read():
    assert all(map(_kinds, RULES))
    assert sum(map(_is_of_pods, RULES)) == 1


def test_the_rights_of_the_cron_job_are_enough(server, tmp_path, capsys):
    config = server.kubeconfig("cron-job", server.service_account_token(NAMESPACE, NAMESPACE))
    code, snapshot = take(config, "--strict")
    assert code == 0
    assert snapshot.complete
    assert set(states(snapshot).values()) == {LISTED}
    assert snapshot.rows("gaps") == 0
    assert len(pods(snapshot)) == len(OBJECTS) - 1
    assert snapshot.provenance.read_as == f"system:serviceaccount:{NAMESPACE}:{NAMESPACE}"
    capsys.readouterr()
    out = tmp_path / "out"
    assert audit("run", "--kubeconfig", config, "--strict", "--format", "csv", "--out", out) == 0
    assert capsys.readouterr().err == ""
    assert audit("connections", "--kubeconfig", config, "--strict") == 0
    assert audit("explain", "--kubeconfig", config, "--strict", "open/pod-000", "shut/pod-010") == 0


@pytest.mark.parametrize("place", range(len(RULES)), ids=[_name(rule) for rule in RULES])
def test_each_rule_is_needed(server, tokens, tmp_path, capsys, place):
    config = write_kubeconfig(tmp_path / "config", server.host, server.ca_file, tokens[f"without-{place}"])
    rule = RULES[place]
    if _is_of_pods(rule):
        assert audit("snapshot", "--kubeconfig", config, "-o", tmp_path / "s.zip") == 3
        (line,) = capsys.readouterr().err.splitlines()
        assert "--namespace" in line
        assert not (tmp_path / "s.zip").exists()
        return
    code, snapshot = take(config, "--strict")
    assert code == 6
    (line,) = capsys.readouterr().err.splitlines()
    assert "not everything could be read" in line
    assert incomplete(snapshot) == _kinds(rule)
    assert {states(snapshot)[kind] for kind in _kinds(rule)} == {"forbidden"}
    assert all("403" in reason(snapshot, kind) for kind in _kinds(rule))
    assert snapshot.rows("gaps") == 0
    assert len(pods(snapshot)) == len(OBJECTS) - 1
    assert take(config)[0] == 0


# -- rights in some namespaces only ------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A server with the built-in kinds only: no policy of the whole cluster could be hidden there."""
    with ApiServer(tmp_path_factory.mktemp("plain")) as server:
        assert fill(server, OBJECTS) == []
        yield server


def _limited(server):
    """The kubeconfig of somebody who has the rules of cronjob/ in two namespaces."""
    name = "limited"
    account = {"name": name, "namespace": NAMESPACE}
    objects = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}]
    for namespace in ("open", "shut"):
        metadata = {"name": name, "namespace": namespace}
        objects += [
            ROLE | {"kind": "Role", "metadata": metadata},
            _binding("Role", name, name, namespace),
        ]
    assert fill(server, objects) == []
    token = server.service_account_token(NAMESPACE, name)
    for namespace in ("open", "shut"):
        _wait_for(server, token, RULES, namespace)
    return server.kubeconfig(name, token)


@pytest.fixture(scope="module")
def limited(plain):
    return _limited(plain)


BOTH = ("--namespace", "open", "--namespace", "shut")


def test_rights_in_two_namespaces_are_enough_for_these(limited):
    code, snapshot = take(limited, *BOTH)
    assert code == 0
    assert {name.partition("/")[0] for name in pods(snapshot)} == {"open", "shut"}
    assert len(pods(snapshot)) == 6
    assert states(snapshot)["pods"] == "partial"
    parts = {(row["kind"], row["namespace"]): row["state"] for row in snapshot.table("parts").to_pylist()}
    for kind in ("pods", "networkpolicies", "services"):
        assert parts[kind, "open"] == parts[kind, "shut"] == LISTED
    assert take(limited, *BOTH, "--strict")[0] == 6


def test_isolation_is_judged_where_the_policies_could_be_read(limited, tmp_path):
    out = tmp_path / "out"
    assert audit("run", "--kubeconfig", limited, *BOTH, "--format", "csv,json", "--out", out) == 0
    checks = {row["check"]: row for row in rows(out / "csv" / "checks.csv")}
    for side in ("ingress", "egress"):
        row = checks[f"pods-are-isolated-for-{side}"]
        assert int(row["passed"]) + int(row["failed"]) > 0
        row = checks[f"namespace-denies-{side}-by-default"]
        assert (row["passed"], row["failed"]) == ("1", "1")
    isolated = {
        (row["namespace"], row["ingress_isolated"], row["egress_isolated"])
        for row in rows(out / "csv" / "pods.csv")
    }
    assert isolated == {("open", "false", "false"), ("shut", "true", "true")}
    assert {row["namespace"] for row in rows(out / "csv" / "namespaces.csv")} == {"open", "shut"}
    assert {row["namespace"] for row in rows(out / "csv" / "findings.csv")} <= {"open", "shut", ""}


def test_isolation_is_not_judged_where_policies_of_the_cluster_may_be_hidden(server, tmp_path):
    out = tmp_path / "out"
    config = _limited(server)
    assert audit("run", "--kubeconfig", config, *BOTH, "--format", "csv", "--out", out) == 0
    checks = {row["check"]: row for row in rows(out / "csv" / "checks.csv")}
    row = checks["pods-are-isolated-for-ingress"]
    assert (row["passed"], row["failed"], row["not_assessed"]) == ("0", "0", "6")
    assert "adminnetworkpolicies.policy.networking.k8s.io (forbidden: " in row["reason"]


def test_without_the_namespaces_named_there_is_nothing_to_read(limited, tmp_path, capsys):
    assert audit("run", "--kubeconfig", limited, "--out", tmp_path / "out") == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "--namespace" in line
    assert not (tmp_path / "out").exists()


def test_a_namespace_without_rights_is_named_beside_one_with(limited):
    code, snapshot = take(limited, "--namespace", "open", "--namespace", "other")
    assert code == 0
    assert {name.partition("/")[0] for name in pods(snapshot)} == {"open"}
    assert "not in other" in reason(snapshot, "pods")


# -- kinds that come and go --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/apis/cilium.io/v2/ciliumnetworkpolicies"])
def test_a_kind_that_vanishes_before_it_is_listed_is_a_gap(server, tmp_path, capsys, path):
    with FaultProxy(server.host, server.ca_file) as proxy:
        proxy.inject(path, Status(404, "404 page not found\n"), times=None)
        config = write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, server.admin_token)
        code, snapshot = take(config)
        capsys.readouterr()
        strict, _ = take(config, "--strict")
    kind = "ciliumnetworkpolicies.cilium.io"
    assert code == 0
    assert incomplete(snapshot) == {kind}
    assert reason(snapshot, kind).startswith("served when the run began, and gone when it was listed: ")
    assert strict == 6
    assert kind in capsys.readouterr().err


def test_a_group_that_cannot_be_discovered_is_a_gap(server, tmp_path):
    with FaultProxy(server.host, server.ca_file) as proxy:
        proxy.inject("/apis/cilium.io/v2", Status(503), times=None)
        config = write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, server.admin_token)
        code, snapshot = take(config)
        assert take(config, "--strict")[0] == 6
    assert code == 0
    kinds = {"ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"}
    assert incomplete(snapshot) == kinds
    assert all("could not be discovered" in reason(snapshot, kind) for kind in kinds)


def test_a_kind_that_is_really_deleted_is_not_served(tmp_path_factory, tmp_path):
    with ApiServer(tmp_path_factory.mktemp("deleted")) as server:
        assert fill(server, [*policy_crds(), *OBJECTS]) == []
        config = write_kubeconfig(tmp_path / "config", server.host, server.ca_file, server.admin_token)
        assert states(take(config)[1])["ciliumnetworkpolicies.cilium.io"] == LISTED
        server.kubectl("delete", "crd", "ciliumnetworkpolicies.cilium.io")
        with server.client() as client:
            until(
                lambda: (
                    "ciliumnetworkpolicies"
                    not in msgspec.json.encode(client.get("/apis/cilium.io/v2").body).decode()
                )
            )
        code, snapshot = take(config, "--strict")
    assert code == 0
    assert states(snapshot)["ciliumnetworkpolicies.cilium.io"] == "not served"
