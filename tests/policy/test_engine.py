"""Tiers beyond those of networking.k8s.io/v1, which is held to the oracle elsewhere."""

from collections.abc import Iterator

import numpy as np
import pytest

from audit.frames import ADDRESSES, LABELS, PORTS
from audit.policy.addresses import Cells
from audit.policy.ends import Among, Ends
from audit.policy.engine import Action, Cause, Engine, Profile, Step
from audit.policy.identities import Pods, identify
from audit.policy.model import EVERYTHING, Direction, Operator, PodPeer, PortSpan, Requirement, Selector
from audit.policy.parse import parse

APPS = ("web", "api", "db")
"""One pod each, in one namespace, in this order."""
FAMILY = 4


def app(name):
    return Selector((Requirement("app", Operator.IN, (name,)),))


def ends(policies):
    labels = LABELS.frame({"set": [1, 2, 3], "key": ["app"] * 3, "value": APPS})
    pods = Pods(
        namespace=np.zeros(3, np.int64),
        labels=np.array([1, 2, 3]),
        ports=np.zeros(3, np.int64),
        host_network=np.zeros(3, np.bool_),
        addresses=ADDRESSES.empty(),
        label_sets=labels,
        port_sets=PORTS.empty(),
    )
    cells = Cells([])
    namespace = LABELS.frame({"set": [0], "key": ["kubernetes.io/metadata.name"], "value": ["shop"]})
    return Ends(pods, identify(pods, policies, cells, 1), cells, namespace)


def policy(**spec):
    return parse({"metadata": {"name": "p", "namespace": "shop"}, "spec": spec})


MENTION = policy(
    podSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": [*APPS, "nobody"]}]},
    policyTypes=["Egress"],
    egress=[{}],
)


class Tiered(Engine):
    """An engine with a tier before and a tier after that of networking.k8s.io/v1."""

    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()

    def tiers(self, direction: Direction, profile: Profile) -> Iterator[list[Step]]:
        yield list(self.before)
        yield from super().tiers(direction, profile)
        yield list(self.after)


def step(action, peer=None, *ports):
    return Step(action, Cause(0, 0), 0, peer, tuple(ports) or None)


def ingress_of_db(policies, before=(), after=()):
    """What db lets in from web, api and itself."""
    engine = Tiered([MENTION, *policies], np.zeros(1 + len(policies), np.int64), ends([MENTION, *policies]))
    engine.before, engine.after = tuple(before), tuple(after)
    profiles, of_end = engine.profiles(Direction.INGRESS)
    identity = engine.ends.identities.of_pod
    numbers = engine.verdicts(
        Direction.INGRESS, profiles[of_end[identity[2]]], FAMILY, Among(engine.ends, np.arange(3))
    )
    return [str(engine.sets[int(numbers[identity[pod]])]) for pod in range(3)]


DENY_ALL = policy(podSelector={}, policyTypes=["Ingress"])
API_ONLY = policy(podSelector={}, ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "api"}}}]}])
FROM_WEB = PodPeer(app("web"), EVERYTHING)


@pytest.mark.parametrize(
    ("policies", "before", "after", "right"),
    [
        ([], [], [], ["All", "All", "All"]),
        ([DENY_ALL], [], [], ["", "", ""]),
        ([API_ONLY, DENY_ALL], [], [], ["", "All", ""]),
        # the first match decides, whatever comes after it
        ([], [step(Action.DENY, FROM_WEB)], [], ["", "All", "All"]),
        ([DENY_ALL], [step(Action.ACCEPT, FROM_WEB)], [], ["All", "", ""]),
        (
            [],
            [step(Action.ACCEPT, FROM_WEB, PortSpan("TCP", 80, 80)), step(Action.DENY, FROM_WEB)],
            [],
            ["TCP 80", "All", "All"],
        ),
        # pass skips the rest of its tier, then NetworkPolicy decides
        ([API_ONLY], [step(Action.PASS, FROM_WEB), step(Action.DENY)], [], ["", "", ""]),
        ([], [step(Action.PASS, FROM_WEB), step(Action.DENY)], [], ["All", "", ""]),
        # the tier after is asked only where no NetworkPolicy isolates
        ([], [], [step(Action.DENY, FROM_WEB)], ["", "All", "All"]),
        ([API_ONLY], [], [step(Action.ACCEPT)], ["", "All", ""]),
        ([], [], [step(Action.PASS), step(Action.DENY)], ["All", "All", "All"]),
    ],
)
def test_tiers(policies, before, after, right):
    assert ingress_of_db(policies, before, after) == right
