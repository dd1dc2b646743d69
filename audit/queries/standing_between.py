"""What stands between an address outside and a pod, beside policies; and whether policies hold there."""

from typing import Final, NamedTuple

import numpy as np

from audit.enforcement import Answer
from audit.exposure.ways import Way
from audit.facts import Facts
from audit.policy.addresses import Address, parse_cidr
from audit.policy.ports import Connections

_ANSWERS: Final = {
    Answer.ENFORCED: "policies are enforced",
    Answer.NOT_ENFORCED: "policies are not enforced",
    Answer.CANNOT_TELL: "whether policies are enforced cannot be told",
}


class Access(NamedTuple):
    """A way in from outside to a pod."""

    way: str
    """What it is called: `LoadBalancer Service shop/web`."""
    connections: str
    """Where it leads, as `TCP 8080`."""
    verdict: str
    """What is between: a sentence without its subject."""


def ways_in(facts: Facts, source: Address, pod: int, allowed: Connections) -> tuple[Access, ...]:
    """The ways from an address outside to a pod; `allowed` is what policies let in from there."""
    return tuple(
        Access(way.called, f"{way.protocol} {way.port}", _verdict(facts, way, source, allowed))
        for way in facts.ways
        if (way.pods == pod).any()
    )


def _verdict(facts: Facts, way: Way, source: Address, allowed: Connections) -> str:
    if not _lets(way, source):
        return f"does not let {source} in: only {', '.join(way.sources)}"
    if way.through is not None:
        rows = facts.pods.iloc[np.unique(way.through)][["namespace", "workload"]].astype("str")
        names = sorted(set(rows.agg("/".join, axis=1)))
        return f"sends on through {' and '.join(names)}: ask from there"
    if way.by_a_controller:
        return "sends on through pods that are not known: ask from these"
    if way.internal:
        return "begins in the cloud's own network, not outside"
    let = "let it in" if allowed.holds(way.protocol, way.port) else "keep it out"
    return f"leads to it, and policies {let}"


def _lets(way: Way, source: Address) -> bool:
    """Whether the address is among the sources of a way."""
    ranges = [found[0] for text in way.sources if (found := parse_cidr(text)) is not None]
    return not way.sources or any(
        r.family == source.family and r.first <= source.value <= r.last for r in ranges
    )


def enforced(facts: Facts, pod: int) -> str:
    """Whether policies hold for a pod, by its node's pool, as a sentence without its end."""
    node = str(facts.cluster.pods["node"].iloc[pod])
    pool = next((pool for pool in facts.pools if pool.nodes is not None and node in pool.nodes), None)
    if pool is None and len(facts.pools) == 1:
        pool = facts.pools[0]
    if pool is None:
        return "its node is not known, so whether policies hold there cannot be told"
    verdict = pool.verdict
    once = not verdict.applied and verdict.answer is not Answer.CANNOT_TELL
    told = f"{'once the manifests are applied, ' * once}{_ANSWERS[verdict.answer]}"
    return f"{told}{f' ({verdict.called})' * bool(verdict.called)}. {verdict.reason}".removesuffix(".")
