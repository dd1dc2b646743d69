"""One choice of boxes for the network diagram, and all lines between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audit.compose.pictures.boxes import Space, ordered
from audit.compose.pictures.bundles import Edge, Pair
from audit.compose.pictures.entrances import Entrance, Entrances
from audit.compose.pictures.spaces import Spaces
from audit.queries.crossings import OF_NO_GROUP, Crossing


@dataclass(frozen=True)
class Plan:
    """Boxes from top to bottom, and lines by their places."""

    spaces: Spaces
    near: Sequence[Entrance]
    within: Sequence[Space]
    onward: Mapping[Pair, Edge]
    """From what is near outside to namespaces."""
    among: Mapping[Pair, Edge]

    @property
    def inside(self) -> frozenset[Pair]:
        """Lines from a namespace that is alone to itself: what is inside of it."""
        return frozenset((place, place) for place, box in enumerate(self.within) if len(box.members) == 1)

    def in_doubt(self, box: Space) -> bool:
        """Whether reach from or to some of it is not assessed."""
        return bool(self.spaces.doubtful[box.members].any())


def planned(spaces: Spaces, entrances: Entrances, boxes: Sequence[Space]) -> Plan:
    """With these boxes of namespaces."""
    groups = np.full(len(spaces.names), OF_NO_GROUP)
    for number, box in enumerate(boxes):
        groups[box.members] = number
    crossings = spaces.crossings(groups, len(boxes))
    near = entrances.through(crossings)
    among = [crossings.of(number) for number in range(len(boxes))]
    order = ordered(boxes, spaces, among, [entrance.crossing for entrance in near])
    place_of = {number: place for place, number in enumerate(order)}
    near.sort(key=lambda entrance: (entrance.rest, _middle(entrance.crossing, place_of)))
    doubtful = [bool(spaces.doubtful[box.members].any()) for box in boxes]

    def edges(crossing: Crossing, place: int, *, unsure: bool) -> dict[Pair, Edge]:
        return {
            (place, place_of[number]): _edge(spaces, crossing, number, unsure=unsure or doubtful[number])
            for number in _reached(crossing)
        }

    return Plan(
        spaces=spaces,
        near=near,
        within=[boxes[number] for number in order],
        onward={
            pair: edge
            for place, entrance in enumerate(near)
            for pair, edge in edges(entrance.crossing, place, unsure=entrance.in_doubt).items()
        },
        among={
            pair: edge
            for number, crossing in enumerate(among)
            for pair, edge in edges(crossing, place_of[number], unsure=doubtful[number]).items()
        },
    )


def _edge(spaces: Spaces, crossing: Crossing, number: int, *, unsure: bool) -> Edge:
    label = spaces.ports(int(crossing.connections[number]))
    return Edge(label, "doubtful" if unsure else "free" if crossing.free[number] else "plain")


def _reached(crossing: Crossing) -> list[int]:
    found: list[int] = np.flatnonzero(crossing.pods).tolist()
    return found


def _middle(crossing: Crossing, place_of: Mapping[int, int]) -> float:
    places = [place_of[number] for number in _reached(crossing)]
    return sum(places) / len(places) if places else 0.0
