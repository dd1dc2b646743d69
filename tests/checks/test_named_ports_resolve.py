"""Port names that no pod has where they are looked up."""

import pytest

from tests.checks.objects import egress, ingress, pod, policy, service

CHECK = "named-ports-resolve"
HTTP = "[{name: http, containerPort: 8080}, {name: dns, protocol: UDP, containerPort: 53}]"
PODS = pod(ports=HTTP) + pod("b", "y", "{app: b}", "[{name: grpc, containerPort: 9000}]")
TO_B = "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}], ports: "


@pytest.mark.parametrize(
    ("spec", "words", "mend"),
    [
        (
            ingress("{ports: [{port: 8080}, {port: metrics}]}"),
            "and no pod that this policy selects has a port of that name, so it opens nothing. Theirs",
            "",
        ),
        (ingress("{ports: [{port: htp}]}"), "one letter off http", "port: http"),
        (ingress("{ports: [{port: dns}]}"), "They have it as UDP.", "protocol: UDP"),
        (egress(TO_B + "[{port: http}]}"), "no pod that it names as peer", ""),
        (egress("{ports: [{port: web}]}"), "Theirs are dns, grpc, http.", ""),
        (
            egress("{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: http}]}"),
            "An address has no names of ports: write the number.",
            "",
        ),
    ],
)
def test_a_name_that_nobody_has_fails(judged, mended, spec, words, mend):
    cluster = judged(PODS + policy(spec))
    (place,) = cluster.failed(CHECK)
    assert place.startswith("x/p ")
    assert place.endswith("ports[1]" if "metrics" in spec else "ports[0]")
    assert words in cluster.messages(CHECK)[place]
    remedy = cluster.remedies(CHECK)[place]
    assert mend in remedy
    assert bool(mend) == bool(remedy)
    if remedy:
        assert not mended(cluster, remedy).failed(CHECK)


@pytest.mark.parametrize(
    "spec",
    [
        ingress("{ports: [{port: http}]}"),
        ingress("{ports: [{port: dns, protocol: UDP}]}"),
        egress(TO_B + "[{port: grpc}]}"),
        egress("{ports: [{port: grpc}]}"),
    ],
)
def test_a_name_that_some_pod_has_passes(judged, spec):
    assert set(judged(PODS + policy(spec)).verdicts(CHECK).values()) == {"passed"}


def test_numbers_are_no_subject(judged):
    assert judged(PODS + policy(ingress("{ports: [{port: 80}]}"))).verdicts(CHECK) == {}


def test_pods_that_name_no_port(judged):
    cluster = judged(pod() + policy(ingress("{ports: [{port: http}]}")))
    assert cluster.messages(CHECK)["x/p ingress[0].ports[0]"].endswith("They name none: write the number.")


def test_the_name_of_a_service_port_is_told_there(judged):
    web = service(ports="[{name: web, port: 80, targetPort: 8080}]")
    cluster = judged(PODS + web + policy(ingress("{ports: [{port: web}]}")))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("rules-use-pod-ports-not-service-ports") == {"x/p ingress[0].ports[0]"}


@pytest.mark.parametrize(
    ("spec", "see"),
    [
        (ingress("{ports: [{port: web}]}", "{matchLabels: {app: z}}"), "policies-select-something"),
        (
            egress("{to: [{podSelector: {matchLabels: {app: z}}}], ports: [{port: w}]}"),
            "peers-match-something",
        ),
        ("{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: web}]}]}", "Not in effect"),
    ],
)
def test_without_pods_to_look_at_it_does_not_apply(judged, spec, see):
    (message,) = judged(PODS + policy(spec)).messages(CHECK).values()
    assert see in message


def test_without_pods_in_the_input_it_is_not_assessed(judged):
    assert judged(policy(ingress("{ports: [{port: web}]}"))).verdicts(CHECK) == {"": "not_assessed"}


SIP = pod(ports="[{containerPort: 5060, protocol: UDP}, {containerPort: 80}]")
BOTH = pod(ports="[{containerPort: 5060, protocol: UDP}, {containerPort: 5060}]")
TO_A = "{to: [{podSelector: {matchLabels: {app: a}}}], ports: "
UDP_SERVICE = service(ports="[{port: 5060, protocol: UDP}]")


@pytest.mark.parametrize(
    ("objects", "spec", "words"),
    [
        (SIP, ingress("{ports: [{port: 80}, {port: 5060}]}"), "and pods that this policy selects have that"),
        (
            SIP,
            egress(TO_A + "[{port: 80}, {port: 5060}]}"),
            "and pods that it names as peer have that number",
        ),
        (pod() + UDP_SERVICE, ingress("{ports: [{port: 80}, {port: 5060}]}"), "as UDP alone"),
        (BOTH, ingress("{ports: [{port: 5060}, {port: 5060}]}"), "TCP 5060 once more, and pods that this"),
    ],
)
def test_a_number_that_the_pods_have_for_another_protocol_fails(judged, mended, objects, spec, words):
    cluster = judged(objects + policy(spec))
    (place,) = cluster.failed(CHECK)
    assert place.endswith("ports[1]")
    assert words in cluster.messages(CHECK)[place]
    remedy = cluster.remedies(CHECK)[place]
    assert "- protocol: UDP\n      port: 5060\n" in remedy
    assert not mended(cluster, remedy).failed(CHECK)
    assert not cluster.failed("rules-use-pod-ports-not-service-ports")


@pytest.mark.parametrize(
    ("objects", "spec"),
    [
        # nobody has to declare a port
        (pod(ports="[{containerPort: 80}]"), ingress("{ports: [{port: 5060}]}")),
        (SIP, ingress("{ports: [{port: 80}, {port: 8080}]}")),
        (BOTH, ingress("{ports: [{port: 5060}]}")),
        (SIP + service(ports="[{port: 5060}]"), ingress("{ports: [{port: 5060}]}")),
        # whoever names both means both
        (SIP, ingress("{ports: [{port: 5060}, {port: 5060, protocol: UDP}]}")),
        (SIP, ingress("{ports: [{port: 5060}]}, {ports: [{port: 5000, endPort: 5100, protocol: UDP}]}")),
        (
            pod(ports="[{name: sip, containerPort: 5060, protocol: UDP}]"),
            ingress("{ports: [{port: 5060}, {port: sip, protocol: UDP}]}"),
        ),
        # of a range some port may be meant, and so may an address outside
        (SIP, ingress("{ports: [{port: 5000, endPort: 5100}]}")),
        (SIP, egress("{ports: [{port: 5060}]}")),
        (SIP, egress(TO_A.replace("}}}]", "}}}, {ipBlock: {cidr: 203.0.113.7/32}}]") + "[{port: 5060}]}")),
        # egress-allows-dns looks at that
        (pod(ports="[{containerPort: 53, protocol: UDP}]"), egress(TO_A + "[{port: 53}]}")),
        # other pods have it
        (SIP + pod("b", labels="{app: b}"), ingress("{ports: [{port: 5060}]}", "{matchLabels: {app: b}}")),
    ],
)
def test_other_numbers_are_no_subject(judged, objects, spec):
    assert "failed" not in judged(objects + policy(spec)).verdicts(CHECK).values()


def test_a_rule_of_another_policy_may_name_the_other_protocol(judged):
    udp = policy(ingress("{ports: [{port: 5060, protocol: UDP}]}"), "q")
    assert judged(SIP + udp + policy(ingress("{ports: [{port: 5060}]}"))).verdicts(CHECK) == {}
