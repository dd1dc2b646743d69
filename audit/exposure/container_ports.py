"""The ports that the containers of pods declare."""

from functools import cached_property

import numpy as np
import pandas as pd

from audit.exposure.cluster import Cluster
from audit.policy.identities import Ints

Declared = tuple[tuple[str, str, int], ...]
"""Name, protocol and number of each port of a set."""


class ContainerPorts:
    """Of the pods of one cluster, by the sets of ports that they have; thousands of pods have the same."""

    def __init__(self, cluster: Cluster, ports: pd.DataFrame) -> None:
        """`ports` has the columns of `frames.PORTS`."""
        self._rows = ports
        self._set_of_pod: Ints = cluster.pods["ports"].to_numpy(np.int64)

    def of(self, pods: Ints) -> list[Declared]:
        """What these pods declare: the ports of each set that one of them has."""
        return [self._declared.get(number, ()) for number in np.unique(self._set_of_pod[pods]).tolist()]

    def by_set(self, pods: Ints) -> list[tuple[Declared, Ints]]:
        """The same, each with those of the pods that have it."""
        sets = self._set_of_pod[pods]
        return [(self._declared.get(n, ()), pods[sets == n]) for n in np.unique(sets).tolist()]

    @cached_property
    def _declared(self) -> dict[int, Declared]:
        found: dict[int, list[tuple[str, str, int]]] = {}
        columns = (self._rows[c].tolist() for c in ("set", "name", "protocol", "number"))
        for number_of_set, *port in zip(*columns, strict=True):
            found.setdefault(number_of_set, []).append(tuple(port))
        return {number: tuple(ports) for number, ports in found.items()}


def numbers(declared: Declared, name: str, protocol: str) -> list[int]:
    """The numbers that a port's name stands for; one name may stand for several."""
    return [number for called, of, number in declared if (called, of) == (name, protocol)]
