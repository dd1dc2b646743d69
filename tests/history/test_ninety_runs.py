"""Ninety runs with known changes, told as someone would who goes through them one by one."""

import hashlib
from datetime import timedelta
from random import Random

import msgspec
import pandas as pd
import pytest

from audit.config import rfc3339
from audit.frames import STATES, STORED_NAMESPACES, STORED_POLICIES, STORED_TABLES, STORED_WORKLOADS
from audit.history import record
from audit.history.changes import changes
from audit.history.period import period
from audit.policy.kinds import KINDS
from tests.compose.objects import pod
from tests.history.objects import day

NIGHTS = 90
NAMES = [(namespace, f"Deployment/{name}") for namespace in ("a", "b") for name in ("p", "q", "r", "s")]
POLICIES = [(namespace, name) for namespace in ("a", "b") for name in ("one", "two", "three")]
POLICY = "networkpolicies"


def blank(schema, rows, **columns):
    """A frame of so many rows; a column that is not given has zeros or empty texts."""
    defaults = {c.name: [0 if "int" in c.dtype else ""] * rows for c in schema.columns}
    return schema.frame({**defaults, **columns})


def digest(policy):
    return int.from_bytes(hashlib.sha256(repr(policy).encode()).digest()[:8])


def made(random):
    """What there was of each night: states of workloads, policies with uid and generation, what was read."""
    policies, uid = {}, 0
    for _ in range(NIGHTS):
        states = {name: random.choice(STATES[:1] * 30 + STATES) for name in NAMES if random.random() < 0.97}
        for key in POLICIES:
            chance = random.random()
            if key not in policies and chance < 0.1:
                uid += 1
                policies[key] = (f"u{uid}", 1)
            elif key in policies and chance < 0.03:
                del policies[key]
            elif key in policies and chance < 0.06:
                policies[key] = (policies[key][0], policies[key][1] + 1)
            elif key in policies and chance < 0.08:
                uid += 1
                policies[key] = (f"u{uid}", 1)
        yield states, dict(policies), random.random() < 0.9, random.random() < 0.9


def stored(base, nights):
    """The records of the nights."""
    kinds = [kind.plural for kind in KINDS.values()]
    for number, (states, policies, pods_read, policies_read) in enumerate(nights):
        time = rfc3339(day(1) + timedelta(days=number))
        unread = {kind: () for kind in kinds if kind != POLICY or not policies_read}
        head = msgspec.structs.replace(
            base.head, taken=time, as_of=time, snapshot=f"{number:064}", pods_read=pods_read, unread=unread
        )
        keys = sorted(states)
        words = [states[key] for key in keys]
        listed = sorted(policies) if policies_read else []
        tables = {
            "workloads": blank(
                STORED_WORKLOADS,
                len(keys),
                namespace=[namespace for namespace, _ in keys],
                workload=[name for _, name in keys],
                ingress=words,
                egress=words[::-1],
            ),
            "namespaces": blank(STORED_NAMESPACES, 2, namespace=["a", "b"], read=[pods_read, True]),
            "findings": base.table("findings"),
            "policies": blank(
                STORED_POLICIES,
                len(listed),
                api_version=["networking.k8s.io/v1"] * len(listed),
                kind=["NetworkPolicy"] * len(listed),
                namespace=[namespace for namespace, _ in listed],
                name=[name for _, name in listed],
                uid=[policies[key][0] for key in listed],
                generation=[policies[key][1] for key in listed],
                digest=[digest((key, policies[key])) for key in listed],
            ),
        }
        assert list(tables) == list(STORED_TABLES)
        yield record.load(record.encode(head, tables), f"run-{number:02}")


def naive_verdict(name, nights):
    """The verdict for ingress, and how many nights could not tell or did not have it."""
    seen = [states.get(name) for states, *_ in nights]
    unknown = sum(
        state is None and name[0] == "a" and not pods_read
        for state, (_, _, pods_read, _) in zip(seen, nights, strict=True)
    )
    counts = {state: seen.count(state) for state in STATES}
    if counts["open"]:
        word = "open"
    elif counts["isolated"] == len(nights):
        word = "isolated_throughout"
    elif counts["isolated"]:
        word = "isolated_in_part"
    elif counts["not_assessed"] + unknown:
        word = "not_assessed"
    else:
        word = "not_governed"
    return word, counts["not_assessed"] + unknown, seen.count(None) - unknown


def naive_changes(nights):
    """The changes between one night whose policies were read and the next, in no order."""
    before = None
    for number, (_, policies, _, read) in enumerate(nights):
        if not read:
            continue
        if before is not None:
            last, old = before
            for key in {*old, *policies}:
                was, now = old.get(key), policies.get(key)
                if was and now and was != now and was[0] == now[0]:
                    yield "changed", key, now[0], last, number, was[1], now[1]
                elif was != now:
                    if was:
                        yield "deleted", key, was[0], last, number, was[1], None
                    if now:
                        yield "created", key, now[0], last, number, None, now[1]
        before = number, policies


@pytest.mark.parametrize("seed", range(3))
def test_it_is_told_as_it_was(run, seed):
    nights = list(made(Random(seed)))  # noqa: S311  # no secret
    records = list(stored(run(pod("web")), nights))
    whole = period(records)
    assert whole.sampling.snapshots == NIGHTS
    found = {
        (row["namespace"], row["workload"]): (row["ingress"], row["ingress_not_assessed"], row["absent"])
        for row in whole.workloads.astype("object").to_dict("records")
    }
    assert found == {name: naive_verdict(name, nights) for name in NAMES}

    def number(time):
        return (pd.Timestamp(time) - pd.Timestamp(day(1))).days

    told = {
        (
            row["change"],
            (row["namespace"], row["name"]),
            row["uid"],
            number(row["after"]),
            number(row["before"]),
            *(None if row[end] is pd.NA else row[end] for end in ("generation_before", "generation_after")),
        )
        for row in changes(records).astype("object").to_dict("records")
    }
    assert told == set(naive_changes(nights))
    assert len(told) > 20
