"""Which routes are attached to which Gateways, what they send on, and which balancers are internal."""

import pytest

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.settings import Settings
from tests.checks.objects import pod, service

PORTS = "[{name: t, port: 80, targetPort: 8080}, {name: u, protocol: UDP, port: 80, targetPort: 8080}]"
API = "gateway.networking.k8s.io/v1"
KINDS = [("HTTPRoute", "TCP"), ("TCPRoute", "TCP"), ("UDPRoute", "UDP")]
AWS = "service.beta.kubernetes.io/aws-load-balancer-"
SERVICE = pod() + service(ports=PORTS)


@pytest.fixture
def ways(tmp_path):
    """The ways in to a cluster written as YAML: (object, protocol, internal)."""

    def read(text):
        (tmp_path / "cluster.yaml").write_text(text, "utf-8")
        facts = evaluate(collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())
        return [(way.object, way.protocol, way.internal) for way in facts.ways]

    return read


def gateway(listener="{}", of_class="c", more=""):
    return (
        f"---\n{{apiVersion: {API}, kind: Gateway, metadata: {{name: g, namespace: infra}}, "
        f"spec: {{gatewayClassName: {of_class}, listeners: [{listener}]{more}}}}}\n"
    )


def route(kind="HTTPRoute", weight=1):
    return (
        f"---\n{{apiVersion: {API}, kind: {kind}, metadata: {{name: r, namespace: x}}, "
        "spec: {parentRefs: [{name: g, namespace: infra}], "
        f"rules: [{{backendRefs: [{{name: s, port: 80, weight: {weight}}}]}}]}}}}\n"
    )


@pytest.mark.parametrize(
    ("kind", "protocol"), [("HTTPRoute", "TCP"), ("TCPRoute", "TCP"), ("UDPRoute", "UDP")]
)
def test_a_route_sends_on_its_own_protocol(ways, kind, protocol):
    assert ways(SERVICE + route(kind)) == [(f"x/{kind}/r", protocol, False)]


def test_a_backend_without_weight_gets_nothing(ways):
    assert ways(SERVICE + route(weight=0)) == []


@pytest.mark.parametrize(
    ("listener", "attached"),
    [
        ("{}", False),
        ("{allowedRoutes: {namespaces: {from: Same}}}", False),
        ("{allowedRoutes: {namespaces: {from: All}}}", True),
        ("{allowedRoutes: {namespaces: {from: Selector}}}", True),
    ],
)
def test_a_gateway_takes_routes_of_its_own_namespace_unless_it_says_more(ways, listener, attached):
    """Gateway API, RouteNamespaces: `from` is Same by default."""
    assert bool(ways(SERVICE + gateway(listener) + route())) == attached


@pytest.mark.parametrize(
    ("of_class", "more", "internal"),
    [
        ("gke-l7-rilb", "", True),
        ("istio-waypoint", "", True),
        ("c", ", infrastructure: {annotations: {networking.gke.io/load-balancer-type: Internal}}", True),
        ("c", "", False),
    ],
)
def test_gateways_without_an_address_outside(ways, of_class, more, internal):
    everyone = "{allowedRoutes: {namespaces: {from: All}}}"
    found = ways(SERVICE + gateway(everyone, of_class, more) + route())
    assert found == [("x/HTTPRoute/r", "TCP", internal)]


@pytest.mark.parametrize(
    ("annotations", "internal"),
    [
        (f"{{{AWS}type: external}}", True),
        (f"{{{AWS}type: external, {AWS}scheme: internet-facing}}", False),
        (f"{{{AWS}type: nlb}}", False),
    ],
)
def test_what_the_controller_of_aws_makes_is_internal_unless_it_is_told(ways, annotations, internal):
    balancer = (
        "---\n{apiVersion: v1, kind: Service, metadata: {name: s, namespace: x, "
        f"annotations: {annotations}}}, "
        "spec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 80}]}}\n"
    )
    assert ways(pod() + balancer) == [("x/Service/s", "TCP", internal)]


@pytest.mark.parametrize(
    ("of_class", "annotations", "internal"),
    [
        ("alb", "{}", True),
        ("alb", "{alb.ingress.kubernetes.io/scheme: internet-facing}", False),
        ("nginx", "{}", False),
    ],
)
def test_an_ingress_of_aws_is_internal_unless_it_is_told(ways, of_class, annotations, internal):
    ingress = (
        "---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: x, "
        f"annotations: {annotations}}}, spec: {{ingressClassName: {of_class}, "
        "defaultBackend: {service: {name: s, port: {number: 80}}}}}\n"
    )
    assert ways(SERVICE + ingress) == [("x/Ingress/i", "TCP", internal)]


def test_an_alias_leads_to_no_pods(ways):
    text = pod() + service(
        ports=PORTS, more=", type: ExternalName, externalName: a.example, externalIPs: [192.0.2.1]"
    )
    assert ways(text + route()) == []
