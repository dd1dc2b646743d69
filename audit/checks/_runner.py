"""Runs the checks, and says *not assessed* for them where what they need was not wholly read."""

import hashlib
import importlib
import logging
import pkgutil
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
import numpy as np
import pandas as pd

import audit.checks
from audit.checks._model import Check, CheckResult, Status
from audit.checks._subjects import cluster
from audit.facts import Facts
from audit.frames import CHECK_FACTS, RESULTS
from audit.policy.kinds import KINDS
from audit.severity import Severity
from audit.snapshot import Snapshot

_READ: Final = ("listed", "not served")
"""States of a kind of which every object is known; a kind that is not served has none."""
_JUDGED: Final = (Status.PASSED.value, Status.FAILED.value)
_ID_BYTES: Final = 8
_MOST_REASONS: Final = 5
_ALONE: Final = ". By NetworkPolicies alone: "

_log = logging.getLogger(__name__)


def load() -> list[Check]:
    """All checks by id; ImportError names a module that is no check."""
    names = sorted(module.name for module in pkgutil.iter_modules(audit.checks.__path__))
    return [_load(name) for name in names if not name.startswith("_")]


def run(facts: Facts, only: Collection[str] | None = None) -> list[CheckResult]:
    """Every check's verdicts on the cluster. A check that fails to run is an error of its own.

    All of it is judged, whatever the report is narrowed to; but where the namespaces `only` have no pods,
    what needs pods is not assessed.
    """
    no_pods = _no_pods(facts, only)
    return [_run(check, facts, no_pods) for check in load()]


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


def _load(name: str) -> Check:
    where = f"audit.checks.{name}"
    found = getattr(importlib.import_module(where), name, None)
    if not isinstance(found, Check):
        raise ImportError(f"{where}: has no check called {name}; the file's name is the function's")  # noqa: TRY004
    if not (found.title and found.rationale and found.subject and found.needs):
        raise ImportError(f"{where}: a check has a title, a docstring, a subject and kinds that it needs")
    return found


def _no_pods(facts: Facts, only: Collection[str] | None) -> str:
    """Why there is nothing for a check that needs pods, as a sentence; empty if there is something."""
    if only is None:
        return "" if len(facts.pods) else "There are no pods in this input."
    return "" if facts.pods["namespace"].isin(only).any() else "There are no pods in the chosen namespaces."


def _run(check: Check, facts: Facts, no_pods: str) -> CheckResult:
    gap = _gap(check, facts.snapshot)
    try:
        rows = _judged(check, facts, gap, no_pods)
        rows = _assessed(rows, gap, _unevaluated(check, facts, rows))
        return CheckResult(check, _finished(check, facts, rows), _reason(rows, gap))
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one check, the others count
        _log.warning("check %s failed to run: %s", check.id, type(error).__name__, exc_info=error)
        reason = f"The check failed to run: {type(error).__name__}. The log has more with --verbose."
        return CheckResult(check, _finished(check, facts, cluster(Status.ERROR, reason)), reason)


def _judged(check: Check, facts: Facts, gap: str, no_pods: str) -> pd.DataFrame:
    if "pods" in check.needs and no_pods:
        return cluster(Status.NOT_ASSESSED, gap or no_pods)
    rows = check.judge(facts)
    # subjects that were not read have no rows, and no rows would look like no findings
    return rows if len(rows) or not gap else cluster(Status.NOT_ASSESSED, gap)


def _gap(check: Check, snapshot: Snapshot) -> str:
    """What of the kinds that the check needs was not read, as a sentence; empty if all was."""
    kinds = snapshot["kinds"]
    wanted = set(check.needs)
    if check.verdict:
        # one that could not be listed may hold policies that nobody has seen
        wanted |= {kind.plural for kind in KINDS.values() if kind.governs} & set(
            kinds.loc[kinds["state"] != "not asked", "kind"]
        )
    states = {kind: snapshot.state(kind) for kind in sorted(wanted)}
    reasons = dict(zip(kinds["kind"].tolist(), kinds["reason"].tolist(), strict=True))
    unread = [
        f"{kind} ({state}{': ' if reasons.get(kind) else ''}{reasons.get(kind, '')})"
        for kind, state in states.items()
        if state not in _READ
    ]
    return f"Not everything could be read of {', '.join(unread)}." if unread else ""


def _unevaluated(check: Check, facts: Facts, rows: pd.DataFrame) -> pd.Series:
    """For each row the policies that could govern its subject's pods and are not evaluated."""
    if not check.verdict:
        return pd.Series("", index=rows.index, dtype="str")
    by_namespace = facts.namespaces.set_index("namespace")["unevaluated_policies"]
    return rows["namespace"].astype("str").map(by_namespace).fillna("")


def _assessed(rows: pd.DataFrame, gap: str, unevaluated: pd.Series) -> pd.DataFrame:
    """`rows` with what cannot be judged as not assessed.

    Where something was not read, that a check does not apply cannot be known either.
    """
    if gap:
        return rows.assign(status=Status.NOT_ASSESSED.value, message=gap)
    open_to_others = rows["status"].isin(_JUDGED) & (unevaluated != "")
    if not open_to_others.any():
        return rows
    status, message = rows["status"].astype("str").copy(), rows["message"].astype("str").copy()
    status[open_to_others] = Status.NOT_ASSESSED.value
    message[open_to_others] = (
        "Not evaluated by this version, and may change the verdict: "
        + unevaluated[open_to_others]
        + _ALONE
        + message[open_to_others]
    )
    return rows.assign(status=status, message=message)


def _reason(rows: pd.DataFrame, gap: str) -> str:
    """Why subjects were not assessed, as one text."""
    if gap:
        return gap
    messages = rows.loc[rows["status"] == Status.NOT_ASSESSED.value, "message"]
    reasons = list(
        dict.fromkeys(text.partition(_ALONE)[0] + "." * (_ALONE in text) for text in messages.tolist())
    )
    more = f" and {len(reasons) - _MOST_REASONS:,} more reasons" if len(reasons) > _MOST_REASONS else ""
    return " ".join(reasons[:_MOST_REASONS]) + more


def _finished(check: Check, facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    """The frame RESULTS: sorted, graded in context, with the ids and manifests of what failed."""
    rows = rows.sort_values(["namespace", "kind", "name"], kind="stable", ignore_index=True)
    failed = (rows["status"] == Status.FAILED.value).to_numpy()
    base = np.where(rows["severity"] == 0, int(check.severity), rows["severity"]).astype(np.int64)
    system = rows["namespace"].isin(facts.settings.systems).to_numpy()
    grade = np.where(system, np.maximum(base - 1, int(Severity.LOW)), base)
    message = rows["message"].astype("str").to_numpy(dtype=object)
    lowered = failed & (grade < base)
    message[lowered] += [
        f" Graded {Severity(g).word}: {Severity(b).word}, one step lower in a system namespace."
        for g, b in zip(grade[lowered], base[lowered], strict=True)
    ]
    ids, manifests = np.full((2, len(rows)), "", dtype=object)
    if failed.any():
        found = rows[failed]
        ids[failed] = _ids(check.id, found)
        if check.remedy is not None:
            manifests[failed] = check.remedy(facts, found)
    words = pd.Index(["", *(severity.word for severity in Severity)], dtype="str")
    blank = pd.Series([""], dtype="str").repeat(len(rows))
    return RESULTS.frame(
        {
            **{c: rows[c] for c in ("status", "kind", "namespace", "name", "rule", "workload", "source")},
            "check": pd.Series([check.id], dtype="category").repeat(len(rows)),
            "severity": pd.Series(pd.Categorical.from_codes(grade, categories=words)),
            "message": message,
            "remediation": manifests,
            "id": ids,
            "waiver": blank,
            "since": blank,
        }
    )


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
