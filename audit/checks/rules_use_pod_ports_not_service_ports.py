"""Rules that name the port of a Service where the port of its pods is meant."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._corrections import Edit, Mend, corrections, port_object
from audit.checks._endpoints import Endpoints
from audit.checks._model import Status
from audit.checks._rules import NOT_IN_EFFECT, Row, RuleAt, has_ports, rules
from audit.checks._service_ports import Mistake, ServicePorts
from audit.checks._subjects import of_rows
from audit.facts import Facts
from audit.listing import listed
from audit.policy.addresses import Block
from audit.policy.model import Direction, NamedPort, Port
from audit.policy.words import port_words
from audit.severity import Severity

_MOST: Final = 3
"""Services that are named beside the first."""


@check(
    title="Rules name the ports of pods, not of Services",
    severity=Severity.HIGH,
    subject="policy rule",
    needs=("pods", "services", "networkpolicies"),
    also=("namespaces",),
    remediation=corrections,
)
def rules_use_pod_ports_not_service_ports(facts: Facts) -> pd.DataFrame:
    """A policy is applied at the pod, where a Service's own port does not exist.

    A Service may listen on port 80 and send on to port 8080 of its pods; a rule has to name 8080. One that
    names 80 opens nothing: where policies are enforced the connection fails, and where they are not nobody
    notices until they are. The same goes for addresses behind a Service without pods, as the API server's.
    """
    known = ServicePorts(facts)
    endpoints = Endpoints(facts)
    names = facts.snapshot["services"]
    services = (names["namespace"].astype("str") + "/" + names["name"]).tolist()
    rows: list[Row] = []
    for at in rules(facts, has_ports):
        if not at.in_effect:
            rows.append(at.row(Status.NOT_APPLICABLE, NOT_IN_EFFECT))
        else:
            found = [*_wrong(at, known, services), *_misled(at, endpoints, services)]
            rows += found or [at.row(Status.PASSED, "No port is a Service's alone.")]
    return of_rows(rows)


def _wrong(at: RuleAt, known: ServicePorts, services: Sequence[str]) -> Iterator[Row]:
    """A row for each entry that misses the pods' ports."""
    egress = at.direction is Direction.EGRESS
    if egress and at.rule.peers is None:
        return  # it is about whoever listens there, addresses outside too
    outside = egress and any(isinstance(peer, Block) for peer in at.rule.peers or ())
    for place, entry in enumerate(at.rule.ports or ()):
        missed = known.misses(at, entry)
        mistakes = [mistake for mistake in missed.mistakes if not _opened(at, mistake)]
        if not mistakes:
            continue
        mend = (
            None
            if missed.needed or not missed.targets
            else _mend(at, place, entry, missed.targets, keep=outside)
        )
        first, *others = (services[m.port.service] for m in mistakes[: _MOST + 1])
        more = f" and {len(mistakes) - _MOST - 1:,} more" if len(mistakes) > _MOST + 1 else ""
        also = f" (the same goes for {', '.join(others)}{more})" if others else ""
        advice = " Other pods listen on it: keep it, and add a rule for these." if missed.needed else ""
        if outside and not missed.needed:
            advice = " It stays for the addresses outside that the rule names too."
        message = (
            f"{at.called}: {port_words(entry)} is the port of Service {first}{also}, but its pods listen on "
            f"{_listens(mistakes[0])}, so the rule does not open what it means to.{advice}"
        )
        part = f"{at.place}.ports[{place}]"
        yield at.row(Status.FAILED, message, entry, rule=part, mend=mend)


def _misled(at: RuleAt, endpoints: Endpoints, services: Sequence[str]) -> Iterator[Row]:
    """A row for each entry that misses the port of addresses behind a Service without pods."""
    for place, entry in enumerate(at.rule.ports or ()):
        behind = endpoints.missed(at, entry)
        if behind is None:
            continue
        others = not all(isinstance(peer, Block) and behind.holds(peer) for peer in at.rule.peers or ())
        addresses = listed([*map(str, behind.addresses)], _MOST)
        message = (
            f"{at.called}: {port_words(entry)} is the port of Service {services[behind.port.service]}, but "
            f"its endpoints ({addresses}) listen on {behind.number}, so the rule does not open what it means "
            f"to.{' It stays for the other peers.' * others}"
        )
        closes = "" if others else f"This closes {port_words(entry)} for {at.place}."
        mend = _mend(at, place, entry, (behind.number,), keep=others)._replace(closes=closes)
        yield at.row(Status.FAILED, message, entry, rule=f"{at.place}.ports[{place}]", mend=mend)


def _opened(at: RuleAt, mistake: Mistake) -> bool:
    """Whether another entry of the rule opens what the pods listen on."""
    return bool(mistake.numbers) and any(
        port.name == mistake.port.target
        if isinstance(port, NamedPort)
        else all(port.first <= number <= port.last for number in mistake.numbers)
        for port in at.rule.ports or ()
        if port.protocol == mistake.port.protocol
    )


def _listens(mistake: Mistake) -> str:
    numbers = ", ".join(map(str, mistake.numbers))
    if mistake.port.target_number is not None:
        return numbers
    return f"port {mistake.port.target} ({numbers or 'a name that they do not declare'})"


def _mend(at: RuleAt, place: int, entry: Port, targets: Sequence[int | str], *, keep: bool) -> Mend:
    """The pods' own ports in the entry's place, or beside it."""
    own = (port_object(entry),) if keep else ()
    named = tuple({"protocol": entry.protocol, "port": target} for target in targets)
    closes = "" if keep else f"This closes {port_words(entry)} there, which is the Service's port."
    return Mend(at.at.number, (Edit((*at.path, "ports", place), (*own, *named)),), closes)
