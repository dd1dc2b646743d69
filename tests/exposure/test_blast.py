"""What matters of what can be reached from an exposed workload."""

import pytest

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.settings import Scope, Settings
from tests.checks.objects import API, egress, endpoints, ingress, namespace, pod, policy, service

WEB = pod("web", labels="{app: web}") + service(
    selector="{app: web}", ports="[{port: 80}]", more=", type: NodePort"
)
SHUT = policy("{podSelector: {}, policyTypes: [Ingress, Egress]}", "shut")


@pytest.fixture
def first(tmp_path):
    """What matters of what the workload web reaches."""

    def read(text, settings=Settings()):  # noqa: B008  # it is frozen
        (tmp_path / "cluster.yaml").write_text(text, "utf-8")
        facts = evaluate(collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0"), settings)
        rows = facts.exposure[facts.exposure["workload"] == "x/Pod/web"]
        return rows["first_that_matter"].iloc[0]

    return read


def owned(name, owner):
    return namespace(name).replace("labels: {}", f"annotations: {{segaudit.io/owner: {owner}}}")


def test_nothing_that_matters(first):
    assert first(WEB + pod("db", labels="{app: db}")) == ""
    assert first(WEB + SHUT + pod("dns", "kube-system")) == ""


def test_a_system_namespace_in_one_hop_and_in_more(first):
    assert first(WEB + pod("dns", "kube-system")) == "system namespace kube-system: 1 hop"
    only = policy(egress("{to: [{podSelector: {matchLabels: {app: db}}}]}", "{matchLabels: {app: web}}"))
    text = WEB + pod("db", labels="{app: db}") + pod("dns", "kube-system") + only
    assert first(text) == "system namespace kube-system: more hops"


def test_a_sensitive_scope_names_the_workload(first):
    settings = Settings(scopes=(Scope(name="cards", namespaces=("pay",)),))
    assert first(WEB + pod("vault", "pay"), settings) == "scope cards (pay/Pod/vault): 1 hop"


def test_a_namespace_of_another_owner(first):
    mine, other = owned("x", "a@example.com"), owned("z", "b@example.com")
    text = WEB + pod("b", "z") + mine
    assert first(text + other) == "owner b@example.com (z): 1 hop"
    # whose is nobody's is not known to be another's
    assert first(text) == ""
    assert first(WEB + pod("b", "z") + other) == ""


def test_the_api_server_is_where_its_endpoints_are(first):
    text = WEB + API + endpoints("192.0.2.9", 6443)
    assert first(text) == "API server: 1 hop"
    shut = policy(egress("{to: [{ipBlock: {cidr: 10.96.0.1/32}}]}"), "p")
    assert first(text + shut) == ""
    by_a_friend = policy(ingress("{}", "{matchLabels: {app: none}}"), "q")
    far = policy(egress("{to: [{podSelector: {matchLabels: {app: db}}}]}", "{matchLabels: {app: web}}"))
    assert first(text + far + by_a_friend + pod("db", labels="{app: db}")) == "API server: more hops"


def test_instance_metadata_where_nodes_are_a_clouds(first):
    assert first(WEB, Settings(cloud="AWS")) == "instance metadata: 1 hop"
    kept = policy(egress("{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}"))
    assert first(WEB + kept, Settings(cloud="Azure")) == ""
