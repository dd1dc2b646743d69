"""Workloads whose egress rules let something out, and forget DNS."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from audit.checks import _dns, check
from audit.checks._controls import EFFECTIVE
from audit.checks._corrections import Edit, corrected_rows
from audit.checks._dns import Dns
from audit.checks._egress import allowed_to, members
from audit.checks._isolation import told, who, workloads
from audit.checks._missed_dns import MissedDns
from audit.checks._model import Status
from audit.checks._rules import every
from audit.facts import Facts
from audit.policy.addresses import BITS, Block
from audit.policy.engine import Profile
from audit.policy.model import Direction, Rule
from audit.policy.ports import Connections
from audit.severity import Severity

_NOTHING_OUT: Final = "Nothing at all is allowed out."
_NOT_ISOLATED: Final = "Not isolated for egress, so that DNS is open."
_HOST_ONLY: Final = "All its pods run in their node's network, and no policy holds for them."
_OPEN: Final = "DNS is open over UDP and TCP."
_UNSEEN: Final = "Its rules open the port of DNS; the servers are not in what was read."
_ITSELF: Final = "It answers DNS itself."


Asked: TypeAlias = dict[int, frozenset[str]]
"""For each egress profile the protocols over which it may ask."""


class _Servers(NamedTuple):
    """Who answers, and how the others may ask."""

    dns: Dns
    seen: bool
    asked: Asked
    itself: frozenset[tuple[str, str]]
    """The workloads of the servers, by namespace and `Kind/name`."""

    def lacking(self, profile: int) -> list[str]:
        """The protocols over which a profile may not ask."""
        open_over = self.asked.get(profile, frozenset())
        return [protocol for protocol, _ in self.dns.ports if protocol not in open_over]


def _opened(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each workload a policy that lets it out, with one rule more: that for DNS."""
    numbers: list[tuple[int, ...]] = failed["mend"].tolist()
    rule = _dns.find(facts).rule_to()
    policies = facts.cluster.policies
    edits = {
        number: (
            "with one rule more, that for DNS; it closes nothing.",
            [Edit(("spec", "egress", len(policies[number].egress)), (rule,))],
        )
        for mine in numbers
        for number in mine
    }
    return corrected_rows(facts, edits, numbers)


@check(
    title="Egress rules leave DNS open",
    severity=Severity.MEDIUM,
    subject="workload",
    needs=("pods", "services", "networkpolicies"),
    verdict=True,
    remediation=_opened,
    controls=EFFECTIVE,
)
def egress_allows_dns(facts: Facts) -> pd.DataFrame:
    """Whoever may connect to something by its name has to ask DNS first.

    Where that is forgotten connections fail as if anything else were wrong. DNS is asked at the pods behind
    its Service and at their own port, over UDP and, where an answer is long, over TCP.
    """
    rows = workloads(facts)
    who_is_who = members(facts)
    servers = _servers(facts)
    profiles, _ = facts.cluster.engine.profiles(Direction.EGRESS)
    lets_out = np.array([bool(_with_rules(facts, each)) for each in profiles], np.bool_)
    lacking = [servers.lacking(number) if lets_out[number] else [] for number in range(len(profiles))]
    closed = np.array([bool(protocols) for protocols in lacking], np.bool_)
    keys = zip(rows["namespace"].astype("str").tolist(), rows["workload"].astype("str").tolist(), strict=True)
    governed = rows["pods"] - rows["host_network_pods"]
    conditions = [
        (governed == 0).to_numpy(),
        np.array([key in servers.itself for key in keys], np.bool_),
        who_is_who.any(closed),
        (rows["pods_egress_isolated"] == 0).to_numpy(),
        ~who_is_who.any(lets_out),
    ]
    none = Status.NOT_APPLICABLE.value
    status = np.select(conditions, [none, none, Status.FAILED.value, none, none], Status.PASSED.value)
    texts = [_HOST_ONLY, _ITSELF, "", _NOT_ISOLATED, _NOTHING_OUT]
    message = np.select(conditions, texts, _OPEN if servers.seen else _UNSEEN).astype(object)
    severity, mend = np.zeros(len(rows), np.int64), np.full(len(rows), None, dtype=object)
    failed = np.flatnonzero(status == Status.FAILED.value)
    missed = MissedDns(facts, servers.dns)
    owners = {n: missed.owner(profiles[n], lacking[n]) for n in np.flatnonzero(closed).tolist()}
    for place, called in zip(failed.tolist(), who(facts, rows.iloc[failed]), strict=True):
        mine = [number for number in who_is_who.profiles(place) if closed[number]]
        if all(owners[number] for number in mine):
            told_by = dict.fromkeys(owners[number] for number in mine)
            status[place], message[place] = none, f"See {' and '.join(told_by)}."
            continue
        missing = list(dict.fromkeys(protocol for number in mine for protocol in lacking[number]))
        message[place] = _sentence(called, missing, servers.dns)
        severity[place] = int(Severity.MEDIUM if "UDP" in missing else Severity.LOW)
        mend[place] = tuple(sorted({_with_rules(facts, profiles[number])[0] for number in mine}))
    return told(rows, status, message, severity=severity, mend=mend)


def _servers(facts: Facts) -> _Servers:
    dns = _dns.find(facts)
    pods = np.array(dns.pods, np.int64)
    pods = pods[~facts.cluster.pods["host_network"].to_numpy()[pods]]
    if not len(pods):
        return _Servers(dns, seen=False, asked=_by_port(facts, every), itself=frozenset())
    asked = _over(allowed_to(facts, facts.cluster.identity_of_pod[pods]), dict(dns.ports))
    if not facts.cluster.addresses["pod"].isin(pods).any():
        # templates: an ipBlock may hold the addresses that the servers are to have
        asked = _together(asked, _by_port(facts, _names_ranges))
    if dns.cached:
        cache = facts.cluster.engine.ends.outside([_dns.NODE_LOCAL])
        cached = _over(allowed_to(facts, cache), dict.fromkeys(_dns.PROTOCOLS, _dns.PORT))
        asked = _together(asked, cached)
    names = facts.pods.iloc[pods][["namespace", "workload"]].astype("str")
    return _Servers(dns, seen=True, asked=asked, itself=frozenset(names.itertuples(index=False, name=None)))


def _over(allowed: dict[int, Connections], ports: dict[str, int]) -> Asked:
    """The protocols whose port is open to each profile."""
    return {
        profile: frozenset(protocol for protocol, number in ports.items() if found.holds(protocol, number))
        for profile, found in allowed.items()
    }


def _names_ranges(rule: Rule) -> bool:
    """Whether it has a block of more than one address."""
    return any(isinstance(peer, Block) and peer.prefix < BITS[peer.family] for peer in rule.peers or ())


def _together(one: Asked, other: Asked) -> Asked:
    return {n: one.get(n, frozenset()) | other.get(n, frozenset()) for n in {*one, *other}}


def _by_port(facts: Facts, counts: Callable[[Rule], bool]) -> Asked:
    """The same where servers are not seen: some rule that counts opens a port on which they listen."""
    engine = facts.cluster.engine
    profiles, _ = engine.profiles(Direction.EGRESS)
    of_policy: dict[int, frozenset[str]] = {}
    for number, policy in enumerate(engine.policies):
        rules = filter(counts, policy.rules(Direction.EGRESS) or ())
        each = [engine.ends.connections(rule.ports, -1) for rule in rules]
        of_policy[number] = frozenset(
            protocol
            for protocol in _dns.PROTOCOLS
            for port in _dns.PORTS
            if any(c.holds(protocol, port) for c in each)
        )
    return {
        place: frozenset().union(*(of_policy[number] for number in profile.policies))
        for place, profile in enumerate(profiles)
    }


def _with_rules(facts: Facts, profile: Profile) -> list[int]:
    """The policies of a profile that let anything out, by number."""
    return [number for number in profile.policies if facts.cluster.policies[number].egress]


def _sentence(who: str, missing: Sequence[str], dns: Dns) -> str:
    listen = " and ".join(f"{protocol} {number}" for protocol, number in dns.ports)
    servers = (
        f"The pods of Service {dns.service} listen on {listen}"
        if dns.service
        else f"Servers listen on {listen}"
    )
    why = (
        "names cannot be looked up, and connections fail that its rules allow"
        if "UDP" in missing
        else "answers that are too long for UDP are lost"
    )
    return (
        f"{who}: it may connect to others, but DNS is closed for {' and '.join(missing)}: {why}. {servers}."
    )
