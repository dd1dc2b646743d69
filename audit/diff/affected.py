"""Workloads whose allowed connections may differ; those of all others are the same in both snapshots.

A verdict on a pair hangs on the rules that select its ends, on whom the peers of these rules stand for, and
on container ports by name. Where the rules of a workload say the same in both snapshots, the peers that both
have name it in both or in neither, and its pods are alike, a pair of it can only differ by its other end.
That is found out far sooner than all pairs are: from one week to the next little changes.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.diff.universe import Half, Universe
from audit.facts import Facts
from audit.policy.identities import Ints, stretches
from audit.policy.model import Direction, Peer, PodPeer, Policy

Mask = NDArray[np.bool_]
_Named = dict[tuple[Peer, str], Ints]
_NOBODY = -1


def affected(both: Universe) -> Mask:
    """Which workloads any pair with a difference has at least one end among. Ranges never are."""
    halves = (both.old, both.new)
    ends = [_only_end(half, both.workloads) for half in halves]
    flags: Mask = (ends[0] == _NOBODY) | (ends[1] == _NOBODY)
    alike = np.flatnonzero(~flags)
    numbers: dict[object, int] = {}
    kinds = [_kinds(half, numbers) for half in halves]
    differs = kinds[0][ends[0][alike]] != kinds[1][ends[1][alike]]
    flags[alike[differs.any(axis=1)]] = True
    for direction in Direction:
        flags |= _named_otherwise(both, direction)
    return flags


def _only_end(half: Half, workloads: int) -> Ints:
    """The end of each workload whose pods are all one identity; NOBODY of others."""
    only = np.full(workloads, _NOBODY)
    alone = np.diff(half.groups.bounds) == 1
    only[half.workloads[alone]] = half.groups.ends[half.groups.bounds[:-1][alone]]
    return only


def _kinds(half: Half, numbers: dict[object, int]) -> Ints:
    """For each identity what its verdicts hang on beside who is who, numbered alike in both snapshots."""
    engine = half.engine
    identities = engine.ends.identities
    columns = [identities.families.astype(np.int64), _ports(half.facts, identities.ports, numbers)]
    for direction in Direction:
        profiles, of_end = engine.profiles(direction)
        rules = [
            _number(numbers, frozenset(_rules(engine.policies[p], direction) for p in profile.policies))
            for profile in profiles
        ]
        columns.append(np.array(rules, np.int64)[of_end[: len(identities)]])
    return np.stack(columns, axis=1)


def _rules(policy: Policy, direction: Direction) -> object:
    return policy.namespace, policy.written(direction)


def _ports(facts: Facts, sets: Ints, numbers: dict[object, int]) -> Ints:
    """The container ports that have a name, of each set."""
    rows: pd.DataFrame = facts.snapshot["ports"]
    rows = rows[(rows["name"] != "").to_numpy()]
    named: dict[int, set[object]] = {}
    for number, *port in zip(*(rows[c].tolist() for c in ("set", "name", "protocol", "number")), strict=True):
        named.setdefault(number, set()).add(tuple(port))
    used, where = np.unique(sets, return_inverse=True)
    found = [_number(numbers, ("ports", frozenset(named.get(int(each), ())))) for each in used]
    return np.array(found, np.int64)[where]


def _number(numbers: dict[object, int], content: object) -> int:
    return numbers.setdefault(content, len(numbers))


def _named_otherwise(both: Universe, direction: Direction) -> Mask:
    """Which workloads a peer that both snapshots have stands for in one of them alone."""
    flags = np.zeros(both.workloads, np.bool_)
    halves = (both.old, both.new)
    named = [dict(_peers(half, direction)) for half in halves]
    homes = [_workloads_of_ends(half) for half in halves]
    for key in named[0].keys() & named[1].keys():
        was, now = (_expanded(peers[key], *home) for peers, home in zip(named, homes, strict=True))
        if not np.array_equal(was, now):
            flags[np.setxor1d(was, now)] = True
    return flags


def _peers(half: Half, direction: Direction) -> Iterator[tuple[tuple[Peer, str], Ints]]:
    """The distinct peers of rules that have effect, a local one with its namespace, and their identities."""
    engine = half.engine
    seen = set()
    outside = len(engine.ends.identities)
    for policy, namespace in zip(engine.policies, engine.namespaces.tolist(), strict=True):
        for rule in policy.rules(direction) or ():
            for peer in rule.peers or ():
                local = isinstance(peer, PodPeer) and peer.namespaces is None
                key = (peer, policy.namespace if local else "")
                if key not in seen:
                    seen.add(key)
                    ends = engine.ends.members(peer, namespace).ends
                    yield key, ends[: np.searchsorted(ends, outside)]


def _workloads_of_ends(half: Half) -> tuple[Ints, Ints]:
    """The workloads of each identity: identity i has `workloads[bounds[i]:bounds[i + 1]]`."""
    owner = np.repeat(half.workloads, np.diff(half.groups.bounds))
    order = np.argsort(half.groups.ends, kind="stable")
    bounds = np.searchsorted(half.groups.ends[order], np.arange(len(half.engine.ends.identities) + 1))
    return owner[order], bounds


def _expanded(ends: Ints, workloads: Ints, bounds: Ints) -> Ints:
    """The workloads of these identities, each once, in order."""
    return np.unique(workloads[stretches(bounds[ends], bounds[ends + 1])])
