"""Who reaches whom: a square of namespaces, shaded by how many pods of each may be connected to."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from audit.compose import words
from audit.compose.pictures.spaces import Spaces
from audit.policy.identities import Ints
from audit.policy.sets import ALL_NUMBER
from audit.queries.crossings import OF_NO_GROUP, Crossing
from reports.model import Matrix, MatrixCell, Side, Text, code

_MOST: Final = 40
_MOST_SYSTEM: Final = 4
"""Of these where all others do not fit."""
_SHADES: Final = (
    (0.25, "to 25 %"),
    (0.5, "50 %"),
    (0.75, "75 %"),
    (0.999999, "below 100 %"),
    (1.0, "all pods"),
)
_COMMAND: Final = "segaudit connections --level namespace"


def reach(spaces: Spaces) -> Iterator[Matrix]:
    """The square of the namespaces with most open pods; none for one alone."""
    numbers = _chosen(spaces)
    if len(numbers) < 2:
        return
    groups = np.full(len(spaces.names), OF_NO_GROUP)
    groups[numbers] = np.arange(len(numbers))
    crossings = spaces.crossings(groups, len(numbers))
    cells, pairs = [], 0
    for row in range(len(numbers)):
        crossing = crossings.of(row)
        cells += [
            _cell(spaces, crossing, row, int(at), int(numbers[at])) for at in np.flatnonzero(crossing.pods)
        ]
        pairs += int(np.count_nonzero(crossing.pods)) - bool(crossing.pods[row])
    yield Matrix(
        title="Who reaches whom",
        sides=tuple(
            Side(spaces.names[n], bool(spaces.system[n]), bool(spaces.doubtful[n])) for n in numbers.tolist()
        ),
        cells=tuple(cells),
        shades=_SHADES,
        smaller="small: on some ports only",
        hatched="not assessed",
        caption=_caption(spaces, numbers),
        alternative=_alternative(len(numbers), pairs, cells),
        more=_more(spaces, np.setdiff1d(_with_pods(spaces), numbers)),
    )


def _chosen(spaces: Spaces) -> Ints:
    """The namespaces that are shown, most open pods first and system namespaces at the end."""
    numbers = _with_pods(spaces)
    # names are in order
    ordered = numbers[np.lexsort((-spaces.pods[numbers], -spaces.open[numbers], spaces.system[numbers]))]
    chosen = ordered[:_MOST]
    if len(ordered) > _MOST and not spaces.system[chosen].any():
        # most clusters have some, and who reaches those is what is asked first
        system = ordered[spaces.system[ordered]][:_MOST_SYSTEM]
        chosen = np.concatenate([ordered[: _MOST - len(system)], system])
    return chosen


def _with_pods(spaces: Spaces) -> Ints:
    return np.flatnonzero(spaces.reported & (spaces.pods > 0))


def _cell(spaces: Spaces, crossing: Crossing, row: int, at: int, number: int) -> MatrixCell:
    pods, of = int(crossing.pods[at]), int(spaces.pods[number])
    connections = int(crossing.connections[at])
    told = f"{words.number(pods)} of {words.counted(of, 'pod')}, {spaces.ports(connections)}"
    return MatrixCell(row, at, pods / of, connections == ALL_NUMBER, told)


def _caption(spaces: Spaces, numbers: Ints) -> Text:
    told = [
        (
            "Who reaches whom: the darker a cell, the more of the pods of the namespace above may be "
            "connected to from some pod of the namespace at the left, on whatever port and by policy. Framed "
            "cells are what pods of one namespace may do among themselves."
        )
    ]
    if spaces.doubtful[numbers].any():
        told.append(
            "Hatched cells are by NetworkPolicies alone: others, not evaluated or not read, may change them."
        )
    told.append("Pods in their node's network are left out.")
    return words.sentences(told)


def _alternative(count: int, pairs: int, cells: list[MatrixCell]) -> str:
    """What is to be seen at a glance."""
    possible = count * (count - 1)
    among = sum(cell.row == cell.column for cell in cells)
    if pairs == possible:
        between = f"Each of the {words.counted(count, 'namespace')} reaches all others"
    elif not pairs:
        between = f"None of the {words.counted(count, 'namespace')} reaches another"
    else:
        between = (
            f"Of {words.counted(possible, 'pair')} of {words.counted(count, 'namespace')} "
            f"{words.number(pairs)} {words.verb(pairs, 'has', 'have')} some connection"
        )
    within = f"pods of {words.counted(among, 'namespace')} reach" if among else "in none do pods reach"
    return f"{between}; {within} each other."


def _more(spaces: Spaces, left: Ints) -> Text:
    told = "All pairs: "
    if len(left):
        left_open = int(spaces.open[left].sum())
        pods = words.counted(left_open, "open pod") if left_open else "no open pod"
        told = f"and {words.counted(len(left), 'more namespace')} with {pods}; all pairs: "
    return words.text(told, (code(_COMMAND),), ".")
