"""Workloads that egress rules let ask the cloud for the credentials of their node."""

from typing import Final

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import METADATA
from audit.checks._corrections import Edit, corrected_rows
from audit.checks._egress import allowed_to, members
from audit.checks._isolation import told, who, workloads
from audit.checks._model import Status
from audit.exposure import clouds
from audit.facts import Facts
from audit.policy.addresses import BITS, Block
from audit.policy.model import Direction
from audit.policy.ports import ALL, NONE, Connections, difference, of
from audit.severity import Severity
from audit.snapshot import WHOLE

_DNS: Final = of([("UDP", 53, 53), ("TCP", 53, 53)])
"""Of a rule that lets pods ask DNS anywhere: what answers there has no credentials to give."""
_HTTP: Final = ("TCP", 80)
_ELSEWHERE: Final = "No node is seen to be of a cloud, nor is a cloud configured: nothing answers there."
_NOT_ISOLATED: Final = "See pods-are-isolated-for-egress."
_KEPT: Final = "It is kept from the metadata of its node."


def _without(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each workload the policies that let it connect there, with the addresses in `except`.

    Nothing where a rule names no peers: what else it is to let through only its author knows.
    """
    mends: list[dict[int, tuple[Edit, ...]]] = failed["mend"].tolist()
    edits = {number: edits for mend in mends for number, edits in mend.items()}
    what = "without addresses of metadata: this closes connections to the metadata of nodes and no others."
    return corrected_rows(facts, {number: (what, found) for number, found in edits.items()}, mends)


@check(
    title="Egress keeps from instance metadata",
    severity=Severity.HIGH,
    subject="workload",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    also=("nodes",),
    remediation=_without,
    controls=METADATA,
)
def egress_keeps_from_instance_metadata(facts: Facts) -> pd.DataFrame:
    """Whoever may connect to 169.254.169.254 from a cloud's machine is given the credentials of that machine.

    A wide ipBlock for "the internet" lets this address through, too. It belongs into `except`, or what is
    needed outside is named. That a cloud asks for a token first, or counts hops, helps and is not seen here.
    """
    rows = workloads(facts)
    cloud = clouds.cloud(facts.snapshot, facts.settings)
    who_is_who = members(facts)
    found = {} if cloud is None else _open(facts, cloud)
    profiles, _ = facts.cluster.engine.profiles(Direction.EGRESS)
    opened = np.array([number in found for number in range(len(profiles))], np.bool_)
    governed = rows["pods"] - rows["host_network_pods"]
    fails = who_is_who.any(opened)
    conditions = [
        # where nodes could not be listed some may be a cloud's, and what passes is not assessed
        np.full(len(rows), cloud is None and facts.snapshot.state("nodes") in WHOLE),
        (governed == 0).to_numpy(),
        fails,
        (rows["pods_egress_isolated"] < governed).to_numpy(),
    ]
    statuses = [Status.NOT_APPLICABLE, Status.NOT_APPLICABLE, Status.FAILED, Status.NOT_APPLICABLE]
    texts = [_ELSEWHERE, "All its pods run in their node's network.", "", _NOT_ISOLATED]
    status = np.select(conditions, [s.value for s in statuses], Status.PASSED.value)
    message = np.select(conditions, texts, _KEPT).astype(object)
    severity = np.zeros(len(rows), np.int64)
    mend = np.full(len(rows), None, dtype=object)
    failed = np.flatnonzero(status == Status.FAILED.value)
    for place, called in zip(failed.tolist(), who(facts, rows.iloc[failed]), strict=True):
        mine = [profile for profile in who_is_who.profiles(place) if profile in found]
        each = [found[profile] for profile in mine]
        mend[place] = _mend(facts, mine)
        message[place] = _sentence(called, str(cloud), *each[0], named=bool(mend[place]))
        severity[place] = int(
            Severity.HIGH if any(there.holds(*_HTTP) for _, there in each) else Severity.LOW
        )
    return told(rows, status, message, severity=severity, mend=mend)


def _open(facts: Facts, cloud: str) -> dict[int, tuple[str, Connections]]:
    """The egress profiles that let pods connect there, to which address first, and on what ports."""
    found: dict[int, tuple[str, Connections]] = {}
    for text, address in clouds.asked(cloud):
        for profile, there in allowed_to(facts, facts.cluster.engine.ends.outside([address])).items():
            if difference(there, _DNS) != NONE:
                found.setdefault(profile, (text, there))
    return found


def _mend(facts: Facts, opened: list[int]) -> dict[int, tuple[Edit, ...]]:
    """What to change in the policies of these profiles, by number; nothing if that is not known of all."""
    engine = facts.cluster.engine
    profiles, _ = engine.profiles(Direction.EGRESS)
    edits: dict[int, tuple[Edit, ...]] = {}
    for number in {policy for profile in opened for policy in profiles[profile].policies}:
        found = []
        for index, rule in enumerate(engine.policies[number].egress):
            if rule.peers is None and difference(engine.ends.connections(rule.ports, -1), _DNS) != NONE:
                return {}
            for place, peer in enumerate(rule.peers or ()):
                if not isinstance(peer, Block) or not (held := _held(peer)):
                    continue
                if peer.prefix == BITS[peer.family]:
                    return {}  # somebody wants just this address
                path = ("spec", "egress", index, "to", place, "ipBlock", "except")
                found.append(Edit(path, ([*peer.except_texts, *held],)))
        if found:
            edits[number] = tuple(found)
    return dict(sorted(edits.items()))


def _held(block: Block) -> list[str]:
    """The addresses of metadata that a block holds, as blocks of their own."""
    return [
        f"{text}/{BITS[address.family]}"
        for text, address in clouds.METADATA
        if address.family == block.family and any(r.first <= address.value <= r.last for r in block.ranges())
    ]


def _sentence(who: str, cloud: str, address: str, connections: Connections, *, named: bool) -> str:
    ports = "on every port" if connections == ALL else f"on {connections}"
    advice = (
        "Put it into `except` of the ipBlock that holds it" if named else "Name what it needs outside instead"
    )
    return (
        f"{who}: its egress rules let it connect to {address} {ports}, where {cloud} gives the "
        f"credentials of the node to whoever asks. {advice}."
    )
