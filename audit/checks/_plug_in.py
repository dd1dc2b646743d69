"""What the checks on the network plug-in share: where it is known, and what is said where it is not."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from audit.checks._model import Status
from audit.checks._subjects import cluster
from audit.enforcement import Answer, Pool
from audit.facts import Facts

NO_EFFECT: Final = "No policy has an effect here: see plug-in-enforces-policies."


def enforcing(facts: Facts) -> list[Pool]:
    """The pools on which policies are enforced."""
    return [pool for pool in facts.pools if pool.verdict.answer is Answer.ENFORCED]


def unknown(facts: Facts) -> str:
    """Why it cannot be told of some pool whether policies are enforced, as sentences; empty if it can."""
    untold = (pool.verdict.reason for pool in facts.pools if pool.verdict.answer is Answer.CANNOT_TELL)
    reasons = " ".join(dict.fromkeys(untold))
    return f"Whether the network plug-in enforces policies cannot be told. {reasons}" if reasons else ""


def untold(facts: Facts) -> pd.DataFrame | None:
    """The one subject of a check where no pool is known to enforce; None where one is."""
    if enforcing(facts):
        return None
    if reason := unknown(facts):
        return cluster(Status.NOT_ASSESSED, reason)
    return cluster(Status.NOT_APPLICABLE, NO_EFFECT)


def plug_ins(facts: Facts) -> Iterator[tuple[str, Pool]]:
    """The plug-ins that enforce, each with its version and once."""
    seen = set()
    for pool in enforcing(facts):
        called = pool.verdict.called
        if called not in seen:
            seen.add(called)
            yield called, pool


def passed(facts: Facts, message: str) -> tuple[Status, str]:
    """The verdict on what no plug-in fails: it passes, if all of them are known."""
    reason = unknown(facts)
    return (Status.NOT_ASSESSED, reason) if reason else (Status.PASSED, message)
