"""Rules whose ipBlocks allow too much: the check of each direction is this with its own words."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import pandas as pd

from audit.checks._addresses import ClusterIps, Networks, amount, purposes
from audit.checks._model import Status
from audit.checks._node_sources import NodeSources
from audit.checks._on_purpose import OnPurpose
from audit.checks._rules import NOT_IN_EFFECT, RuleAt, has_blocks, rules
from audit.checks._subjects import of_rows
from audit.exposure.policies import allowed_addresses
from audit.facts import Facts
from audit.language import number
from audit.policy.addresses import BITS, FAMILIES, Block, Range
from audit.policy.model import Direction

_LETS: Final = {Direction.INGRESS: "in", Direction.EGRESS: "out to"}
_CLUSTER_IPS: Final = "See ip-blocks-are-not-cluster-ips."
_MOST_SHOWN: Final = 4


def judge(facts: Facts, direction: Direction) -> pd.DataFrame:
    """A row for each rule of the direction that has an ipBlock."""
    broad = Broad(facts, direction)
    found = rules(facts, has_blocks, [direction])
    return of_rows([at.row(*broad.verdict(at), stands=OnPurpose.never(at)) for at in found])


class Broad:
    """What is broad in one direction of one cluster, by its thresholds and networks."""

    def __init__(self, facts: Facts, direction: Direction) -> None:
        """Nothing is worked out before it is asked for, and nothing twice."""
        thresholds = facts.settings.thresholds
        self._prefixes = {4: thresholds.ipv4_prefix, 6: thresholds.ipv6_prefix}
        self._facts = facts
        self._lets = _LETS[direction]
        self._purpose = OnPurpose(facts)
        self._sources = NodeSources(facts)
        self._known: dict[tuple[Block, ...], tuple[Status, str]] = {}

    def verdict(self, at: RuleAt) -> tuple[Status, str]:
        """The verdict on a rule; thousands of rules allow the same."""
        if not at.in_effect:
            return Status.NOT_APPLICABLE, NOT_IN_EFFECT
        blocks = tuple(peer for peer in at.rule.peers or () if isinstance(peer, Block))
        if blocks not in self._known:
            self._known[blocks] = self._work_out(blocks)
        status, told = self._known[blocks]
        if status is Status.FAILED:
            why = self._purpose.why(at)
            status, told = (Status.PASSED, why) if why else (status, f"{at.called}: {told}")
        return status, f"{told} {self._sources.note(at)}".rstrip()

    def _work_out(self, blocks: Sequence[Block]) -> tuple[Status, str]:
        told = self._told(blocks)
        if not told:
            return Status.PASSED, _passed(blocks)
        others = [block for block in blocks if self._cluster_ips.mistake(block) is None]
        if len(others) < len(blocks) and not self._told(others):
            return Status.NOT_APPLICABLE, _CLUSTER_IPS
        return Status.FAILED, f"{'; '.join(told)}. Name the addresses that have to connect."

    @cached_property
    def _networks(self) -> Networks:
        return Networks(self._facts)

    @cached_property
    def _cluster_ips(self) -> ClusterIps:
        return ClusterIps(self._facts)

    def _told(self, blocks: Sequence[Block]) -> list[str]:
        """For each family in which the blocks allow too much together, that in words."""
        told = []
        for family in FAMILIES:
            mine = [block for block in blocks if block.family == family]
            left = allowed_addresses(mine)
            size = sum(r.size for r in left)
            why = self._why(family, size, left)
            if why:
                shown = ", ".join(block.text for block in mine[:_MOST_SHOWN])
                more = f" and {number(len(mine) - _MOST_SHOWN)} more" if len(mine) > _MOST_SHOWN else ""
                less = " less its exceptions" if any(block.excepts for block in mine) else ""
                lets = "let" if len(mine) > 1 else "lets"
                of = "" if size == 1 << BITS[family] else f" ({purposes(family, left)})"
                told.append(f"{shown}{more}{less} {lets} {self._lets} {amount(family, size)}{of}: {why}")
        return told

    def _why(self, family: int, size: int, left: Sequence[Range]) -> str:
        whole = 1 << BITS[family]
        if size == whole:
            return f"any IPv{family} address there is"
        limit = whole >> self._prefixes[family]
        reasons = (
            [f"more than the {amount(family, limit)} of a /{self._prefixes[family]}"] if size > limit else []
        )
        reasons += self._networks.within(family, left)
        return ", and ".join(reasons)


def _passed(blocks: Sequence[Block]) -> str:
    """How many addresses remain, where that is not what is written too."""
    told = []
    for family in FAMILIES:
        mine = [block for block in blocks if block.family == family]
        if mine:
            size = sum(r.size for r in allowed_addresses(mine))
            prefix = min(block.prefix for block in mine)
            told.append(f"{amount(family, size)}, /{prefix} as written")
    return f"{'; '.join(told)}."
