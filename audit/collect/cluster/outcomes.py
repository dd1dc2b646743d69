"""How far each kind could be read: the rows of `frames.KINDS` and `frames.PARTS`, and when there is nothing.

| what happened | state |
|---|---|
| listed to its end | listed, or inconsistent where its pages are of different moments |
| 403, nothing read | forbidden |
| 403, and listed in some namespaces | partial, with a row for each namespace in PARTS |
| any other failure, before or after the first page; a resource that vanished | partial |
| the server does not serve it | not served |
| the server does not say whether it serves it | partial |
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from audit import frames
from audit.collect.cluster.messages import Served
from audit.collect.cluster.resources import CONFIG_MAPS, RESOURCES, SAME, Resource
from audit.errors import CollectError
from audit.listing import listed

LISTED, PARTIAL, INCONSISTENT, FORBIDDEN, NOT_SERVED = (
    "listed", "partial", "inconsistent", "forbidden", "not served",
)  # fmt: skip
RIGHTS: Final = "grant the rights that cronjob/base/rbac.yaml lists"
_UNREAD: Final = "an object of this kind could not be read"


class Outcome(NamedTuple):
    """What came of one list, or of getting one object."""

    namespace: str
    """Empty for all namespaces."""
    objects: int
    started: str
    ended: str
    status: int
    """Of the answer that ended it; 0 if none came."""
    failed: str
    """Why it did not come to its end; empty if it did."""
    resource_version: str = ""
    inconsistent: str = ""
    """Why it is not of one moment; empty if it is."""

    @property
    def state(self) -> str:
        """The state of the objects that it was to read."""
        if not self.failed:
            return INCONSISTENT if self.inconsistent else LISTED
        return FORBIDDEN if self.status == 403 and not self.objects else PARTIAL

    @property
    def reason(self) -> str:
        """Why the state is not `listed`."""
        if self.status == 404 and self.failed:
            return f"served when the run began, and gone when it was listed: {self.failed}"
        if self.failed and self.objects:
            return f"broke off after {self.objects:,} objects: {self.failed}"
        return self.failed or self.inconsistent


class Row(NamedTuple):
    """A row of KINDS; with a namespace, of PARTS."""

    kind: str
    namespace: str
    state: str
    objects: int
    resource_version: str
    started: str
    ended: str
    reason: str


def rows(
    found: Mapping[Resource, Sequence[Outcome]], served: Served, unread: Collection[str]
) -> tuple[list[Row], list[Row]]:
    """The rows of KINDS and of PARTS; `unread` are kinds of which an object could not be read."""
    kinds = [_kind(resource.plural, outcomes, unread) for resource, outcomes in found.items()]
    kinds += [
        Row(one.plural, "", PARTIAL, 0, "", "", "", f"whether there are any is not known: {why}")
        for one, why in served.unknown.items()
    ]
    known = {row.kind for row in kinds}
    twins = {one.plural for one in RESOURCES if one.group in SAME} - known
    kinds += [
        Row(one.plural, "", NOT_SERVED, 0, "", "", "", "")
        for one in RESOURCES
        if one.plural not in known | twins
    ]
    parts = [
        _row(resource.plural, outcome)
        for resource, outcomes in found.items()
        for outcome in outcomes
        if outcome.namespace and resource.kind != "ConfigMap"
    ]
    return sorted(kinds), sorted(parts)


def require_pods(kinds: Sequence[Row], parts: Sequence[Row], cluster: str) -> None:
    """CollectError if no pods could be read, or the whole cluster has none."""
    (pods,) = (row for row in kinds if row.kind == "pods")
    parts_read = any(row.kind == "pods" and row.state in (LISTED, INCONSISTENT) for row in parts)
    if pods.objects:
        return
    if pods.state == FORBIDDEN:
        raise CollectError(
            f"the pods of {cluster} cannot be read: {pods.reason}; {RIGHTS}, or name namespaces in which you "
            "may list pods with --namespace"
        )
    if not parts_read and pods.state == PARTIAL:
        raise CollectError(f"the pods of {cluster} cannot be read: {pods.reason}; try again later")
    if not parts_read:
        raise CollectError(
            f"{cluster} has no pods: there is nothing to audit; is this the cluster you meant?"
        )


def table(found: Sequence[Row], schema: frames.Schema) -> pa.Table:
    """The rows as KINDS or PARTS."""
    return schema.table({name: [getattr(row, name) for row in found] for name in schema.names})


def _row(kind: str, outcome: Outcome) -> Row:
    return Row(
        kind,
        outcome.namespace,
        outcome.state,
        outcome.objects,
        outcome.resource_version,
        outcome.started,
        outcome.ended,
        outcome.reason,
    )


def _kind(kind: str, outcomes: Sequence[Outcome], unread: Collection[str]) -> Row:
    first, *others = outcomes
    if kind == "configmaps":
        row = _named(kind, outcomes)
    elif others:
        row = _by_namespace(kind, first, others)
    else:
        row = _row(kind, first)
    if row.state == LISTED and kind in unread:
        return row._replace(state=PARTIAL, reason=_UNREAD)
    return row


def _by_namespace(kind: str, everywhere: Outcome, parts: Sequence[Outcome]) -> Row:
    """A kind that may not be listed in all namespaces."""
    read = [part.namespace for part in parts if part.state == LISTED]
    state = PARTIAL if read or any(part.objects for part in parts) else FORBIDDEN
    reason = everywhere.failed
    if read:
        reason = f"read in {listed(read)} only: {reason}"
    refused = [part for part in parts if part.state != LISTED]
    if refused:
        reason = f"{reason}; not in {listed([part.namespace for part in refused])}: {refused[0].reason}"
    return Row(
        kind, "", state, sum(p.objects for p in parts), "", everywhere.started, parts[-1].ended, reason
    )


def _named(kind: str, outcomes: Sequence[Outcome]) -> Row:
    """ConfigMaps, each got by its name."""
    refused = [
        (f"{wanted.namespace}/{wanted.name}", outcome)
        for wanted, outcome in zip(CONFIG_MAPS, outcomes, strict=True)
        if outcome.failed
    ]
    state, reason = LISTED, ""
    if refused:
        state = FORBIDDEN if len(refused) == len(outcomes) else PARTIAL
        reason = f"{listed([name for name, _ in refused])}: {refused[0][1].failed}"
    objects = sum(outcome.objects for outcome in outcomes)
    return Row(kind, "", state, objects, "", outcomes[0].started, outcomes[-1].ended, reason)
