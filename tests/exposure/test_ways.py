"""The ways in from outside: which object publishes which port of which pods."""

import pytest

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.settings import Settings
from tests.checks.objects import pod, service

PATH = "{backend: {service: {name: s, port: {number: 80}}}}"
HTTP = "[{name: http, port: 80, targetPort: 8080}]"


@pytest.fixture
def ways(tmp_path):
    """The ways in to a cluster written as YAML: (via, object, sources, pods, protocol, port)."""

    def read(text):
        (tmp_path / "cluster.yaml").write_text(text, "utf-8")
        facts = evaluate(collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())
        names = facts.pods["pod"]
        return [
            (
                str(way.via),
                way.object,
                " ".join(way.sources),
                ",".join(names.iloc[way.pods]),
                way.protocol,
                way.port,
            )
            for way in facts.ways
        ]

    return read


def ingress(spec, api="networking.k8s.io/v1"):
    return f"---\n{{apiVersion: {api}, kind: Ingress, metadata: {{name: i, namespace: x}}, spec: {spec}}}\n"


def route(spec, kind="HTTPRoute", api="gateway.networking.k8s.io/v1"):
    return f"---\n{{apiVersion: {api}, kind: {kind}, metadata: {{name: r, namespace: x}}, spec: {spec}}}\n"


# -- Services ---------------------------------------------------------------------------------------


def test_a_service_of_the_cluster_publishes_nothing(ways):
    assert ways(pod() + service(ports=HTTP)) == []


def test_a_service_of_type_node_port(ways):
    text = pod() + service(ports=HTTP, more=", type: NodePort")
    assert ways(text) == [("NodePort", "x/Service/s", "", "a", "TCP", 8080)]


def test_a_balancer_and_its_node_ports(ways):
    """The ranges are those of the balancer; a node asks nobody where he comes from."""
    ports = "[{port: 80, nodePort: 30080}, {port: 443, nodePort: 30443, targetPort: 8443}]"
    more = ", type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24, 2001:db8::/32]"
    assert ways(pod() + service(ports=ports, more=more)) == [
        ("LoadBalancer", "x/Service/s", "192.0.2.0/24 2001:db8::/32", "a", "TCP", 80),
        ("NodePort", "x/Service/s", "", "a", "TCP", 80),
        ("LoadBalancer", "x/Service/s", "192.0.2.0/24 2001:db8::/32", "a", "TCP", 8443),
        ("NodePort", "x/Service/s", "", "a", "TCP", 8443),
    ]


def test_external_addresses(ways):
    text = pod() + service(ports=HTTP, more=", externalIPs: [192.0.2.1]")
    assert ways(text) == [("ExternalIP", "x/Service/s", "", "a", "TCP", 8080)]


def test_a_named_port_is_another_number_from_pod_to_pod(ways):
    named = "[{{name: web, containerPort: {}}}]".format
    text = pod("a", ports=named(8080)) + pod("b", ports=named(9090)) + pod("c")
    text += service(ports="[{port: 80, targetPort: web}]", more=", type: NodePort")
    assert [way[3:] for way in ways(text)] == [("a", "TCP", 8080), ("b", "TCP", 9090)]


@pytest.mark.parametrize(
    "selector", ["{app: other}", "{}"], ids=["nobody", "no selector, whose endpoints somebody makes"]
)
def test_no_pods_no_way(ways, selector):
    assert ways(pod() + service(selector=selector, ports=HTTP, more=", type: NodePort")) == []


def test_the_protocol_is_that_of_the_port(ways):
    text = pod() + service(ports="[{port: 53, protocol: UDP}]", more=", type: NodePort")
    assert ways(text)[0][4:] == ("UDP", 53)


# -- Ingresses and Routes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "{defaultBackend: {service: {name: s, port: {number: 80}}}}",
        "{defaultBackend: {service: {name: s, port: {name: http}}}}",
        f"{{rules: [{{http: {{paths: [{PATH}]}}}}]}}",
        # twice is once
        f"{{rules: [{{http: {{paths: [{PATH}, {PATH}]}}}}]}}",
    ],
)
def test_an_ingress(ways, spec):
    assert ways(pod() + service(ports=HTTP) + ingress(spec)) == [
        ("Ingress", "x/Ingress/i", "", "a", "TCP", 8080)
    ]


@pytest.mark.parametrize("port", ["80", "http"])
def test_an_ingress_of_the_beta_api(ways, port):
    backend = f"{{serviceName: s, servicePort: {port}}}"
    found = [("Ingress", "x/Ingress/i", "", "a", "TCP", 8080)]
    for spec in (f"{{backend: {backend}}}", f"{{rules: [{{http: {{paths: [{{backend: {backend}}}]}}}}]}}"):
        assert ways(pod() + service(ports=HTTP) + ingress(spec, "extensions/v1beta1")) == found


@pytest.mark.parametrize(
    "spec",
    [
        "{}",
        "null",
        "[]",
        "{rules: null}",
        "{rules: [null, {http: []}, {http: {paths: {a: b}}}, 7]}",
        "{defaultBackend: {resource: {kind: Bucket, name: s}}}",
        "{defaultBackend: {service: {name: [s], port: {number: 80}}}}",
        "{defaultBackend: {service: {name: s, port: {number: 81}}}}",
        "{defaultBackend: {service: {name: s}}}",
        "{defaultBackend: {service: {name: other, port: {number: 80}}}}",
        "{tls: [{secretName: s}]}",
    ],
)
def test_an_ingress_that_leads_nowhere(ways, spec):
    assert ways(pod() + service(ports=HTTP) + ingress(spec)) == []


@pytest.mark.parametrize(
    ("spec", "ports"),
    [
        ("{to: {kind: Service, name: s}}", [8080, 9443]),
        ("{to: {name: other}, alternateBackends: [{kind: Service, name: s}]}", [8080, 9443]),
        ("{to: {name: s}, port: {targetPort: http}}", [8080]),
        ("{to: {name: s}, port: {targetPort: 9443}}", [9443]),
        ("{to: {kind: Other, name: s}}", []),
    ],
)
def test_a_route_of_openshift(ways, spec, ports):
    both = "[{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 9443}]"
    text = pod() + service(ports=both) + route(spec, "Route", "route.openshift.io/v1")
    assert ways(text) == [("Ingress", "x/Route/r", "", "a", "TCP", port) for port in ports]


# -- Gateways ---------------------------------------------------------------------------------------

PARENT = "parentRefs: [{name: g}]"
REF = "{name: s, port: 80}"


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"])
def test_a_route_of_a_gateway(ways, kind):
    text = pod() + service(ports=HTTP) + route(f"{{{PARENT}, rules: [{{backendRefs: [{REF}]}}]}}", kind)
    assert ways(text) == [("Gateway", f"x/{kind}/r", "", "a", "TCP", 8080)]


def test_a_route_to_another_namespace(ways):
    text = pod(namespace="z") + service(namespace="z", ports=HTTP)
    text += route(f"{{{PARENT}, rules: [{{backendRefs: [{{name: s, namespace: z, port: 80}}]}}]}}")
    assert [way[1:4] for way in ways(text)] == [("x/HTTPRoute/r", "", "a")]


def test_what_is_mirrored_comes_in_too(ways):
    mirror = f"{{type: RequestMirror, requestMirror: {{backendRef: {REF}}}}}"
    text = pod() + service(ports=HTTP) + route(f"{{{PARENT}, rules: [{{filters: [{mirror}]}}]}}")
    assert [way[0] for way in ways(text)] == ["Gateway"]


@pytest.mark.parametrize(
    "spec",
    [
        f"{{rules: [{{backendRefs: [{REF}]}}]}}",
        f"{{parentRefs: [{{kind: Service, name: s}}], rules: [{{backendRefs: [{REF}]}}]}}",
        f"{{{PARENT}, rules: [{{backendRefs: [{{kind: Other, name: s, port: 80}}]}}]}}",
        f"{{{PARENT}, rules: [{{backendRefs: [{{group: example.com, name: s, port: 80}}]}}]}}",
        f"{{{PARENT}, rules: [{{backendRefs: [{{name: s, port: '80'}}]}}]}}",
        f"{{{PARENT}, rules: [{{backendRefs: null}}, null, 3]}}",
    ],
    ids=["no parent", "a mesh", "another kind", "another group", "no number", "null"],
)
def test_a_route_that_leads_nowhere(ways, spec):
    assert ways(pod() + service(ports=HTTP) + route(spec)) == []


# -- hostPorts --------------------------------------------------------------------------------------


def test_a_host_port(ways):
    ports = "[{containerPort: 80, hostPort: 8080}, {containerPort: 90}]"
    assert ways(pod(ports=ports)) == [("HostPort", "x/Pod/a", "", "a", "TCP", 80)]


def test_the_pods_of_a_workload_are_one_way(ways):
    ports = "[{containerPort: 53, protocol: UDP, hostPort: 53}]"
    owner = ", ownerReferences: [{kind: DaemonSet, name: d, controller: true}]"
    pods = "".join(pod(f"a{n}", ports=ports).replace("namespace: x", "namespace: x" + owner) for n in "12")
    assert ways(pods) == [("HostPort", "x/DaemonSet/d", "", "a1,a2", "UDP", 53)]


def test_in_the_network_of_its_node_a_pod_has_the_ports_that_it_declares(ways):
    ports = "[{containerPort: 80, hostPort: 80}, {containerPort: 90}]"
    found = ways(pod(ports=ports, more=", hostNetwork: true"))
    assert found == [("HostNetwork", "x/Pod/a", "", "a", "TCP", port) for port in (80, 90)]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
def test_a_host_port_for_the_node_alone(ways, address):
    assert ways(pod(ports=f"[{{containerPort: 80, hostPort: 80, hostIP: '{address}'}}]")) == []


# -- who comes in, and by whom it is sent on -----------------------------------------------------------


@pytest.fixture
def facts(tmp_path):
    """The facts of a cluster written as YAML."""

    def read(text):
        (tmp_path / "cluster.yaml").write_text(text, "utf-8")
        return evaluate(collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())

    return read


def balancer(annotations, name="s", selector="{app: a}", status="", ports=HTTP):
    return (
        f"---\n{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: x, "
        f"annotations: {annotations}}}, spec: {{type: LoadBalancer, selector: {selector}, ports: {ports}}}"
        f"{status}}}\n"
    )


def test_an_internal_balancer_exposes_nothing_to_outside(facts):
    inside = facts(pod() + balancer("{networking.gke.io/load-balancer-type: Internal}"))
    assert [way.internal for way in inside.ways] == [True]
    assert inside.exposed == {}
    assert facts(pod() + balancer("{}")).exposed == {("Pod", "x", "a"): "LoadBalancer Service x/s"}


def test_the_node_ports_of_an_internal_balancer_are_as_it_is(facts):
    text = balancer("{networking.gke.io/load-balancer-type: Internal}", ports="[{port: 80, nodePort: 30080}]")
    assert [(str(way.via), way.internal) for way in facts(pod() + text).ways] == [
        ("LoadBalancer", True),
        ("NodePort", True),
    ]


def test_ranges_may_be_an_annotation(ways):
    text = "{service.beta.kubernetes.io/load-balancer-source-ranges: '192.0.2.0/24,198.51.100.0/24'}"
    assert ways(pod() + balancer(text))[0][2] == "192.0.2.0/24 198.51.100.0/24"


def test_an_ingress_may_let_in_few(ways):
    text = ingress("{defaultBackend: {service: {name: s, port: {number: 80}}}}").replace(
        "{name: i,", "{name: i, annotations: {nginx.ingress.kubernetes.io/whitelist-source-range: 192.0.2.7},"
    )
    assert ways(pod() + service(ports=HTTP) + text)[0][2] == "192.0.2.7/32"


CONTROLLER = pod("nginx", labels="{app: nginx}")
FRONT = balancer("{}", "front", "{app: nginx}", ", status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}")
STATUS = (
    "{defaultBackend: {service: {name: s, port: {number: 80}}}}, "
    "status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}"
)


def through(facts):
    return {
        way.object: None if way.through is None else facts.pods["pod"].iloc[way.through].tolist()
        for way in facts.ways
    }


def test_the_controller_of_an_ingress_is_behind_the_balancer_with_its_address(facts):
    known = facts(pod() + CONTROLLER + FRONT + service(ports=HTTP) + ingress(STATUS + "}"))
    assert through(known) == {"x/Service/front": None, "x/Ingress/i": ["nginx"]}
    unknown = facts(
        pod() + CONTROLLER + FRONT + service(ports=HTTP) + ingress(STATUS.partition(", status")[0])
    )
    assert through(unknown)["x/Ingress/i"] is None


def gateway(status=""):
    return (
        "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: x}, "
        f"spec: {{gatewayClassName: c}}{status}}}\n"
    )


def test_a_gateway_is_told_by_the_label_of_its_pods_or_by_its_address(facts):
    text = pod() + service(ports=HTTP) + route(f"{{{PARENT}, rules: [{{backendRefs: [{REF}]}}]}}")
    made = pod("envoy", labels="{gateway.networking.k8s.io/gateway-name: g}")
    assert through(facts(text + gateway() + made))["x/HTTPRoute/r"] == ["envoy"]
    addressed = gateway(", status: {addresses: [{type: IPAddress, value: 203.0.113.9}]}")
    assert through(facts(text + addressed + CONTROLLER + FRONT))["x/HTTPRoute/r"] == ["nginx"]
    assert through(facts(text + gateway()))["x/HTTPRoute/r"] is None


def test_what_is_let_in_by_the_balancer_of_the_controller_is_what_the_ingress_lets_in(facts):
    narrow = FRONT.replace(
        "type: LoadBalancer,", "type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24],"
    )
    found = facts(pod() + CONTROLLER + narrow + service(ports=HTTP) + ingress(STATUS + "}"))
    assert [way.sources for way in found.ways if way.object == "x/Ingress/i"] == [("192.0.2.0/24",)]
    inside = FRONT.replace("annotations: {}", "annotations: {networking.gke.io/load-balancer-type: Internal}")
    found = facts(pod() + CONTROLLER + inside + service(ports=HTTP) + ingress(STATUS + "}"))
    assert all(way.internal for way in found.ways)


# -- Services without a selector ----------------------------------------------------------------------


def sliced(endpoints, ports="[{name: http, port: 9080}]"):
    return (
        "---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: "
        "{name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}, "
        f"endpoints: [{endpoints}], ports: {ports}}}\n"
    )


ADDRESSED = pod("b").replace("}}\n", "}, status: {podIP: 10.1.2.3}}\n")
WITHOUT = service(selector="null", ports=HTTP, more=", type: NodePort")


@pytest.mark.parametrize(
    ("endpoints", "pods"),
    [
        ("{addresses: [10.1.2.3]}", ["b"]),
        ("{addresses: [10.9.9.9], targetRef: {kind: Pod, namespace: x, name: a}}", ["a"]),
        ("{addresses: [10.1.2.3]}, {addresses: [], targetRef: {kind: Pod, namespace: x, name: a}}", ["a,b"]),
        ("{addresses: [10.9.9.9]}", []),
        ("null, {addresses: null}, {addresses: [nowhere]}", []),
    ],
)
def test_endpoints_that_somebody_made_lead_to_pods(ways, endpoints, pods):
    text = pod() + ADDRESSED + WITHOUT + sliced(endpoints)
    assert ways(text) == [("NodePort", "x/Service/s", "", names, "TCP", 9080) for names in pods]


def test_endpoints_of_another_port_lead_nowhere(ways):
    text = pod() + ADDRESSED + WITHOUT + sliced("{addresses: [10.1.2.3]}", "[{name: other, port: 9080}]")
    assert ways(text) == []


def test_endpoints_stand_for_slices_where_there_are_none(ways):
    older = (
        "---\n{apiVersion: v1, kind: Endpoints, metadata: {name: s, namespace: x}, subsets: [null, "
        "{addresses: [null, {ip: 10.1.2.3}], notReadyAddresses: [{ip: 10.9.9.9, targetRef: {kind: Pod, "
        "namespace: x, name: a}}], ports: [{name: http, port: 9080}]}]}\n"
    )
    way = ("NodePort", "x/Service/s", "", "a,b", "TCP", 9080)
    assert ways(pod() + ADDRESSED + WITHOUT + older) == [way]
    assert ways(pod() + ADDRESSED + WITHOUT + older + sliced("{addresses: [10.9.9.9]}")) == []
