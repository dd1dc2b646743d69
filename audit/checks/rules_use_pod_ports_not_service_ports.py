"""Rules that name the port of a Service where the port of its pods is meant."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pandas as pd

from audit import language
from audit.checks import check
from audit.checks._controls import EFFECTIVE
from audit.checks._corrections import Edit, Mend, corrections, port_object
from audit.checks._endpoints import Endpoints
from audit.checks._model import Status
from audit.checks._rules import NOT_IN_EFFECT, Row, RuleAt, has_ports, rules
from audit.checks._service_ports import Misses, Mistake, ServicePorts
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
    controls=EFFECTIVE,
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
            rows += found or [_passed(at, endpoints)]
    return of_rows(rows)


class _Miss(NamedTuple):
    """An entry that misses the pods' ports."""

    place: int
    entry: Port
    mistakes: list[Mistake]
    missed: Misses

    @property
    def cause(self) -> tuple[object, ...]:
        """Equal for entries that are one mistake: of the same Services, and mended in the same way."""
        of = tuple(sorted({mistake.port.service for mistake in self.mistakes}))
        return of, self.missed.needed, bool(self.missed.targets)


def _wrong(at: RuleAt, known: ServicePorts, services: Sequence[str]) -> Iterator[Row]:
    """A row for the entries that miss the ports of the same pods."""
    egress = at.direction is Direction.EGRESS
    if egress and at.rule.peers is None:
        return  # it is about whoever listens there, addresses outside too
    found: dict[tuple[object, ...], list[_Miss]] = {}
    for place, entry in enumerate(at.rule.ports or ()):
        missed = known.misses(at, entry)
        if mistakes := [mistake for mistake in missed.mistakes if not _opened(at, mistake)]:
            miss = _Miss(place, entry, mistakes, missed)
            found.setdefault(miss.cause, []).append(miss)
    outside = egress and any(isinstance(peer, Block) for peer in at.rule.peers or ())
    for misses in found.values():
        yield _row(at, misses, services, outside=outside)


def _row(at: RuleAt, misses: Sequence[_Miss], services: Sequence[str], *, outside: bool) -> Row:
    of_first = misses[0]
    first, *others = dict.fromkeys(services[m.port.service] for m in of_first.mistakes)
    more = f" and {language.number(len(others) - _MOST)} more" if len(others) > _MOST else ""
    also = f" (the same goes for {', '.join(others[:_MOST])}{more})" if others else ""
    needed = of_first.missed.needed
    single = len(misses) == 1
    it = "it" if single else "them"
    advice = f" Other pods listen on {it}: keep {it}, and add a rule for these." if needed else ""
    if outside and not needed:
        stays = "It stays" if single else "They stay"
        advice = f" {stays} for the addresses outside that the rule names too."
    named = " and ".join(port_words(miss.entry) for miss in misses)
    listens = " and ".join(dict.fromkeys(_listens(miss.mistakes[0]) for miss in misses))
    message = (
        f"{at.called}: {named} {'is the port' if single else 'are ports'} of Service {first}{also}, but its "
        f"pods listen on {listens}, so the rule does not open what it means to.{advice}"
    )
    entries = of_first.entry if single else tuple(miss.entry for miss in misses)
    mend = None
    if of_first.missed.targets and not needed:
        mends = [_mend(at, m.place, m.entry, m.missed.targets, keep=outside) for m in misses]
        edits = tuple(edit for each in mends for edit in each.edits)
        mend = Mend(at.at.number, edits, " ".join(filter(None, (each.closes for each in mends))))
    return at.row(Status.FAILED, message, entries, rule=f"{at.place}.ports[{of_first.place}]", mend=mend)


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


def _passed(at: RuleAt, endpoints: Endpoints) -> Row:
    """The row of a rule without a mistake, with a note where it may be less than it seems."""
    for entry in at.rule.ports or ():
        if behind := endpoints.out_of_reach(at, entry):
            note = (
                f"{port_words(entry)} does not lead to the API server, whose endpoints "
                f"({listed([*map(str, behind.addresses)], _MOST)}) listen on {behind.number}."
            )
            return at.row(Status.PASSED, note)
    return at.row(Status.PASSED, "No port is a Service's alone.", note=False)


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
