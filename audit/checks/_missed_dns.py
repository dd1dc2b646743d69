"""Rules that mean the cluster's DNS and miss it, for a cause that another check tells."""

from collections.abc import Sequence
from functools import cached_property

from audit.checks import _dns
from audit.checks._addresses import ClusterIps
from audit.checks._dns import Dns
from audit.checks._likeness import Objects
from audit.checks._nobody import Nobodies
from audit.exposure.default_deny import is_whole
from audit.facts import Facts
from audit.policy.addresses import Block
from audit.policy.engine import Profile
from audit.policy.model import Direction, PodPeer, Port, PortSpan, Rule


class MissedDns:
    """Those of one cluster."""

    def __init__(self, facts: Facts, dns: Dns) -> None:
        """Nothing is worked out before it is asked for."""
        self._facts = facts
        self._dns = dns

    def owner(self, profile: Profile, missing: Sequence[str]) -> str:
        """The check that tells why pods of an egress profile may not ask over these protocols; or none."""
        for number in profile.policies:
            home = int(self._facts.cluster.namespace_of_policy[number])
            for rule in self._facts.cluster.policies[number].rules(Direction.EGRESS) or ():
                asked = {entry.protocol for entry in rule.ports or () if _asks(entry)}
                if asked >= set(missing) and (owner := self._owner(rule, home)):
                    return owner
        return ""

    def _owner(self, rule: Rule, home: int) -> str:
        peers = rule.peers or ()
        if any(self._is_service(peer) for peer in peers if isinstance(peer, Block)):
            return "ip-blocks-are-not-cluster-ips"
        pods = [peer for peer in peers if isinstance(peer, PodPeer)]
        ends = self._facts.cluster.engine.ends
        dead = len(pods) == len(peers) and not any(len(ends.members(peer, home).ends) for peer in pods)
        if dead and any(self._nobodies.why(peer, home).severity is not None for peer in pods):
            return "peers-match-something"
        return ""

    def _is_service(self, block: Block) -> bool:
        """Whether it is the ClusterIP of the Service in front of the servers."""
        row = self._cluster_ips.service(block)
        if row is None or self._cluster_ips.mistake(block) is None:
            return False
        service = self._facts.snapshot["services"].iloc[row]
        return f"{service['namespace']}/{service['name']}" == self._dns.service

    @cached_property
    def _cluster_ips(self) -> ClusterIps:
        return ClusterIps(self._facts)

    @cached_property
    def _nobodies(self) -> Nobodies:
        return Nobodies(self._facts, Objects(self._facts))


def _asks(entry: Port) -> bool:
    """Whether it names the port of DNS, and not just any port."""
    if isinstance(entry, PortSpan):
        return not is_whole(entry) and entry.first <= _dns.PORT <= entry.last
    return entry.name in _dns.NAMES
