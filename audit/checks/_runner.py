"""Runs the checks, and says *not assessed* for them where what they need was not wholly read."""

import hashlib
import importlib
import logging
import pkgutil
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import audit.checks
from audit.checks._context import graded
from audit.checks._model import FOUND, NOTES, UNASSESSED, Check, CheckResult, Status
from audit.checks._subjects import cluster, namespace, places, subjects
from audit.facts import Facts
from audit.frames import CHECK_FACTS, RESULTS
from audit.frames.schema import extension, same
from audit.language import number
from audit.policy.kinds import GOVERNING
from audit.policy.model import Direction, PodPeer
from audit.policy.selectors import NAME_LABEL
from audit.severity import Severity
from audit.snapshot import READABLE, Snapshot

_JUDGED: Final = (Status.PASSED.value, Status.FAILED.value)
_ID_BYTES: Final = 8
_MOST_REASONS: Final = 5
_SEVERITIES: Final = pd.Index(["", *(severity.word for severity in Severity)], dtype="str")
_MAY_CHANGE: Final = "Not evaluated by this version, and may change the verdict: "
_ALONE: Final = ". By NetworkPolicies alone: "
_NAMESPACES: Final = "namespaces"

_log = logging.getLogger(__name__)


def load() -> list[Check]:
    """All checks by id; ImportError names a module that is no check."""
    names = sorted(module.name for module in pkgutil.iter_modules(audit.checks.__path__))
    return [_load(name) for name in names if not name.startswith("_")]


def run(
    facts: Facts, only: Collection[str] | None = None, chosen: Collection[str] | None = None
) -> list[CheckResult]:
    """Every check's verdicts on the cluster, or of those `chosen` by id. One that fails to run is an error.

    All of it is judged, whatever the report is narrowed to; but where the namespaces `only` have no pods,
    what needs pods is not assessed, and what could not be read elsewhere is no reason to be told.
    """
    no_pods, kept = _no_pods(facts, only), None if only is None else frozenset(only)
    wanted = (check for check in load() if chosen is None or check.id in chosen)
    return [_run(check, facts, no_pods, kept) for check in wanted]


def verdicts(facts: Facts) -> Iterator[CheckResult]:
    """The same without manifests, a check at a time: each is run when its verdicts are asked for."""
    no_pods = _no_pods(facts, None)
    return (_run(replace(check, remedy=None), facts, no_pods, None) for check in load())


def result_of(
    check: Check,
    facts: Facts,
    rows: pd.DataFrame,
    only: Collection[str] | None = None,
    unread: tuple[str, ...] = (),
) -> CheckResult:
    """What a check found, of the rows of a Judge."""
    passed = rows["note"].astype("bool") & (rows["status"] == Status.PASSED.value)
    return CheckResult(
        check,
        _finished(check, facts, rows),
        _reason(rows[reported(rows, only)]),
        notes=rows.loc[passed, NOTES].sort_values(["namespace", "name"], kind="stable"),
        unread=unread,
    )


def reported(rows: pd.DataFrame, only: Collection[str] | None) -> pd.Series:
    """Which subjects are those of the chosen namespaces, or of the cluster."""
    if only is None:
        return pd.Series(data=True, index=rows.index)
    return places(rows).isin({*only, ""})


def unseen(result: CheckResult, place: pd.Series, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Which of these namespaces may have subjects, or the cluster if it is empty, that are not in the result.

    What needs nothing of the cluster misses nothing.
    """
    rows = result.subjects
    unassessed = rows[rows["status"].isin(UNASSESSED)]
    if (rows["status"] == Status.ERROR.value).any():
        hidden = place.notna()
    elif result.unread:
        hidden = ~place.isin(frozenset.intersection(*map(snapshot.read_in, result.unread)))
    elif (unassessed["kind"] == "Cluster").any() or (result.check.needs and snapshot.rows("gaps")):
        hidden = place.notna()
    else:
        hidden = place.isin(unassessed.loc[unassessed["kind"] == "Namespace", "name"])
    return hidden.to_numpy()


def summary(results: Sequence[CheckResult]) -> pd.DataFrame:
    """The frame CHECK_FACTS: a row for each check."""
    counts = [Counter(result.subjects["status"].value_counts().to_dict()) for result in results]
    return CHECK_FACTS.frame(
        {
            "check": [result.check.id for result in results],
            "severity": [result.check.severity.word for result in results],
            "subjects": [len(result.subjects) for result in results],
            **{status.value: [count[status.value] for count in counts] for status in Status},
            "reason": [result.reason for result in results],
        }
    )


def failed(results: Sequence[CheckResult]) -> pd.DataFrame:
    """The subjects that failed, waived ones too, as RESULTS has them."""
    frames = [result.subjects[result.subjects["status"].isin(FOUND)] for result in results]
    return RESULTS.joined([frame for frame in frames if len(frame)])


def _load(name: str) -> Check:
    where = f"audit.checks.{name}"
    found = getattr(importlib.import_module(where), name, None)
    if not isinstance(found, Check):
        raise ImportError(f"{where}: has no check called {name}; the file's name is the function's")  # noqa: TRY004
    if not (found.title and found.rationale and found.subject):
        raise ImportError(f"{where}: a check has a title, a docstring and a subject")
    return found


def _no_pods(facts: Facts, only: Collection[str] | None) -> str:
    """Why there is nothing for a check that needs pods, as a sentence; empty if there is something."""
    if only is None:
        return "" if len(facts.pods) else "There are no pods in this input."
    return "" if facts.pods["namespace"].isin(only).any() else "There are no pods in the chosen namespaces."


def _run(check: Check, facts: Facts, no_pods: str, only: frozenset[str] | None) -> CheckResult:
    try:
        rows, unread = _assessed(check, facts, no_pods, only)
        return result_of(check, facts, rows, only, unread)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one check, the others count
        _log.warning("check %s failed to run: %s", check.id, type(error).__name__, exc_info=error)
        reason = f"The check failed to run: {type(error).__name__}. The log has more with --verbose."
        return CheckResult(check, _finished(check, facts, cluster(Status.ERROR, reason)), reason)


class _Gap(NamedTuple):
    """Kinds that could not be read whole."""

    kinds: tuple[str, ...]
    reason: str
    """As a sentence."""
    read_in: frozenset[str]
    """The namespaces in which they were read whole nevertheless, where that is enough for the check."""


def _gap(snapshot: Snapshot, wanted: Collection[str], *, local: bool = False) -> _Gap | None:
    states = {kind: snapshot.state(kind) for kind in sorted(wanted)}
    unread = tuple(kind for kind, state in states.items() if state not in READABLE)
    if not unread:
        return None
    kinds = snapshot["kinds"]
    reasons = dict(zip(kinds["kind"].tolist(), kinds["reason"].tolist(), strict=True))
    # Mostly it is one reason for all of them, each time in other words
    told = [f"{unread[0]} ({': '.join(filter(None, (states[unread[0]], reasons.get(unread[0]))))})"]
    told += [f"{kind} ({states[kind]})" for kind in unread[1:_MOST_REASONS]]
    if rest := len(unread) - len(told):
        told.append(f"and {number(rest)} more")
    read_in = frozenset.intersection(*map(snapshot.read_in, unread)) if local else frozenset()
    return _Gap(unread, f"Not everything could be read of {', '.join(told)}.", read_in)


def _asked(snapshot: Snapshot, kinds: Collection[str]) -> set[str]:
    """Those of `kinds` that were to be read: nobody misses the objects of one that was never asked for."""
    return {kind for kind in kinds if snapshot.state(kind) != "not asked"}


def _assessed(
    check: Check, facts: Facts, no_pods: str, only: frozenset[str] | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The verdicts, with what cannot be judged as not assessed; and the kinds for whose sake that is."""
    if check.declared is not None and not check.declared(facts.settings):
        return subjects({}, 0), ()
    snapshot = facts.snapshot
    # a kind of policies that could not be listed may hold some that nobody has seen
    unseen = _asked(snapshot, GOVERNING) if check.verdict else set()
    needed = _gap(snapshot, {*check.needs, *unseen}, local=check.local)
    if "pods" in check.needs and no_pods and (needed is None or _covers(needed, only)):
        return cluster(Status.NOT_ASSESSED, no_pods), ()
    # without a single pod there are no frames that a check of pods could read
    rows = check.judge(facts) if len(facts.pods) or "pods" not in check.needs else subjects({}, 0)
    status, message, touched = rows["status"].astype("str"), rows["message"].astype("str"), set[str]()
    others = _unevaluated(check, facts, rows)
    open_to_others = status.isin(_JUDGED) & (others != "")
    if open_to_others.any():
        message = message.mask(open_to_others, _MAY_CHANGE + others + _ALONE + message)
    for gap, doubtful in _doubts(check, facts, rows, needed):
        message = message.mask(doubtful, gap.reason)
        open_to_others |= doubtful
        touched.update(gap.kinds if (doubtful & reported(rows, only)).any() else ())
    rows = rows.assign(status=status.mask(open_to_others, Status.NOT_ASSESSED.value), message=message)
    for gap, more in _unlisted(check, snapshot, rows, needed, only):
        rows = pd.concat([rows, more], ignore_index=True) if len(rows) else more
        touched.update(gap.kinds)
    return rows, tuple(sorted(touched))


def _doubts(
    check: Check, facts: Facts, rows: pd.DataFrame, needed: _Gap | None
) -> Iterator[tuple[_Gap, pd.Series]]:
    """Each gap and the rows whose verdict hangs on what is missing; of a row's gaps the last says why."""
    snapshot = facts.snapshot
    status = rows["status"]
    also = _asked(snapshot, check.also)
    if gap := _gap(snapshot, also & {_NAMESPACES}):
        yield gap, status.isin(_JUDGED) & _asks_labels(facts, rows)
    if gap := _gap(snapshot, also - {_NAMESPACES}):
        yield gap, status == Status.PASSED.value
    if gap := _gap(snapshot, _asked(snapshot, check.unless), local=check.local):
        hanging = (status == Status.FAILED.value) & ~rows["stands"].astype("bool")
        yield gap, hanging & ~places(rows).isin(gap.read_in)
    if needed:
        # where something was not read, that a check does not apply cannot be known either
        yield needed, ~places(rows).isin(needed.read_in)


def _unlisted(
    check: Check, snapshot: Snapshot, rows: pd.DataFrame, needed: _Gap | None, only: frozenset[str] | None
) -> Iterator[tuple[_Gap, pd.DataFrame]]:
    """Each gap and what stands for subjects that cannot be told: no rows would look like no findings."""
    if needed and not _covers(needed, only):
        told = set(places(rows[reported(rows, only)]).tolist()) - needed.read_in
        if check.local and only is not None:
            for name in sorted(only - needed.read_in - told):
                yield needed, namespace(name, Status.NOT_ASSESSED, needed.reason)
        elif not told:
            yield needed, cluster(Status.NOT_ASSESSED, needed.reason)
    among = _gap(snapshot, _asked(snapshot, check.among), local=check.local)
    if among and not _covers(among, only):
        yield among, cluster(Status.NOT_ASSESSED, among.reason)


def _covers(gap: _Gap, only: frozenset[str] | None) -> bool:
    """Whether all of the chosen namespaces were read whole in spite of the gap."""
    return only is not None and only <= gap.read_in


def _asks_labels(facts: Facts, rows: pd.DataFrame) -> pd.Series:
    """Which rows are of policies with peers that ask for labels which only Namespace objects have.

    The label with the namespace's name is known of each. What a policy itself selects hangs on none.
    """
    asking = {
        (policy.namespace, policy.name)
        for policy in facts.cluster.policies
        for direction in Direction
        for rule in policy.written(direction)
        for peer in rule.peers or ()
        if isinstance(peer, PodPeer) and peer.namespaces is not None
        if any(requirement.key != NAME_LABEL for requirement in peer.namespaces.requirements)
    }
    keys = zip(rows["namespace"].astype("str").tolist(), rows["name"].tolist(), strict=True)
    own = (rows["status"] == Status.FAILED.value) & (rows["rule"] == "")
    return pd.Series([key in asking for key in keys], index=rows.index, dtype="bool") & ~own


def _unevaluated(check: Check, facts: Facts, rows: pd.DataFrame) -> pd.Series:
    """For each row the policies that could govern its subject's pods and are not evaluated."""
    if not check.verdict:
        return pd.Series("", index=rows.index, dtype="str")
    by_namespace = facts.namespaces.set_index("namespace")["unevaluated_policies"]
    return rows["namespace"].astype("str").map(by_namespace).fillna("").str.replace(",", ", ")


def _reason(rows: pd.DataFrame) -> str:
    """Why subjects were not assessed, as one text."""
    messages = rows.loc[rows["status"] == Status.NOT_ASSESSED.value, "message"]
    reasons = list(
        dict.fromkeys(text.partition(_ALONE)[0] + "." * (_ALONE in text) for text in messages.tolist())
    )
    more = f" and {number(len(reasons) - _MOST_REASONS)} more reasons" if len(reasons) > _MOST_REASONS else ""
    return " ".join(reasons[:_MOST_REASONS]) + more


def _finished(check: Check, facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    """The frame RESULTS: sorted, graded in context, with the ids and manifests of what failed."""
    if rows.empty:
        return RESULTS.empty()
    rows = rows.sort_values(["namespace", "kind", "name"], kind="stable", ignore_index=True)
    failed = (rows["status"] == Status.FAILED.value).to_numpy()
    grade = np.where(rows["severity"] == 0, int(check.severity), rows["severity"]).astype(np.int64)
    message = rows["message"].astype("str").to_numpy(dtype=object)
    ids, manifests = np.full((2, len(rows)), "", dtype=object)
    if failed.any():
        found = rows[failed]
        context = graded(facts, found, grade[failed].tolist())
        message[failed] += [f" {why}" if why else "" for _, why in context]
        grade[failed] = [severity for severity, _ in context]
        ids[failed] = _ids(check.id, found)
        if check.remedy is not None:
            manifests[failed] = check.remedy(facts, found)
    blank = extension([""], "str").repeat(len(rows))
    return RESULTS.frame(
        {
            **{c: rows[c] for c in ("status", "kind", "namespace", "name", "rule", "workload")},
            "source": _sources(facts, rows),
            "check": same(check.id, len(rows)),
            "severity": pd.Categorical.from_codes(grade, _SEVERITIES, validate=False),
            "message": message,
            "remediation": manifests,
            "id": ids,
            "waiver": blank,
            "since": blank,
        }
    )


def _sources(facts: Facts, rows: pd.DataFrame) -> pd.Series | NDArray[np.object_]:
    """Where each subject was read; checks of namespaces need not look."""
    told = rows["source"].astype("str")
    here = ((told == "") & (rows["kind"] == "Namespace")).to_numpy()
    if not here.any():
        return told
    spaces = facts.snapshot["namespaces"]
    read = dict(zip(spaces["name"].tolist(), spaces["source"].tolist(), strict=True))
    sources = told.to_numpy(dtype=object)
    sources[here] = [read.get(place, "") for place in places(rows[here]).tolist()]
    return sources


def _ids(check: str, rows: pd.DataFrame) -> list[str]:
    """Hashes that stay when rules change places: equal rules of one policy are counted."""
    seen: Counter[tuple[str, ...]] = Counter()
    ids = []
    columns = (rows[c].astype("str").tolist() for c in ("kind", "namespace", "name", "content"))
    for key in zip(*columns, strict=True):
        text = msgspec.json.encode((check, *key, seen[key]))
        seen[key] += 1
        ids.append(hashlib.sha256(text).hexdigest()[: 2 * _ID_BYTES])
    return ids
