"""What became of the headline figures since the run before, or why that cannot be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.view import View
from audit.errors import AuditError
from audit.headline import Headline, Share, denies, with_pods
from audit.history.past import Past
from audit.history.record import Record
from audit.policy.model import Direction
from reports.model import Text, name

LABELS: Final = {
    "ingress_isolated": "Isolated for ingress",
    "egress_isolated": "Isolated for egress",
    "default_deny": "Default deny",
    "exposed_open": "Exposed, open",
    "broad_rules": "Broad CIDR rules",
    "doubtful_policies": "Doubtful policies",
}
"""What page one calls the figures, by the field of their change."""

_MOST_NAMED: Final = 3
_REACH: Final = ("namespace", "workload", "governed", "ingress", "ingress_pods")
_STORED: Final = ("namespace", "pods", "default_deny_{}", "nullified_{}")


@dataclass(frozen=True)
class Changes:
    """A change for each headline figure, to stand under it; and what all of them are held against."""

    ingress_isolated: str = ""
    egress_isolated: str = ""
    default_deny: str = ""
    exposed_open: str = ""
    broad_rules: str = ""
    doubtful_policies: str = ""
    compared: Text = ""

    def under(self, label: str) -> str:
        """That of the figure of this label; of one that earlier versions had it may be none."""
        return next((str(getattr(self, field)) for field, each in LABELS.items() if each == label), "")


def changes(view: View) -> Changes:
    """The changes of the figures; without a store there are none, and nothing is said."""
    past = view.past
    if past is None:
        return Changes()
    before = past.before
    if before is None or view.only is not None:
        return Changes(compared=_uncompared(view, past))
    return between(past.own, before, view.as_of)


def between(own: Record, before: Record, as_of: datetime) -> Changes:
    """The changes of the figures of a run's whole cluster since another run."""
    figures, was = own.head.figures, before.head.figures
    since = words.short_date(before.taken, as_of)
    differing = _differing(own, before)

    def found(now: Share, then: Share) -> str:
        return f"not compared with {since}" if differing else _counted(now, then, since)

    return Changes(
        ingress_isolated=_points(figures.ingress_isolated, was.ingress_isolated, since),
        egress_isolated=_points(figures.egress_isolated, was.egress_isolated, since),
        default_deny=_default_deny(own, before, since),
        exposed_open=_counted(figures.exposed_open, was.exposed_open, since),
        broad_rules=found(figures.broad_rules, was.broad_rules),
        doubtful_policies=found(figures.doubtful_policies, was.doubtful_policies),
        compared=words.text(
            f"Compared with the run of {words.day(before.taken)}.",
            _open_to_all(own, before),
            differing,
            _reserved(own, before),
        ),
    )


def _uncompared(view: View, past: Past) -> str | Text:
    """Why nothing is compared."""
    if past.problem:
        return f"Not compared with earlier runs: {past.problem}."
    if past.last is None:
        return "This is the first run in its store: there is nothing yet to compare it with."
    of = f"Not compared: the last run in the store, of {words.day(past.last.taken)}, is "
    if past.other_cluster:
        return words.text(of, "of another cluster, ", (name(past.last.head.cluster),), ".")
    if past.before is None:
        return f"{of}on a later snapshot than this one."
    return (
        "Figures are not compared: those that are stored are of the whole cluster, and this report is of "
        f"{words.verb(len(view.only or ()), 'a namespace', 'some namespaces')}."
    )


def _differing(own: Record, before: Record) -> Text:
    """Why findings of both runs cannot be counted against each other; empty if they can."""
    one, other = before.head, own.head
    reasons: list[Text] = []
    if one.version != other.version:
        reasons.append(words.text("it was made by segaudit ", (name(one.version),)))
    if one.settings != other.settings:
        reasons.append("its settings were others")
    if not reasons:
        return ""
    joined = words.text(reasons[0], " and " if len(reasons) > 1 else "", *reasons[1:])
    return words.text(" Rules and policies are not compared, as ", joined, ".")


def _reserved(own: Record, before: Record) -> str:
    """That a change may be one of what could be read or assessed; empty if it cannot."""
    one, other = before.head, own.head
    reasons = [
        "not everything could be read in one of them" if not (one.complete and other.complete) else "",
        "other checks could not be assessed in whole" if set(one.unassessed) != set(other.unassessed) else "",
    ]
    told = [reason for reason in reasons if reason]
    return f" A change may be owed to that: {words.joined(told)}." if told else ""


def _points(now: Share, then: Share, since: str) -> str:
    """The change of a share in points of percent."""
    if now.count is None or then.count is None:
        return _unknown(now, then, since)
    if now.count * then.of == then.count * now.of:
        return f"no change since {since}"
    told = words.points((now.count, now.of), (then.count, then.of))
    return f"{told} since {since}" if told else f"hardly changed since {since}"


def _counted(now: Share, then: Share, since: str) -> str:
    """The change of a number."""
    if now.count is None or then.count is None:
        return _unknown(now, then, since)
    if not now.whole or not then.whole:
        return f"not compared: not all assessed{'' if then.whole else f' on {since}'}"
    difference = now.count - then.count
    if not difference and now.of != then.of:
        return f"{words.number(then.count)} of {words.number(then.of)} on {since}"
    return f"{difference:+,} since {since}" if difference else f"no change since {since}"


def _unknown(now: Share, then: Share, since: str) -> str:
    """What to say where one of the two is no number."""
    if then.count is not None:
        return f"{words.number(then.count)} of {words.number(then.of)} on {since}"
    nothing = then.whole and now.count is not None
    return f"none to count on {since}" if nothing else f"not assessed on {since}"


def _open_to_all(own: Record, before: Record) -> Text:
    """Which workloads every pod may reach that could not be reached so before, or the other way round.

    Empty where there are none, or where it is not known of all.
    """
    try:
        now, then = (_reached_by_all(each.table("workloads", list(_REACH))) for each in (own, before))
    except AuditError:  # as below
        return ""
    if now is None or then is None or now == then:
        return ""
    accept = f"{words.counted(len(now), 'workload')} {words.verb(len(now), 'accepts', 'accept')}"
    told: list[Text] = [f" {accept} traffic from every pod, {words.number(len(then))} did then"]
    for what, some in (("new", now - then), ("no more", then - now)):
        if some:
            told += [f"; {what}: ", words.named(sorted(some), _MOST_NAMED)]
    return words.text(*told, ".")


def _reached_by_all(workloads: pd.DataFrame) -> set[str] | None:
    """Those of which some pod accepts traffic from every pod; None if not all of them are assessed."""
    if workloads["ingress"].eq("not_assessed").any():
        return None
    rows = workloads[workloads["governed"].gt(0) & workloads["ingress_pods"].eq("cluster")]
    return {f"{space}/{workload}" for space, workload in words.rows(rows, "namespace", "workload")}


def _default_deny(own: Record, before: Record, since: str) -> str:
    """The change for ingress, which is the figure, and for egress if there is one."""
    ingress = _denied(own, before, Direction.INGRESS, since)
    egress = _denied(own, before, Direction.EGRESS, "")
    return f"{ingress}; for egress {egress}" if egress else ingress


def _denied(own: Record, before: Record, direction: Direction, since: str) -> str:
    """The change for one direction, with the namespaces that lost and gained it where they are few.

    Without `since`, empty where there is no change that could be told.
    """
    now, then = (_share(each.head.figures, direction) for each in (own, before))
    if now.count is None or then.count is None:
        return _unknown(now, then, since) if since else ""
    lost, gained = _moved(own, before, direction)
    difference = now.count - then.count
    if not (difference or lost or gained):
        return f"no change since {since}" if since else ""
    many = f"{difference:+,}" if difference else "the same number"
    told = f"{many} since {since}" if since else many
    if lost and gained:
        return f"{told}: lost by {_few(lost)}; gained by {_few(gained)}"
    return f"{told}: {_few(lost or gained)}" if 0 < len(lost or gained) <= _MOST_NAMED else told


def _share(figures: Headline, direction: Direction) -> Share:
    return figures.ingress_denied if direction == Direction.INGRESS else figures.egress_denied


def _few(names: Sequence[str]) -> str:
    return words.joined(names) if len(names) <= _MOST_NAMED else words.counted(len(names), "namespace")


def _moved(own: Record, before: Record, direction: Direction) -> tuple[list[str], list[str]]:
    """The namespaces that denied by default then and not now, and the other way round."""
    columns = [column.format(direction) for column in _STORED]
    try:
        rows, stored = own.table("namespaces", columns), before.table("namespaces", columns)
    except AuditError:  # the figures stand in the head, and are whole
        return [], []
    was, now = _denying(stored, direction), _denying(rows, direction)
    there = set(rows["namespace"].tolist())
    lost = [each if each in there else f"{each} (gone)" for each in sorted(was - now)]
    return lost, sorted(now - was)


def _denying(namespaces: pd.DataFrame, direction: Direction) -> set[str]:
    rows = with_pods(namespaces)
    return set(rows.loc[denies(rows, direction), "namespace"].astype("str").tolist())
