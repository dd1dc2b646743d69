"""Policies that close what is exposed, but for what is published."""

from typing import Final

import numpy as np
import pandas as pd

from audit.checks import _dns
from audit.checks._corrections import Edit, Mend, corrections, policy_objects, port_object, without
from audit.checks._exposed import Exposed
from audit.checks._manifests import applicable
from audit.checks._published import Published, Selected
from audit.checks._remediation import MOST_KNOWN, deny_ingress, mirrored, told_whom
from audit.checks._subjects import counted
from audit.facts import Facts
from audit.listing import listed
from audit.policy.model import Direction, PortSpan

_MOST_NAMED: Final = 6
_NARROWED: Final = (
    "This closes, for the pods that it selects, every port that they neither publish nor declare."
)


def narrowed(facts: Facts, exposed: Exposed, workload: int) -> tuple[Mend, ...]:
    """How to take from rules the ports that none of the pods serves for which they are."""
    edits: dict[int, list[Edit]] = {}
    for number, place in dict.fromkeys(exposed.wide(workload)):
        policy = facts.cluster.policies[number]
        served = sorted(exposed.served(facts.cluster.pods_of(facts.cluster.engine.selected[number])))
        ports = [port_object(PortSpan(protocol, port, port)) for protocol, port in served]
        path = ("spec", Direction.INGRESS.value, place, "ports")
        found = [Edit(path, (ports,))] if ports else without(policy, Direction.INGRESS, place)
        edits.setdefault(number, []).extend(found)
    return tuple(Mend(number, tuple(found), _NARROWED) for number, found in sorted(edits.items()))


def close(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row a policy for its pods that opens what is published of them, or its policies narrowed."""
    texts = corrections(facts, failed)
    published, dns = Published(facts), _dns.find(facts)
    is_open = published.open_now
    rows = facts.workloads
    number = {key: n for n, key in enumerate(zip(rows["namespace"].tolist(), rows["workload"], strict=True))}
    keys = zip(failed["namespace"].astype("str").tolist(), failed["workload"].tolist(), strict=True)
    denied: list[int] = []
    for place, (namespace, workload) in enumerate(keys):
        if failed["mend"].iloc[place] is not None:
            continue
        selected = published.selected(namespace, number[namespace, workload], is_open)
        if selected is None:
            denied.append(place)
        else:
            name = published.name(namespace, workload.partition("/")[2])
            texts[place] = _closed(facts, published, selected, name, dns)
    if denied:
        for place, text in zip(denied, deny_ingress(facts, failed.iloc[denied]), strict=True):
            texts[place] = text
    return texts


def _closed(facts: Facts, published: Published, selected: Selected, name: str, dns: _dns.Dns) -> str:
    """What selects them and opens what is published of them, under a remark on what it closes."""
    home = facts.cluster.namespaces.index(selected.namespace)
    possible = facts.possible[Direction.INGRESS]
    known = possible.known(home, MOST_KNOWN)
    objects = policy_objects(facts, [rule.policy for rule in known])
    rules = [mirrored(facts, Direction.INGRESS, *each) for each in zip(known, objects, strict=True)]
    serves = selected.namespace == dns.namespace and bool(np.isin(selected.pods, dns.pods).any())
    rules += [dns.rule_from()] if serves else []
    whose = listed([f"{key}={value}" for key, value in selected.labels.items()], _MOST_NAMED)
    opened = listed([f"{protocol} {port}" for protocol, port in published.ports(selected)], _MOST_NAMED)
    kept = " What the policies of these pods allow stays open, too." if known else ""
    kept += " So does DNS for all pods." if serves else ""
    remark = (
        f"Closes ingress for {counted(len(selected.pods), 'pod')} of namespace {selected.namespace} with "
        f"{whose}, to which {told_whom(possible.with_whom(home))} may connect now; what is published, "
        f"{opened}, stays open to everyone.{kept}"
    )
    return applicable(remark, [published.policy(name, selected, rules)])
