"""What of the facts and results is reported: all of it, or some namespaces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from audit import checks, controls
from audit.checks import CheckResult
from audit.compose.notes import with_notes
from audit.controls import Assessment
from audit.facts import Facts
from audit.frames import WAIVERS
from audit.history.past import Past
from audit.history.story import Story, story
from audit.policy.kinds import GOVERNING
from audit.snapshot import READABLE


@dataclass(frozen=True)
class View:
    """The frames of `Facts` and the results, as far as they are reported."""

    facts: Facts
    as_of: datetime
    generator: str
    only: tuple[str, ...] | None
    """The namespaces to which the report is narrowed, sorted; None if it is not."""
    results: tuple[CheckResult, ...]
    findings: pd.DataFrame
    """RESULTS: subjects that failed, waived ones included; the gravest first."""
    checks: pd.DataFrame
    pods: pd.DataFrame
    finished_pods: pd.DataFrame
    namespaces: pd.DataFrame
    workloads: pd.DataFrame
    services: pd.DataFrame
    policies: pd.DataFrame
    rules: pd.DataFrame
    exposure: pd.DataFrame
    waivers: pd.DataFrame
    """WAIVERS: all that were given."""
    frameworks: tuple[Assessment, ...]
    """What the evidence says of the controls of frameworks."""
    past: Past | None = None
    """What the store of the run tells; None without a store."""
    story: Story | None = None
    """The same as tables."""

    @property
    def known(self) -> bool:
        """Whether all NetworkPolicies and pods of it could be read, so that a count says something."""
        return self.readable("networkpolicies") and self.readable("pods")

    @property
    def unseen_policies(self) -> bool:
        """Whether there may be policies that nobody has seen, of kinds that are not evaluated."""
        state = self.facts.snapshot.state
        return any(state(kind) != "not asked" and not self.readable(kind) for kind in GOVERNING)

    @property
    def published(self) -> bool:
        """Whether all that may expose pods to outside could be read, as far as it was asked for."""
        state = self.facts.snapshot.state
        return all(state(kind) == "not asked" or self.readable(kind) for kind in checks.EXPOSING)

    @property
    def continued(self) -> bool:
        """Whether there is a run before this one: then what is dated `as_of` is new."""
        return self.past is not None and self.past.before is not None

    def readable(self, kind: str) -> bool:
        """Whether all objects of a kind that belong to the report could be read, as far as can be known."""
        snapshot = self.facts.snapshot
        whole = snapshot.state(kind) in READABLE
        return whole or (self.only is not None and snapshot.read_in(kind).issuperset(self.only))


def view(  # noqa: PLR0913, PLR0917  # what a report is of
    facts: Facts,
    results: Sequence[CheckResult],
    as_of: datetime,
    generator: str,
    only: Collection[str] | None,
    past: Past | None,
    waivers: pd.DataFrame | None = None,
) -> View:
    """Narrow to the namespaces `only`; what belongs to the cluster as a whole stays."""
    kept = None if only is None else frozenset(only)
    wide = None if kept is None else kept | {""}
    judged = tuple(
        replace(result, subjects=_subjects(result.subjects, kept), notes=_within(result.notes, kept))
        for result in results
    )
    policies, rules = with_notes(_within(facts.policies, wide), _within(facts.rules, kept), judged)
    return View(
        facts=facts,
        as_of=as_of,
        generator=generator,
        only=None if kept is None else tuple(sorted(kept)),
        results=judged,
        findings=checks.failed(judged),
        checks=checks.summary(judged),
        pods=_within(facts.reach, kept),
        finished_pods=_within(facts.finished_pods, kept),
        namespaces=_within(facts.namespaces, kept),
        workloads=_within(facts.workloads, kept),
        services=_within(facts.services, kept),
        policies=policies,
        rules=rules,
        exposure=_within(facts.exposure, kept),
        waivers=_within(WAIVERS.empty() if waivers is None else waivers, wide),
        frameworks=tuple(controls.assess(facts, judged)),
        past=past,
        story=None if past is None else _told(past, kept),
    )


def _within(frame: pd.DataFrame, kept: frozenset[str] | None) -> pd.DataFrame:
    return frame if kept is None else frame[frame["namespace"].isin(kept)].reset_index(drop=True)


def _told(past: Past, kept: frozenset[str] | None) -> Story:
    """What concerns the cluster as a whole, its figures, stays."""
    whole = story(past)
    if kept is None:
        return whole
    period = replace(
        whole.period,
        workloads=_within(whole.period.workloads, kept),
        namespaces=_within(whole.period.namespaces, kept),
    )
    return replace(whole, period=period, changes=_within(whole.changes, kept | {""}))


def _subjects(subjects: pd.DataFrame, kept: frozenset[str] | None) -> pd.DataFrame:
    """A Namespace is its own namespace, whichever of the two columns names it."""
    if kept is None:
        return subjects
    own = subjects["namespace"].astype("str")
    named = own.where(own.ne("") | subjects["kind"].ne("Namespace"), subjects["name"])
    return subjects[named.isin(kept | {""})].reset_index(drop=True)
