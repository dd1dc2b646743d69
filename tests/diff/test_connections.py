"""Changes of connections, held against two whole lists of connections of which each is held to the oracle."""

import copy
import itertools
from collections import Counter
from functools import cache
from ipaddress import ip_address

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.diff import connections as diffed
from audit.diff.connections import Comparison
from audit.diff.difference import pairs
from audit.diff.groups import grouped
from audit.diff.universe import universe
from audit.policy.addresses import Range
from audit.policy.ports import NONE
from audit.queries.connections import connections
from tests import strategies
from tests.compose.objects import CLOSED, pod, policy

PATIENT = settings(
    deadline=None,
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # shrinking two clusters takes minutes
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)


def workload_pods(side):
    """How many pods each workload has."""
    rows = side.facts.pods
    return Counter((rows["namespace"].astype("str") + "/" + rows["workload"].astype("str")).tolist())


def range_of(text):
    """The range that a row names, or None for a workload."""
    if "/" in text:
        return None
    first, _, last = text.partition("-")
    one, other = ip_address(first), ip_address(last or first)
    return Range(one.version, int(one), int(other))


def told(side):
    """All connections of workloads: (source, destination) to connections and scope."""
    chunks = list(connections(side.facts, "workload"))
    rows = pd.concat(chunks).astype("str").to_numpy().tolist() if chunks else []
    return {(source, destination): (what, scope) for source, destination, what, scope in rows}


def cut(sides):
    """The ranges that the blocks of both cut the address space into."""
    both = universe(*sides)
    return [str(each) for each in both.ranges]


def naive(old, new):
    """The rows that differ, by looking at every pair in both."""
    ranges = cut((old, new))
    sides = [old, new]
    tables = [told(side) for side in sides]
    counts = [workload_pods(side) for side in sides]

    @cache
    def holding(number, at, end):
        """The end of a table that a workload is, or that holds a range; None if there is none."""
        mine = range_of(end)
        if mine is None:
            return end
        for known in {key[at] for key in tables[number]}:
            other = range_of(known)
            if other and other.family == mine.family and other.first <= mine.first <= other.last:
                return known
        return None

    def found(number, source, destination):
        pair = (holding(number, 0, source), holding(number, 1, destination))
        return tables[number].get(pair, ("", ""))

    workloads = sorted({*counts[0], *counts[1]}, key=lambda key: key.partition("/")[::2])
    every = [*itertools.product(workloads, [*workloads, *ranges]), *itertools.product(ranges, workloads)]
    rows = {}
    for source, destination in every:
        if source == destination and min(counts[0][source], counts[1][source]) < 2:
            continue
        before, after = (found(number, source, destination) for number in (0, 1))
        if before != after:
            rows[source, destination] = (*before, *after)
    return rows


def product(old, new):
    rows = [row for chunk in pairs(old, new) for row in chunk.astype("str").to_dict("records")]
    return {
        (row["source"], row["destination"]): tuple(
            row[name] for name in ("before", "before_scope", "after", "after_scope")
        )
        for row in rows
    }


def changed(draw, objects):
    """The cluster a while later: some objects gone, relabelled or renamed, and perhaps a policy more."""
    later = []
    for item in copy.deepcopy(objects):
        what = draw(st.sampled_from(("same", "same", "same", "gone", "labels", "renamed")))
        if what == "gone":
            continue
        if what == "labels" and item["kind"] in {"Pod", "Namespace"}:
            item["metadata"]["labels"] = draw(strategies.labels)
        if what == "renamed" and item["kind"] == "NetworkPolicy":
            item["metadata"]["name"] = f"{item['metadata']['name']}-b"
        later.append(item)
    names = {(o["kind"], o["metadata"].get("namespace"), o["metadata"].get("name")) for o in later}
    more = draw(st.lists(strategies.policies(defects=False), max_size=1))
    return later + [
        item
        for item in more
        if ("NetworkPolicy", item["metadata"].get("namespace"), item["metadata"].get("name")) not in names
    ]


def agree(unjudged, before, after):
    old, new = unjudged(before, 1), unjudged(after, 2)
    if not len(old.facts.pods) or not len(new.facts.pods):
        return
    expected = naive(old, new)
    assert product(old, new) == expected
    comparison = Comparison(universe(old, new))
    found = grouped(comparison, comparison.rows())
    names = comparison.both.names
    spread = Counter(
        (names[s], names[d], g.change)
        for g in found.groups
        for s in g.sources.tolist()
        for d in g.destinations.tolist()
    )
    assert set(spread.values()) <= {1}
    assert {key[:2] for key in spread} == set(expected)
    assert found.pairs == len(spread)


@PATIENT
@given(st.data())
def test_what_changed_a_little_is_what_two_whole_lists_differ_in(unjudged, data):
    before = data.draw(strategies.clusters())
    agree(unjudged, before, changed(data.draw, before))


@PATIENT
@given(strategies.clusters(defects=True), strategies.clusters(defects=True))
def test_two_clusters_are_compared_as_two_whole_lists_are(unjudged, before, after):
    agree(unjudged, before, after)


WEB = pod("web-1", labels="app: web") + pod("web-2", labels="app: web")
FROM_WEB = policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}")


def owned(name, owner, labels=""):
    return pod(name, labels=labels).replace(
        f"name: {name}, ",
        f"name: {name}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, "
        f"name: {owner}, uid: u, controller: true}}], ",
    )


def test_nothing_differs_where_pods_were_renamed(taken):
    before = owned("web-a", "web-1") + owned("web-b", "web-1") + CLOSED
    after = owned("web-c", "web-1") + owned("web-d", "web-1") + CLOSED
    assert product(taken(before), taken(after)) == {}


def test_a_further_pod_of_a_workload_opens_nothing(taken):
    assert (
        product(taken(owned("web-a", "web-1")), taken(owned("web-a", "web-1") + owned("web-b", "web-1")))
        == {}
    )


def test_a_range_is_cut_where_either_snapshot_cuts_it(taken):
    def to(cidr):
        egress = f"[{{to: [{{ipBlock: {{cidr: {cidr}}}}}]}}]"
        return pod("web") + policy("p", f"{{podSelector: {{}}, policyTypes: [Egress], egress: {egress}}}")

    found = product(taken(to("203.0.113.0/24")), taken(to("203.0.113.0/25")))
    assert found == {("shop/Pod/web", "203.0.113.128-203.0.113.255"): ("All", "all", "", "")}


def test_a_label_that_a_peer_asks_for_opens_and_closes(taken):
    before = pod("web", labels="app: web") + pod("db") + FROM_WEB
    after = pod("web", labels="app: old") + pod("db") + FROM_WEB
    found = product(taken(before), taken(after))
    assert found == {("shop/Pod/web", "shop/Pod/db"): ("All", "all", "", "")}


def test_pairs_beyond_what_is_held_are_counted(taken):
    old, new = taken(WEB + pod("db") + CLOSED), taken(WEB + pod("db"))
    comparison = Comparison(universe(old, new))
    found = grouped(comparison, comparison.rows(), most=0)
    assert (found.groups, found.pairs == found.left_out > 0) == ([], True)


@pytest.mark.parametrize("part", ["before", "after"])
def test_the_connections_of_a_kind_are_those_of_the_old_numbers(taken, part):
    comparison = Comparison(universe(taken(WEB + CLOSED), taken(WEB)))
    assert list(comparison.rows())
    assert all(isinstance(c, diffed.Change) for c in comparison.kinds)
    texts = {str(comparison.connections(getattr(change, part))) for change in comparison.kinds}
    assert texts == ({"All"} if part == "after" else {str(NONE)})
