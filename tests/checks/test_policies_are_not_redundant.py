"""Rules that others make redundant: the status of each is held to the oracle, and the words to cases."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given

from audit.checks import _redundant
from tests import manifests, strategies
from tests.answers import OracleAnswers
from tests.checks.conftest import Judged
from tests.checks.objects import egress, ingress, namespace, pod, policy
from tests.checks.test_runner import with_states
from tests.oracle_metrics import interesting_ports
from tests.oracle_redundancy import Redundancy
from tests.oracle_values import address
from tests.test_engine_equals_oracle import PATIENT, outside_addresses

CHECK = "policies-are-not-redundant"
PODS = (
    pod(labels="{app: a, tier: back}", ports="[{name: http, containerPort: 8080}]")
    + pod("b", labels="{app: b, tier: front}", ports="[{name: web, containerPort: 80}]")
    + pod("z", "y", "{app: b}")
)
OF_A = "{matchLabels: {app: a}}"
B, FRONT = "{podSelector: {matchLabels: {app: b}}}", "{podSelector: {matchLabels: {tier: front}}}"
OWN = "{podSelector: {}}"
Y = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}"


def rule(*peers, ports="", side="from"):
    return f"{{{side}: [{', '.join(peers)}]{f', ports: [{ports}]' if ports else ''}}}"


def rules(*each, selector="{}", name="p"):
    return policy(ingress(", ".join(each), selector), name)


def block(cidr, *excepts):
    return f"{{ipBlock: {{cidr: {cidr}, except: [{', '.join(excepts)}]}}}}"


@pytest.mark.parametrize(
    ("policies", "redundant", "by"),
    [
        pytest.param(
            rules(rule(B)) + rules(rule(B), name="q"),
            "x/q ingress[0]",
            "ingress[0] of NetworkPolicy p allows all that it does",
            id="of two equal ones that of the later policy",
        ),
        pytest.param(
            rules(rule(B), rule(Y), rule(B)),
            "x/p ingress[2]",
            "ingress[0] of the same policy allows all that it does",
            id="of two equal ones of a policy the later",
        ),
        pytest.param(rules(rule(B), rule(OWN)), "x/p ingress[0]", "ingress[1] of the", id="peers"),
        pytest.param(
            rules(rule(B, ports="{port: 8080}"), selector=OF_A) + rules(rule(B), name="q"),
            "x/p ingress[0]",
            "ingress[0] of NetworkPolicy q",
            id="pods and ports",
        ),
        pytest.param(
            rules(rule(B, ports="{port: 90}"), rule(B, ports="{port: 80, endPort: 90}")),
            "x/p ingress[0]",
            "",
            id="a range of ports",
        ),
        pytest.param(
            rules(rule(B, ports="{port: 80}"), rule(B, ports="{port: 81}"))
            + rules(rule(B, ports="{port: 80, endPort: 81}"), name="q"),
            "x/q ingress[0]",
            "ingress[0], ingress[1] of NetworkPolicy p allow together all that it does",
            id="two together",
        ),
        pytest.param(
            rules(*(rule(B, ports=f"{{port: {n}}}") for n in range(1, 6)))
            + rules(rule(B, ports="{port: 1, endPort: 5}"), name="q"),
            "x/q ingress[0]",
            "ingress[0], ingress[1], ingress[2] of NetworkPolicy p and 2 more rules allow together",
            id="many together",
        ),
        pytest.param(
            rules(rule(block("10.1.2.0/25")), rule(block("10.1.2.0/24"))),
            "x/p ingress[0]",
            "",
            id="addresses that no pod has",
        ),
        pytest.param(
            rules(rule(block("10.1.2.0/25")), rule(block("10.1.2.128/25")), rule(block("10.1.2.0/24"))),
            "x/p ingress[2]",
            "allow together",
            id="addresses together",
        ),
        pytest.param(
            rules(rule(B, ports="{port: http}"), rule(B, ports="{port: http}, {port: 81}"), selector=OF_A),
            "x/p ingress[0]",
            "",
            id="a name of a port",
        ),
        pytest.param(
            rules(rule(B, ports="{port: http}"), rule(B, ports="{protocol: TCP}"), selector=OF_A),
            "x/p ingress[0]",
            "",
            id="a name among all numbers",
        ),
        pytest.param(
            rules("{ports: [{port: 53}]}", rule(B, ports="{port: 53}, {port: 54}"))
            + rules(rule(OWN, ports="{port: 54}"), name="q"),
            "x/p ingress[1]",
            "ingress[0] of the same policy and ingress[0] of NetworkPolicy q allow together",
            id="DNS for everyone may be",
        ),
        pytest.param(
            policy(egress(f"{rule(B, side='to')}, {rule(OWN, side='to')}")), "x/p egress[0]", "", id="egress"
        ),
    ],
)
def test_what_others_allow_is_redundant(judged, mended, policies, redundant, by):
    cluster = judged(PODS + policies)
    assert cluster.failed(CHECK) == {redundant}
    message = cluster.messages(CHECK)[redundant]
    assert by in message
    assert message.endswith(
        "all that it does, so it limits nothing, and without it no connection would change."
    )
    assert set(cluster.rows(CHECK)["severity"]) == {"low"}
    remedy = cluster.remedies(CHECK)[redundant]
    assert "This closes nothing: other rules allow as much." in remedy.replace("\n# ", " ")
    assert not mended(cluster, remedy).failed(CHECK)


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param(rules(rule(B)) + policy("{podSelector: {}}", "deny"), id="a default deny has no rules"),
        pytest.param(rules(rule(B), selector=OF_A) + rules(rule(Y), name="q"), id="other peers"),
        pytest.param(rules(rule(B, ports="{port: 80}"), rule(B, ports="{port: 81}")), id="other ports"),
        pytest.param(
            rules(rule(B, ports="{port: 80}"), rule(B, ports="{port: 80, protocol: UDP}")), id="protocol"
        ),
        pytest.param(
            rules(rule(B))
            + rules(rule(B), name="q").replace("name: q, namespace: x", "name: q, namespace: y"),
            id="another namespace",
        ),
        pytest.param(rules(rule(B)) + policy(egress(rule(B, side="to")), "q"), id="another direction"),
        pytest.param(
            rules(rule(B), selector=OF_A) + rules(rule(OWN), selector="{matchLabels: {app: b}}", name="q"),
            id="other pods",
        ),
        pytest.param(
            rules(rule(block("10.1.2.0/24", "10.1.2.0/25")), rule(block("10.1.2.0/24", "10.1.2.128/25"))),
            id="what is excepted",
        ),
        pytest.param(rules(rule(block("10.1.2.0/24")), rule(block("fd00::/64"))), id="another family"),
        # names are looked up at the selected pods: b has no http, a no web
        pytest.param(rules(rule(B, ports="{port: http}"), rule(B, ports="{port: web}")), id="other names"),
    ],
)
def test_rules_that_allow_something_else_are_needed(judged, policies):
    cluster = judged(PODS + policies)
    assert set(cluster.verdicts(CHECK).values()) == {"passed"}
    assert set(cluster.messages(CHECK).values()) == {"Other rules do not allow all that it does."}


@pytest.mark.parametrize(
    "policies",
    [
        rules(rule(FRONT), rule(B)),
        rules(rule(B), selector="{matchLabels: {tier: back}}", name="o") + rules(rule(B), selector=OF_A),
        rules(rule(B, ports="{port: 8080}"), rule(B, ports="{port: http}"), selector=OF_A),
    ],
    ids=["peers", "pods", "names of ports"],
)
def test_what_hangs_on_the_labels_of_today_is_said_so(judged, mended, policies):
    cluster = judged(PODS + policies)
    (redundant,) = cluster.failed(CHECK)
    message = cluster.messages(CHECK)[redundant]
    assert "allows all that it does between the pods present, so" in message
    assert message.endswith("That hangs on the labels that they have.")
    remedy = cluster.remedies(CHECK)[redundant]
    assert "closes nothing between the pods present" in remedy.replace("\n# ", " ")
    assert not mended(cluster, remedy).failed(CHECK)


def test_what_is_so_for_good_goes_before_what_hangs_on_the_labels_of_today(judged):
    # the one pod of y is all that either policy can be for
    general = policy(ingress(rule(B)), "q", "y")
    of_app = policy(ingress(rule(B), "{matchLabels: {app: b}}"), "p", "y")
    cluster = judged(PODS + general + of_app)
    assert cluster.failed(CHECK) == {"y/p ingress[0]"}


def test_pods_are_not_covered_by_the_block_that_their_addresses_are_in(judged):
    addressed = PODS.replace("name: c,", "name: c,").replace(
        "spec: {", "status: {phase: Running, podIP: 10.1.2.3}, spec: {"
    )
    cluster = judged(addressed + rules(rule(B), rule(block("10.1.2.0/24"))))
    assert set(cluster.verdicts(CHECK).values()) == {"passed"}


@pytest.mark.parametrize(
    ("policies", "verdicts"),
    [
        (rules(rule(B), rule(B), selector="{matchLabels: {app: c}}"), "policies-select-something"),
        (rules(rule("{podSelector: {matchLabels: {app: c}}}")) * 1, "peers-match-something"),
        (rules(rule(B, ports="{port: metrics}")), "named-ports-resolve"),
        (rules(rule("{}")), "policies-are-well-formed"),
        (rules(rule(B, ports="{port: 80, protocol: tcp}")), "policies-are-well-formed"),
    ],
)
def test_what_is_nothing_now_is_of_other_checks(judged, policies, verdicts):
    again = policies.replace("name: p,", "name: q,")
    cluster = judged(PODS + policies + again)
    assert set(cluster.verdicts(CHECK).values()) == {"not_applicable"}
    assert all(message.endswith(f"see {verdicts}.") for message in cluster.messages(CHECK).values())


def test_a_peer_that_is_nobody_now_may_be_somebody(judged):
    c = "{podSelector: {matchLabels: {app: c}}}"
    cluster = judged(PODS + rules(rule(B, c), rule(B)))
    assert cluster.failed(CHECK) == {"x/p ingress[1]"}
    # whoever it will be, the other rule has it too
    cluster = judged(PODS + rules(rule(B, c), rule(OWN)))
    assert cluster.failed(CHECK) == {"x/p ingress[0]"}
    cluster = judged(PODS + rules(rule(B, c), rule(FRONT)))
    assert cluster.failed(CHECK) == {"x/p ingress[1]"}


def test_a_section_without_effect_is_not_compared(judged):
    written = f"{{podSelector: {{}}, policyTypes: [Egress], ingress: [{rule(B)}, {rule(B)}]}}"
    cluster = judged(PODS + policy(written))
    assert set(cluster.verdicts(CHECK).values()) == {"not_applicable"}


@pytest.mark.parametrize(
    ("broad", "owner"),
    [
        ("{}", "allow-all-does-not-undo-default-deny"),
        ("{ports: [{port: 8080}]}", "rules-name-their-peers"),
        (rule("{namespaceSelector: {}}"), "rules-name-their-peers"),
        (
            rule("{namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}"),
            "peers-do-not-trust-any-namespace",
        ),
        (rule(B, ports="{port: 80}, {protocol: TCP}"), "rules-name-their-ports"),
        (
            rule("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}", B),
            "peers-are-not-split",
        ),
    ],
)
def test_beside_what_is_too_broad_the_narrow_rule_is_what_will_be_left(judged, broad, owner):
    cluster = judged(PODS + rules(rule(B, ports="{port: 8080}"), broad))
    assert not cluster.failed(CHECK)
    assert cluster.verdicts(CHECK)["x/p ingress[0]"] == "not_applicable"
    assert cluster.messages(CHECK)["x/p ingress[0]"] == f"What allows as much is too broad: see {owner}."
    assert {subject.partition(" ")[0] for subject in cluster.failed(owner)} <= {"x", "x/p"} != set()


def test_beside_a_broad_block_the_narrow_one_is_what_will_be_left(judged):
    both = f"{rule(block('203.0.113.7/32'), side='to')}, {rule(block('0.0.0.0/0', '10.0.0.0/8'), side='to')}"
    cluster = judged(PODS + policy(egress(both)))
    assert not cluster.failed(CHECK)
    assert cluster.messages(CHECK)["x/p egress[0]"].endswith("see egress-cidrs-are-narrow.")


def test_each_policy_may_allow_dns(judged):
    dns = rule(Y, ports="{port: 53, protocol: UDP}, {port: 53}", side="to")
    cluster = judged(PODS + policy(egress(dns)) + policy(egress(dns, OF_A), "q"))
    assert set(cluster.verdicts(CHECK).values()) == {"passed"}
    assert cluster.messages(CHECK)["x/q egress[0]"].startswith("DNS alone")


def test_without_its_last_rule_a_policy_still_isolates(judged, mended):
    both = f"{{podSelector: {OF_A}, ingress: [{rule(B)}], egress: [{rule(B, side='to')}]}}"
    cluster = judged(PODS + rules(rule(B)) + policy(both, "q"))
    assert cluster.failed(CHECK) == {"x/q ingress[0]"}
    remedy = cluster.remedies(CHECK)["x/q ingress[0]"]
    (offered,) = manifests.parse(remedy)
    assert offered["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert offered["spec"]["ingress"] == []
    after = mended(cluster, remedy)
    columns = ["ingress_isolated", "egress_isolated"]
    assert after.facts.pods[columns].equals(cluster.facts.pods[columns])
    assert after.verdicts(CHECK) == {"x/p ingress[0]": "passed", "x/q egress[0]": "passed"}


def test_rules_of_one_policy_go_together(judged, mended):
    cluster = judged(PODS + rules(rule(B), rule(B), rule(Y), rule(Y)))
    remedies = {cluster.remedies(CHECK)[subject] for subject in cluster.failed(CHECK)}
    assert cluster.failed(CHECK) == {"x/p ingress[1]", "x/p ingress[3]"}
    (remedy,) = remedies
    assert remedy.startswith("# NetworkPolicy x/p without ingress[1], ingress[3].")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/p ingress[0]": "passed", "x/p ingress[1]": "passed"}


def test_of_too_many_rules_none_is_compared(judged, monkeypatch):
    monkeypatch.setattr(_redundant, "MOST", 7)
    cluster = judged(
        PODS + rules(rule(B), rule(B), rule(B)) + policy(ingress(f"{rule(B)}, {rule(B)}"), "q", "y")
    )
    assert cluster.failed(CHECK) == {"y/q ingress[1]"}
    assert cluster.verdicts(CHECK)["x/p ingress[2]"] == "not_assessed"
    reason = "3 rules hold for a pod that its policy selects: too many to compare."
    assert cluster.result(CHECK).reason == reason


def test_without_the_labels_of_namespaces_nothing_is_said_to_be_redundant(judged):
    cluster = judged(PODS + namespace("y", "{team: y}") + rules(rule(B), rule(B)))
    assert cluster.failed(CHECK) == {"x/p ingress[1]"}
    cluster.judge(with_states(cluster.snapshot, namespaces="forbidden"))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "passed", "x/p ingress[1]": "not_assessed"}


def changed(before, later):
    """What may connect in one of the clusters and not in the other."""
    ends = [*sorted(before.pods()), *outside_addresses(before)]
    asked = [
        (source, destination, *port)
        for source in ends
        for destination in ends
        if source != destination and not (address(source) and address(destination))
        for port in interesting_ports(before.cluster)
    ]
    return [each for each in asked if before.connected(*each) != later.connected(*each)]


@PATIENT
@given(strategies.clusters().map(strategies.in_one_namespace))
def test_redundant_is_what_the_oracle_finds_and_without_it_nothing_changes(objects):
    before = OracleAnswers(objects)
    if not before.pods():
        return
    right = Redundancy(before.cluster, [address(a) for a in outside_addresses(before)])
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "in").mkdir()
        manifests.write(objects, Path(scratch) / "in" / "cluster.json")
        cluster = Judged(Path(scratch) / "in")
        offers = {remedy for remedy in cluster.remedies(CHECK).values() if remedy}
        if offers:
            after = cluster.applied("---\n".join(offers), Path(scratch) / "mended")
            later = OracleAnswers(manifests.read(Path(scratch) / "mended"))
            assert not after.failed(CHECK)
            assert {pod: later.isolated(pod) for pod in before.pods()} == {
                pod: before.isolated(pod) for pod in before.pods()
            }
            assert not changed(before, later)
    statuses, messages, failed = cluster.verdicts(CHECK), cluster.messages(CHECK), cluster.failed(CHECK)
    kept = [r for r in right.rules if r.id not in failed and not right.idle(r)]
    for each in right.rules:
        redundant = right.covered(each, kept) and not right.idle(each)
        if messages[each.id].startswith("Other rules do not"):
            assert not redundant or right.idle_in_part(each), each.id
        elif statuses[each.id] == "failed" or "too broad" in messages[each.id]:
            assert redundant, each.id
        elif statuses[each.id] == "not_applicable":
            assert right.idle(each), each.id
