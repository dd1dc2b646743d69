"""Rules with an ipBlock that is a Service's ClusterIP."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._addresses import ClusterIps
from audit.checks._controls import EFFECTIVE
from audit.checks._corrections import Edit, Mend, corrections, port_object
from audit.checks._endpoints import Behind, Endpoints
from audit.checks._model import Status
from audit.checks._rules import NOT_IN_EFFECT, Row, RuleAt, has_blocks, rules
from audit.checks._subjects import of_rows
from audit.facts import Facts
from audit.frames import NO_SET
from audit.frames.labels import label_texts
from audit.policy.addresses import BITS, Block
from audit.policy.model import Direction
from audit.policy.selectors import NAME_LABEL
from audit.severity import Severity

_MOST: Final = 8
"""Endpoints that may stand in the place of a ClusterIP."""


@check(
    title="ipBlocks are not ClusterIPs",
    severity=Severity.HIGH,
    subject="policy rule",
    needs=("networkpolicies", "services"),
    also=("servicecidrs",),
    remediation=corrections,
    controls=EFFECTIVE,
)
def ip_blocks_are_not_cluster_ips(facts: Facts) -> pd.DataFrame:
    """A ClusterIP in an ipBlock opens nothing: no pod has that address.

    A connection to a Service is sent on to one of its pods before most plug-ins compare addresses, and what
    they compare is the pod's. So the rule does not do what it says, and what was meant to be open is closed.
    The pods behind the Service are what the rule has to name, by their labels, at their own port.
    """
    known = ClusterIps(facts)
    endpoints = Endpoints(facts)
    return of_rows([row for at in rules(facts, has_blocks) for row in _rows(facts, at, known, endpoints)])


def _rows(facts: Facts, at: RuleAt, known: ClusterIps, endpoints: Endpoints) -> Iterator[Row]:
    blocks = [(place, peer) for place, peer in enumerate(at.rule.peers or ()) if isinstance(peer, Block)]
    if not at.in_effect:
        yield at.row(Status.NOT_APPLICABLE, NOT_IN_EFFECT)
        return
    found = [(place, block, mistake) for place, block in blocks if (mistake := known.mistake(block))]
    for place, block, mistake in found:
        service = known.service(block)
        mend = None if service is None else _mend(facts, at, place, service, endpoints.of(service))
        advice = "" if mend else " Name the pods or the addresses behind it."
        message = (
            f"{at.called}: the ipBlock {block.text} {mistake}. No pod has this address, so the rule opens "
            f"nothing there.{advice}"
        )
        yield at.row(Status.FAILED, message, block.text, rule=at.peer(place), mend=mend)
    if not found:
        notes = [note for _, block in blocks if (note := known.note(block))]
        told = " ".join(notes) or "No ClusterIP is meant."
        yield at.row(Status.PASSED, told, note=bool(notes))


def _mend(facts: Facts, at: RuleAt, place: int, service: int, behind: Sequence[Behind]) -> Mend | None:
    """The pods behind the Service in the place of its address, or its endpoints with their ports."""
    row = facts.snapshot["services"].iloc[service]
    number = int(row["selector"])
    labels = {} if number == NO_SET else label_texts(facts.snapshot["labels"], [number])[number]
    path = (*at.path, at.direction.peers, place)
    closes = "This closes the ClusterIP, where no pod is."
    if labels:
        peer = {
            "namespaceSelector": {"matchLabels": {NAME_LABEL: str(row["namespace"])}},
            "podSelector": {"matchLabels": labels},
        }
        return Mend(at.at.number, (Edit(path, (peer,)),), closes)
    addresses = sorted({address for port in behind for address in port.addresses})
    if not 0 < len(addresses) <= _MOST or at.direction is Direction.INGRESS:
        return None
    peers = tuple({"ipBlock": {"cidr": f"{address}/{BITS[address.family]}"}} for address in addresses)
    ports = (
        Edit(
            (*at.path, "ports", n),
            (port_object(entry), *({"protocol": entry.protocol, "port": p.number} for p in missed)),
        )
        for n, entry in enumerate(at.rule.ports or ())
        if (missed := [p for p in behind if p.missed_by(entry)])
    )
    return Mend(at.at.number, (Edit(path, peers), *ports), closes)
