"""With whom open pods may connect: what is added up is held equal to looking at each pod for itself."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from audit.collect.files import collect_files
from audit.exposure import possible
from audit.exposure.possible import Possible
from audit.facts import evaluate
from audit.policy.model import Direction
from audit.settings import Settings
from tests import manifests, strategies


def by_pod(facts, direction, space):
    """The pods that may connect with an open one of that namespace, by the name of their own."""
    cluster, others = facts.cluster, direction.opposite
    engine, ends = cluster.engine, cluster.engine.ends
    hosts, homes = cluster.pods["host_network"].to_numpy(), cluster.namespace_of_pod
    isolated = {d: engine.isolated(d)[cluster.identity_of_pod] for d in Direction}
    opened = [
        pod
        for pod in range(len(homes))
        if homes[pod] == space and not hosts[pod] and not isolated[direction][pod]
    ]
    targets = {int(cluster.identity_of_pod[pod]) for pod in opened}
    found = Counter()
    for pod, home in enumerate(homes.tolist()):
        if hosts[pod] or (opened == [pod] and not isolated[others][pod]):  # no partner of its own
            continue
        named = {
            end
            for number, policy in enumerate(cluster.policies)
            if others in policy.types and cluster.identity_of_pod[pod] in engine.selected[number]
            for rule in policy.written(others)
            for peer in ((None,) if rule.peers is None else rule.peers)
            for end in ends.members(peer, int(engine.namespaces[number])).ends.tolist()
        }
        if not isolated[others][pod] or targets & named:
            found[cluster.namespaces[home]] += 1
    return targets, found


@pytest.mark.parametrize("piece", [0, 1 << 21])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects=strategies.clusters())
def test_it_is_what_each_pod_says(piece, objects):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(possible, "_PIECE", piece)
        manifests.write(objects, Path(folder) / "cluster.yaml")
        facts = evaluate(
            collect_files(Path(folder), taken="2026-11-23T02:00:00Z", tool_version="0"), Settings()
        )
        for direction in Direction:
            whom = Possible(facts.cluster, direction)
            for space in range(len(facts.cluster.namespaces)):
                targets, found = by_pod(facts, direction, space)
                if targets:
                    said = whom.with_whom(space)
                    assert (said.pods, said.namespaces) == (found.total(), len(found))
                    assert said.largest == sorted(found.items(), key=lambda one: (-one[1], one[0]))[:3]
