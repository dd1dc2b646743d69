"""Who reaches whom between namespaces, as the oracle has it, pod by pod."""

import itertools
import tempfile
from pathlib import Path

from audit.collect.files import collect_files
from audit.facts import Facts, evaluate
from audit.settings import Settings
from tests import manifests
from tests.answers import OracleAnswers
from tests.oracle_metrics import interesting_ports


def facts_of(objects) -> Facts:
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "in"
        source.mkdir()
        manifests.write(objects, source / "cluster.json")
        snapshot = collect_files(source, taken="2026-11-23T02:00:00Z", tool_version="0.1.0")
    return evaluate(snapshot, Settings())


class Naive:
    """Pods that policies can govern, by namespace, and which pairs of them connect on which ports."""

    def __init__(self, objects) -> None:
        self._oracle = OracleAnswers(objects)
        self.ports = list(interesting_ports(self._oracle.cluster))
        self.pods: dict[str, list[str]] = {}
        for pod in sorted(self._oracle.pods()):
            if self._oracle.isolated(pod) != "host":
                self.pods.setdefault(pod.partition("/")[0], []).append(pod)
        every = [pod for pods in self.pods.values() for pod in pods]
        self._open = {
            (source, destination): {
                port for port in self.ports if self._oracle.connected(source, destination, *port)
            }
            for source, destination in itertools.permutations(every, 2)
        }

    def pairs(self, source: str, destination: str):
        """The ports of each pair of two pods of these namespaces."""
        for pair in itertools.product(self.pods[source], self.pods[destination]):
            if pair[0] != pair[1]:
                yield pair, self._open[pair]

    def reached(self, source: str, destination: str) -> int:
        """How many pods of one some pod of the other may connect to."""
        return len({pair[1] for pair, ports in self.pairs(source, destination) if ports})

    def connected(self, source: str, destination: str) -> set[tuple[str, int]]:
        """The ports that any pair has."""
        return set().union(*(ports for _, ports in self.pairs(source, destination)))

    def level(self, source: str, destination: str) -> int:
        """Whether some pair connects: 0 on no port, 1 on some, 2 on all."""
        most = max((ports for _, ports in self.pairs(source, destination)), key=len, default=set())
        return bool(most) + (most == set(self.ports))

    def alike(self, one: str, other: str) -> bool:
        """Whether nobody can tell them apart by who reaches them and whom they reach."""
        return self.level(one, other) == self.level(other, one) and all(
            self.level(one, third) == self.level(other, third)
            and self.level(third, one) == self.level(third, other)
            for third in self.pods
            if third not in {one, other}
        )
