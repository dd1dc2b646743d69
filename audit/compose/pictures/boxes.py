"""The boxes of namespaces in the network diagram: those that are alike together, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from audit.compose.pictures.spaces import Spaces, Which
from audit.policy.identities import Ints
from audit.queries.alike import alike
from audit.queries.crossings import Crossing

ELSEWHERE: Final = "elsewhere"
REST: Final = "rest"
_SWEEPS: Final = 8
"""How often boxes are set between those that they are linked with."""


@dataclass(frozen=True)
class Space:
    """A box of namespaces, by number."""

    members: Ints
    kind: str = ""
    """Empty for some that are alike; `REST` for all that are not told apart, `ELSEWHERE` for all that are not
    reported."""

    @property
    def merged(self) -> bool:
        """Whether the members are not alike."""
        return self.kind != ""


def groups(spaces: Spaces) -> list[Space]:
    """The namespaces that are alike; those with most namespaces first, then those with most open pods."""
    kinds = spaces.reported * 4 + spaces.system * 2 + spaces.doubtful + 8 * (spaces.pods > 0)
    classes = alike(spaces.hops, spaces.of_identity, kinds)
    order = np.argsort(classes, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(classes[order])) + 1)
    found = [each for each in members if spaces.pods[each[0]] and spaces.reported[each[0]]]
    found.sort(
        key=lambda each: (-len(each), -int(spaces.open[each].sum()), -int(spaces.pods[each].sum()), each[0])
    )
    alone = [Space(each) for each in found]
    elsewhere = np.flatnonzero((spaces.pods > 0) & ~spaces.reported)
    return [*alone, Space(elsewhere, ELSEWHERE)] if len(elsewhere) else alone


def folded(all_of_them: Sequence[Space], most: int) -> list[Space]:
    """So many at most: the last of them together, but for what is elsewhere."""
    apart = [group for group in all_of_them if group.kind == ELSEWHERE]
    own = [group for group in all_of_them if group.kind != ELSEWHERE]
    room = max(most - len(apart), 1)
    if len(own) > room:
        rest = np.sort(np.concatenate([group.members for group in own[room - 1 :]]))
        own = [*own[: room - 1], Space(rest, REST)]
    return own + apart


def ordered(
    boxes: Sequence[Space], spaces: Spaces, among: Sequence[Crossing], near: Sequence[Crossing]
) -> list[int]:
    """The places of the boxes from top to bottom: those linked close together, what is merged below.

    System namespaces are at the end. `among` is from each box, `near` from what is exposed.
    """
    tier = [_tier(box, spaces) for box in boxes]
    links = np.array([crossing.pods > 0 for crossing in among], np.bool_)
    linked = links | links.T
    np.fill_diagonal(linked, val=False)
    first = [crossing.pods > 0 for crossing in near]
    pull = np.array(first, np.bool_).sum(axis=0) if near else np.zeros(len(boxes), np.int64)
    order = sorted(range(len(boxes)), key=lambda box: (tier[box], -int(pull[box]), box))
    best, least = order, _length(order, linked)
    for _ in range(_SWEEPS):
        place = np.argsort(order)
        middle = [
            float(place[row].mean()) if row.any() else float(place[box]) for box, row in enumerate(linked)
        ]
        order = sorted(range(len(boxes)), key=lambda box: (tier[box], middle[box], place[box]))
        length = _length(order, linked)
        if length < least:
            best, least = order, length
    return best


def _tier(box: Space, spaces: Spaces) -> int:
    if box.merged:
        return 1
    return 2 if spaces.system[box.members].all() else 0


def _length(order: Sequence[int], linked: Which) -> int:
    """Of all lines together, in boxes."""
    place = np.argsort(order)
    one, other = np.nonzero(linked)
    return int(np.abs(place[one] - place[other]).sum())
