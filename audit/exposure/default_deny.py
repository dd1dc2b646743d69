"""Default deny of a namespace, the best kind that holds, and whether a rule undoes it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from audit.exposure.cluster import Cluster
from audit.exposure.reach import MOST_SELECTORS
from audit.policy.identities import Ints
from audit.policy.model import Direction, Policy, PortSpan, Rule
from audit.policy.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from audit.policy.selectors import covers

STRICT: Final = "strict"
EVERY_POD: Final = "every_pod"
CURRENT_PODS: Final = "current_pods"
NOT_DENIED: Final = "none"
NO_PODS: Final = "no_pods"


class DefaultDeny(NamedTuple):
    """Of one namespace and direction; `kind` is a word of the column `default_deny_...`."""

    kind: str
    nullified: bool


def default_deny(cluster: Cluster, direction: Direction, pods: Ints, isolated: Ints) -> list[DefaultDeny]:
    """For each namespace, given how many pods policies can govern there and how many are isolated."""
    applying: list[list[Policy]] = [[] for _ in cluster.namespaces]
    for number, policy in zip(cluster.namespace_of_policy.tolist(), cluster.policies, strict=True):
        if direction in policy.types:
            applying[number].append(policy)
    return [
        DefaultDeny(
            _kind(policies, direction, int(pods[number]), int(isolated[number])),
            any(policy.selector.empty and undoing_rule(policy, direction) is not None for policy in policies),
        )
        for number, policies in enumerate(applying)
    ]


def undoing_rule(policy: Policy, direction: Direction) -> int | None:
    """The index of the first rule that has effect, has no peers and allows every port; or None."""
    rules = policy.rules(direction) or ()
    return next((i for i, rule in enumerate(rules) if rule.peers is None and allows_every_port(rule)), None)


def allows_every_port(rule: Rule) -> bool:
    """Whether its ports are absent, or its entries without a port name all protocols."""
    if rule.ports is None:
        return True
    whole = {p.protocol for p in rule.ports if isinstance(p, PortSpan) and is_whole(p)}
    return whole == set(PROTOCOLS)


def is_whole(span: PortSpan) -> bool:
    """Whether it is every port of its protocol."""
    return (span.first, span.last) == (FIRST_PORT, LAST_PORT)


def _kind(policies: Sequence[Policy], direction: Direction, pods: int, isolated: int) -> str:
    everyone = [policy for policy in policies if policy.selector.empty]
    if any(not policy.written(direction) for policy in everyone):
        return STRICT
    selectors = {policy.selector for policy in policies}
    # exact for a bounded number of selectors, as the search doubles with each of them
    if everyone or (len(selectors) <= MOST_SELECTORS and covers(list(selectors))):
        return EVERY_POD
    if not pods:
        return NO_PODS
    return CURRENT_PODS if pods == isolated else NOT_DENIED
