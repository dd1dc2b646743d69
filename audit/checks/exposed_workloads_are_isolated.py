"""Workloads that can be reached from outside, and that no policy closes, or not far enough."""

from typing import Final

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import EXPOSED
from audit.checks._exposed import Exposed
from audit.checks._isolation import told, who, workloads
from audit.checks._model import Status
from audit.checks._on_purpose import EXPOSING
from audit.checks._publishing import close, narrowed
from audit.checks._words import SOURCES
from audit.facts import Facts
from audit.language import number
from audit.listing import listed
from audit.policy.ports import ALL, NONE, Connections, difference
from audit.severity import Severity
from audit.snapshot import WHOLE

_NEEDS: Final = ("pods", "networkpolicies", "services")
_ALSO: Final = tuple(kind for kind in EXPOSING if kind not in _NEEDS)
_MOST_NAMED: Final = 5
_NOTHING: Final = "Nothing leads to it from outside."
_INSIDE: Final = "What leads to it begins in the cloud's own network, or is its node's."
_HOSTS: Final = "All its pods run in their node's network: see host-network-pods-are-accepted."
_CLOSED: Final = "It is isolated for ingress, and open to every address on no port that it does not serve."


@check(
    title="Exposed workloads are isolated",
    severity=Severity.CRITICAL,
    subject="workload",
    needs=_NEEDS,
    verdict=True,
    local=True,
    also=_ALSO,
    remediation=close,
    controls=EXPOSED,
)
def exposed_workloads_are_isolated(facts: Facts) -> pd.DataFrame:
    """What can be reached from outside is attacked first, and from there an attacker goes on.

    A LoadBalancer, a NodePort, an external address, a hostPort, an Ingress or a Gateway publishes some ports
    of a workload. If no policy selects it, all its other ports are open as well, to every pod and to whoever
    gets to its address. A rule that opens to every address what the workload does not serve is little better.
    """
    rows = workloads(facts)
    exposed = Exposed(facts)
    keys = zip(*(rows[c].astype("str").tolist() for c in ("kind", "namespace", "name")), strict=True)
    outside = np.array([key in facts.exposed for key in keys], np.bool_)
    governed = (rows["pods"] - rows["host_network_pods"]).to_numpy()
    lacking = governed - rows["pods_ingress_isolated"].to_numpy()
    unserved = {
        place: ports
        for place in np.flatnonzero(outside & (governed > 0) & (lacking == 0)).tolist()
        if (ports := exposed.unserved(place)) != NONE
    }
    conditions = [
        # where what may publish could not be listed, it may be exposed: what passes is not assessed then
        ~outside & np.isin(np.arange(len(rows)), list(exposed.led_to)),
        ~outside & all(facts.snapshot.state(kind) in WHOLE for kind in _ALSO),
        outside & (governed == 0),
        outside & ((lacking > 0) | np.isin(np.arange(len(rows)), list(unserved))),
    ]
    statuses = [*[Status.NOT_APPLICABLE] * 3, Status.FAILED]
    texts = [_INSIDE, _NOTHING, _HOSTS, ""]
    status = np.select(conditions, [one.value for one in statuses], Status.PASSED.value)
    message = np.select(conditions, texts, _CLOSED).astype(object)
    mend = np.full(len(rows), None, dtype=object)
    failed = np.flatnonzero(status == Status.FAILED.value)
    for place, called in zip(failed.tolist(), who(facts, rows.iloc[failed]), strict=True):
        way = f"{called} is exposed to outside {_by(exposed, place)}"
        if lacking[place]:
            message[place] = f"{way}, and {_open(int(lacking[place]), int(governed[place]))}."
        else:
            message[place] = f"{way}, and {_wide(exposed, place, unserved[place])}."
            mend[place] = narrowed(facts, exposed, place)
    return told(rows, status, message, mend=mend)


def _by(exposed: Exposed, workload: int) -> str:
    """By what, and on which ports."""
    found = {port: by for port, by in exposed.published[workload].items() if by}
    vias = sorted({via for by in found.values() for via in by})
    ports = [f"{protocol} {number}" for protocol, number in sorted(found)]
    return f"by {listed(vias, _MOST_NAMED)} on {listed(ports, _MOST_NAMED)}"


def _open(lacking: int, governed: int) -> str:
    whom = f"{SOURCES} and whoever gets to its address may connect"
    if lacking == governed:
        return f"no policy selects it for ingress: {whom}, on every port"
    are = "is" if lacking == 1 else "are"
    return (
        f"{number(lacking)} of them {are} selected by no policy for ingress: {whom} to those, on every port"
    )


def _wide(exposed: Exposed, workload: int, unserved: Connections) -> str:
    if unserved == difference(ALL, exposed.connections(workload)):
        return "policies let every address connect to every port, not only to those that it serves"
    return f"policies let every address connect to {unserved}, which it neither publishes nor declares"
