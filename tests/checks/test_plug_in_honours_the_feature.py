import pytest

from tests.checks.objects import egress, ingress, pod, policy
from tests.enforcement.objects import CALICO, NPC, WEAVE, config_map, container, daemon_set, node, text

CHECK = "plug-in-honours-the-feature"
RANGE = "{ports: [{port: 8000, endPort: 8100}]}"
SCTP = "{ports: [{port: 3868, protocol: SCTP}]}"
PLAIN = "{ports: [{port: 80}, {protocol: UDP}]}"
POD = pod(more="}, status: {podIP: 10.0.0.7")


def block(cidr):
    return policy(egress(f"{{to: [{{ipBlock: {{cidr: {cidr}}}}}]}}"))


def cilium(version):
    agent = daemon_set("cilium", container("cilium-agent", f"quay.io/cilium/cilium:{version}"), ready=1)
    return text(node(), agent, config_map("cilium-config", {"enable-policy": "default"}))


WEAVE_NET = text(node(), daemon_set("weave-net", WEAVE, NPC, ready=1))
PLAIN_CALICO = text(node(), daemon_set("calico-node", CALICO, ready=1))


@pytest.mark.parametrize(
    ("plug_in", "rules", "verdicts"),
    [
        (cilium("v1.14.2"), policy(ingress(RANGE)), {"x/p ingress[0]": "failed"}),
        (cilium("v1.16.0"), policy(ingress(RANGE)), {"x/p ingress[0]": "passed"}),
        (cilium("v1.16.0"), policy(ingress(SCTP)), {"x/p ingress[0]": "failed"}),
        (WEAVE_NET, policy(ingress(RANGE)), {"x/p ingress[0]": "failed"}),
        (PLAIN_CALICO, policy(ingress(SCTP)), {"x/p ingress[0]": "passed"}),
        (WEAVE_NET, policy(ingress(PLAIN)), {}),
        (cilium("v1.18.0"), block("10.0.0.0/24"), {"x/p egress[0]": "failed"}),
        (cilium("v1.18.0"), block("192.0.2.0/24"), {}),
        (cilium("v1.18.0"), block("0.0.0.0/0"), {}),
        (PLAIN_CALICO, block("10.0.0.0/24"), {"x/p egress[0]": "passed"}),
    ],
)
def test_what_a_plug_in_drops(judged, plug_in, rules, verdicts):
    assert judged(POD + rules + plug_in).verdicts(CHECK) == verdicts


def test_the_finding_says_what_becomes_of_the_rule(judged):
    cluster = judged(POD + policy(ingress(RANGE)) + cilium("v1.14.2"))
    assert cluster.messages(CHECK)["x/p ingress[0]"] == (
        "NetworkPolicy x/p, ingress[0]: Cilium v1.14.2 drops endPort. Of a range of ports only the first is "
        "open."
    )


def test_a_section_without_effect(judged):
    spec = f"{{podSelector: {{}}, policyTypes: [Egress], ingress: [{RANGE}]}}"
    assert judged(POD + policy(spec) + WEAVE_NET).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
