"""Rules that other rules make redundant."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from audit.checks._breadth import Breadth
from audit.checks._on_purpose import is_dns
from audit.checks._rules import PolicyAt, RuleAt, policies
from audit.facts import Facts
from audit.policy.allowances import Allowance
from audit.policy.coverage import Counts, Coverage, Idle
from audit.policy.model import Direction

MOST: Final = 300_000
"""Pairs of rules that hold for a pod and are compared, in each direction: a second or two. Where there are
more, policies are left out whose pods have the most rules."""

Covers = Callable[[Allowance, Counts], bool]


class Redundant(NamedTuple):
    """A rule all of which other rules allow."""

    by: tuple[RuleAt, ...]
    """Those, by name of their policies; all of them stay if whatever is redundant goes."""
    for_good: bool
    """Whether they allow as much whatever pods there are, not just between those present."""


class Judged(NamedTuple):
    """What is to be said of a rule."""

    idle: Idle | None = None
    """What of it is nothing now."""
    meeting: int = 0
    """If they are too many to compare, how many rules hold for one of its pods."""
    redundant: Redundant | None = None
    owner: str = ""
    """The check that finds one of the others too broad: then they cover it only until that is mended."""


def judge(facts: Facts) -> dict[tuple[int, Direction, int], Judged]:
    """Of rules, by the keys of their RuleAt, all but those that are needed, or have no effect."""
    breadth, every = Breadth(facts), list(policies(facts))
    comparisons = (_Comparison(facts, direction, breadth, every) for direction in Direction)
    return {key: judged for comparison in comparisons for key, judged in comparison.judged()}


class _Comparison:
    """The rules of one direction, compared with each other.

    Of rules that cover each other the first, by name of its policy and place, is needed and the later are
    redundant: whoever removes all that are redundant closes nothing.
    """

    def __init__(
        self, facts: Facts, direction: Direction, breadth: Breadth, every: Sequence[PolicyAt]
    ) -> None:
        self._coverage = coverage = Coverage(facts.cluster.engine, direction)
        self._direction = direction
        self._breadth = breadth
        self._policies = every
        meeting = {number: coverage.meeting(number) for number in {a.number for a in coverage.allowances}}
        most = _limit([meeting[one.number] for one in coverage.allowances])
        self._crowded = {number: rules for number, rules in meeting.items() if rules > most}
        self._idle = {one: idle for one in coverage.allowances if (idle := coverage.idle(one)) is not None}
        self._redundant: set[Allowance] = set()

    def judged(self) -> Iterator[tuple[tuple[int, Direction, int], Judged]]:
        """What is to be said of each that something is to be said of."""
        compared = [one for one in self._coverage.allowances if self._is_compared(one)]
        # with all of the others; most rules are needed beside them, and so beside some of them
        covered = [one for one in compared if self._coverage.covered(one, self._is_there)]
        self._find(covered)
        for one, idle in self._idle.items():
            yield self._at(one).key, Judged(idle=idle)
        for one in self._coverage.allowances:
            if one.number in self._crowded and one not in self._idle:
                yield self._at(one).key, Judged(meeting=self._crowded[one.number])
        for one in covered:
            judged = self._judged(one)
            if judged is not None:
                yield self._at(one).key, judged

    def _is_compared(self, one: Allowance) -> bool:
        return one not in self._idle and one.number not in self._crowded and not is_dns(one.rule)

    def _find(self, covered: Sequence[Allowance]) -> None:
        """Find those that are redundant, the last first, and what is so for good before the rest."""
        for covers in (self._coverage.for_good, self._coverage.now):
            for one in reversed(covered):
                if one not in self._redundant and covers(one, self._is_kept):
                    self._redundant.add(one)
        # what was so for good may be no more without a rule that is redundant between the pods present
        for one in covered:
            if one in self._redundant and not self._coverage.covered(one, self._is_kept):
                self._redundant.remove(one)

    def _judged(self, one: Allowance) -> Judged | None:
        if one in self._redundant and (covers := self._covering(one, self._is_kept)):
            by = tuple(self._at(other) for other in self._least(one, covers, self._is_kept))
            return Judged(redundant=Redundant(by, covers == self._coverage.for_good))
        if covers := self._covering(one, self._is_there):
            owners = map(self._owner, self._least(one, covers, self._is_there))
            # without an owner it is covered since another is kept after all: then it stays, too
            return next((Judged(owner=owner) for owner in owners if owner), None)
        return None

    def _covering(self, one: Allowance, counts: Counts) -> Covers | None:
        """In which way rules that count cover one, if they do."""
        ways = (self._coverage.for_good, self._coverage.now)
        return next((covers for covers in ways if covers(one, counts)), None)

    def _least(self, one: Allowance, covers: Covers, counts: Counts) -> list[Allowance]:
        """As few of the rules that count as cover it: one if one does."""
        rest = [other for other in self._coverage.beside(one) if counts(other)]
        single = next((other for other in rest if covers(one, {other}.__contains__)), None)
        if single is not None:
            return [single]
        needed: list[Allowance] = []

        def is_enough(last: int) -> bool:
            return covers(one, {*needed, *rest[: last + 1]}.__contains__)

        while not covers(one, set(needed).__contains__):
            # the last of the fewest that do it beside those that are needed is needed, too
            fewest = bisect_left(range(len(rest)), 1, key=is_enough)
            needed.append(rest[fewest])
            rest = rest[:fewest]
        return sorted(needed, key=lambda other: other.place)

    def _is_kept(self, one: Allowance) -> bool:
        """Whether a rule may make others redundant."""
        return self._is_there(one) and not self._owner(one)

    def _is_there(self, one: Allowance) -> bool:
        """Whether a rule stays if whatever is redundant goes, one that is too broad among them."""
        return one not in self._redundant and one not in self._idle

    def _owner(self, one: Allowance) -> str:
        return self._breadth.owner(self._at(one))

    def _at(self, one: Allowance) -> RuleAt:
        return RuleAt(self._policies[one.number], self._direction, one.index, one.rule)


def _limit(meeting: Sequence[int]) -> int:
    """The most rules that may hold for a rule's pods, given how many do for each, to stay below MOST."""
    ordered = np.sort(np.array(meeting, np.int64))
    pairs = np.append(0, np.cumsum(ordered - 1))
    # all rules with as many, or none of them
    ends = np.searchsorted(ordered, ordered, side="right")
    fitting = ordered[pairs[ends] <= MOST]
    return int(fitting[-1]) if len(fitting) else 0
