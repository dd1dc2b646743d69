"""Findings told once: subjects of one check that fail for the same cause in the same words are one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.checks import Check, Status
from audit.compose import words
from audit.compose.view import View
from audit.config import moment
from audit.policy.identities import Ints
from audit.severity import Severity
from reports.model import Text, name

MOST_TOLD: Final = 4
"""Findings of one check that are told at length; the next are rows of a table."""
_FEWEST_TOLD: Final = 2
_TOLD_IN_ALL: Final = 45
"""Of all checks together, some 20 pages: where many checks have findings, fewer of each are told."""

_MOST_FIRST: Final = 5
"""Findings that page one names as the first to mend."""

NO_MANIFEST: Final = -1

UNDER: Final = {
    "pods-are-isolated-for-ingress": "exposed-workloads-are-isolated",
    "namespaces-have-policies": "namespace-denies-ingress-by-default",
}
"""Checks that a subject fails for one cause, each with the graver: both rows stand in the tables, people are
told once, under that."""

_SHOWN: Final = ("kind", "namespace", "name", "message", "rule", "source", "waiver", "affected", "opened")
_NO_DATE: Final = -1

_SIZE: Final = re.compile(r"^ \((?:\d[^a-z)]* pods?|its pod template)\)")
"""What a sentence says of its subject's size, behind the name."""


@dataclass(frozen=True, eq=False)
class Cause:
    """One finding of the report: findings of a check that differ in their subject alone."""

    check: Check
    severity: Severity
    """In its context."""
    waived: bool
    """Whether it is accepted, by waivers that hold."""
    pods: int
    """Pods of all its subjects."""
    subject: tuple[str, str, str]
    """Namespace, kind and name of the first subject."""
    anchor: str
    """Where it stands in the report: by the id of its first subject."""
    positions: Ints
    """Its rows in `findings`, most pods first. There may be very many: `head` is for showing."""
    findings: pd.DataFrame
    """`View.findings` with `affected`, the subject's pods, `manifest`, the number of its remediation, and
    `opened`, the second of the epoch since when it is there."""
    as_of: datetime
    continued: bool
    """Whether there is a run before this one: then what is dated `as_of` is new."""
    at_length: bool = True
    """Whether it is told at length, not as a row of a table."""

    def __len__(self) -> int:
        """How many subjects it has."""
        return len(self.positions)

    def head(self, most: int, skip: int = 0) -> pd.DataFrame:
        """Rows up to number `most`, behind the first `skip`, without their manifests.

        Value by value: to take rows of a frame goes through all of its texts, which may be very many.
        """
        places = self.positions[skip:most].tolist()
        columns = {name: self.findings[name].array for name in _SHOWN}
        return pd.DataFrame({name: [column[place] for place in places] for name, column in columns.items()})

    @cached_property
    def first(self) -> Mapping[str, Any]:
        """Its first row, as `head` has it."""
        return {name: self.findings[name].array[self.positions[0]] for name in _SHOWN}

    def remediation(self, place: int) -> str:
        """The manifest that mends its subject number `place`."""
        return str(self.findings["remediation"].array[self.positions[place]])

    @property
    def told(self) -> str:
        """The anchor of where it is told: its own, or that of its check if it is a row of a table there."""
        return self.anchor if self.at_length else self.check.id

    @property
    def manifests(self) -> Ints:
        """The number in `findings` of the manifest that mends each subject; NO_MANIFEST where none does."""
        return self.findings["manifest"].to_numpy()[self.positions]

    @property
    def order(self) -> tuple[bool, int, int, tuple[str, str, str], str]:
        """The order of findings: severity, pods affected, name, check; waived ones behind all others."""
        return self.waived, -self.severity, -self.pods, self.subject, self.check.id

    def sentence(self) -> Text:
        """The first subject's sentence, for how many others the same holds, and since when."""
        first = self.first
        told = marked(first)
        others = len(self) - 1
        if not others:
            return words.text(told, self._since())
        # a subject that is no single word is told as `policy, or any object that counts`
        noun = self.check.subject.partition(" with ")[0] if "," not in self.check.subject else "object"
        pods = self.pods - int(first["affected"])
        size = f" ({words.counted(pods, 'pod')})" if pods else ""
        where = f" in {self._spread}" if self._spread and noun != "namespace" else ""
        same = f" The same holds for {words.counted(others, f'more {noun}')}{size}{where}."
        return words.text(told, same, self._since())

    @property
    def _spread(self) -> str:
        """In how many namespaces its subjects behind the first are; empty if all are in that one's."""
        first, *rest = self.findings["namespace"].cat.codes.to_numpy()[self.positions].tolist()
        spaces = set(rest)
        if spaces == {first}:
            return ""
        return "another namespace" if len(spaces) == 1 else words.counted(len(spaces), "namespace")

    @property
    def ages_differ(self) -> bool:
        """Whether its subjects are findings since different runs."""
        return len(np.unique(self._opened)) > 1

    def since(self, second: int) -> str:
        """The day of a second of `findings["opened"]`, in a word or two; empty if it is not known."""
        if second == _NO_DATE or (second == self._now and not self.continued):
            return ""
        return "new" if second == self._now else words.date(datetime.fromtimestamp(second, UTC), self.as_of)

    def _since(self) -> str:
        """Since when it is open, as a sentence with a blank before it; empty if nothing is known of it."""
        seconds = self._opened
        old = seconds[(seconds != _NO_DATE) & (seconds != self._now)]
        new = int((seconds == self._now).sum())
        if not len(old):
            return " New in this run." if new and self.continued else ""
        first, last = self.since(int(old.min())), self.since(int(old.max()))
        told = f" {'Known' if self.waived else 'Open'} since {first}"
        if new:
            return f"{told} at the longest; {words.number(new)} of them {words.verb(new, 'is', 'are')} new."
        return f"{told}." if first == last else f"{told} at the longest, since {last} at the shortest."

    @property
    def _opened(self) -> Ints:
        opened: Ints = self.findings["opened"].to_numpy()[self.positions]
        return opened

    @property
    def _now(self) -> int:
        return int(self.as_of.timestamp())


def causes(view: View) -> list[Cause]:
    """The findings of all checks, those to mend first at the front."""
    if not len(view.findings):
        return []
    findings = view.findings.assign(
        affected=_affected(view),
        why=_causes(view.findings),
        manifest=_manifests(view.findings),
        opened=_opened(view.findings["since"]),
    )
    findings = findings[~_told_elsewhere(view.findings)].reset_index(drop=True)
    told: Counter[str] = Counter()
    ordered = []
    found = sorted(_causes_of(view, findings), key=lambda cause: cause.order)
    checks = len({cause.check.id for cause in found})
    most = min(max(_TOLD_IN_ALL // max(checks, 1), _FEWEST_TOLD), MOST_TOLD)
    first = set(map(id, to_do_first(found)))
    for cause in found:
        # what page one says to do is never a row of a table: the manifest is there, and why
        at_length = told[cause.check.id] < most or id(cause) in first
        ordered.append(replace(cause, at_length=at_length))
        told[cause.check.id] += 1
    return ordered


def to_do_first(causes: Sequence[Cause]) -> list[Cause]:
    """The first few that are not waived; one that manifests above it mend already is no further step."""
    first: list[Cause] = []
    offered: set[int] = set()
    for cause in causes:
        manifests = set(np.unique(cause.manifests).tolist())
        if cause.waived or (NO_MANIFEST not in manifests and manifests <= offered):
            continue
        first.append(cause)
        offered |= manifests
        if len(first) == _MOST_FIRST:
            break
    return first


def told(view: View, causes: Sequence[Cause]) -> list[str]:
    """For each row of `View.findings` the anchor of what tells it, or of its check where that refers on."""
    anchors = view.findings["check"].to_numpy(dtype=object, copy=True)
    own = np.flatnonzero(~_told_elsewhere(view.findings))
    for cause in causes:
        anchors[own[cause.positions]] = cause.told
    return anchors.tolist()


def _told_elsewhere(findings: pd.DataFrame) -> NDArray[np.bool_]:
    """Which findings of RESULTS have their cause in common with a graver one of the same subject."""
    columns = ("check", "status", "kind", "namespace", "name")
    concerned = findings["check"].isin([*UNDER, *UNDER.values()]).to_numpy()
    keys = list(zip(*(findings.loc[concerned, c].astype("str").tolist() for c in columns), strict=True))
    every = set(keys)
    found = np.zeros(len(findings), np.bool_)
    found[concerned] = [(UNDER.get(check, ""), *subject) in every for check, *subject in keys]
    return found


def _causes_of(view: View, findings: pd.DataFrame) -> Iterator[Cause]:
    """A Cause for each check, severity, status and reason, without a frame of its own: there may be many."""
    by_id = {result.check.id: result.check for result in view.results}
    affected = findings["affected"].to_numpy()
    same = ["check", "severity", "status", "waiver", "why"]
    group = findings.groupby(same, observed=True, sort=False).ngroup()
    order = np.lexsort((-affected, group.to_numpy()))  # stable: within equals as checks have sorted them
    sizes = np.bincount(group)
    ends = np.cumsum(sizes)
    firsts = findings.iloc[order[ends - sizes]]
    pods = np.add.reduceat(affected[order], ends - sizes).tolist()
    columns = ("check", "severity", "status", "id", "namespace", "kind", "name")
    for place, (check, severity, status, anchor, *subject) in enumerate(words.rows(firsts, *columns)):
        yield Cause(
            check=by_id[check],
            severity=Severity.parse(severity),
            waived=status == Status.WAIVED,
            pods=pods[place],
            subject=(subject[0], subject[1], subject[2]),
            anchor=f"finding-{anchor}",
            positions=order[ends[place] - sizes[place] : ends[place]],
            findings=findings,
            as_of=view.as_of,
            continued=view.continued,
        )


def marked(row: Mapping[str, Any]) -> Text:
    """A finding's sentence, with what it is about set as a name."""
    message = str(row["message"])
    for called in _called(str(row["namespace"]), str(row["name"])):
        before, found, after = message.partition(called)
        if found:
            return words.text(words.in_code(before), (name(found),), words.in_code(after))
    return words.in_code(message)


def _called(namespace: str, plain: str) -> list[str]:
    """What sentences may call an object."""
    return [text for text in (f"{namespace}/{plain}", plain) if text.strip("/")]


def _causes(findings: pd.DataFrame) -> list[str]:
    """Each message without its beginning, which says whom it is about."""
    columns = ("message", "kind", "namespace", "name", "rule")
    return [_why(*row) for row in zip(*(findings[c].astype("str").tolist() for c in columns), strict=True)]


def _manifests(findings: pd.DataFrame) -> Ints:
    """Each remediation by number; equal ones have one."""
    codes, texts = pd.factorize(findings["remediation"])
    numbers = np.arange(len(texts))
    numbers[np.asarray(texts == "")] = NO_MANIFEST
    return numbers[codes]


def _opened(since: pd.Series) -> Ints:
    """Each date as a second of the epoch; _NO_DATE where there is none."""
    codes, texts = pd.factorize(since)
    seconds = [int(moment(text).timestamp()) if text else _NO_DATE for text in texts.tolist()]
    opened: Ints = np.array(seconds, np.int64)[codes]
    return opened


def _why(message: str, kind: str, namespace: str, plain: str, rule: str) -> str:
    for called in _called(namespace, plain):
        who = f"{kind} {called}"
        if message.startswith(who):
            return _SIZE.sub("", message[len(who) :].removeprefix(f", {rule}"), count=1)
    return message


def _affected(view: View) -> pd.Series:
    """The pods of each finding's subject; 0 where it has none."""
    known = pd.concat(
        [
            _pods(view.workloads, "workload", "workload"),
            _pods(view.namespaces, "Namespace", ""),
            _pods(view.policies[view.policies["evaluated"]], "NetworkPolicy", "name"),
        ]
    )
    known = known[~known.index.duplicated()]
    findings = view.findings
    namespace, plain = findings["namespace"].astype("str"), findings["name"]
    workload = findings["workload"]
    kind = findings["kind"].astype("str").where(workload == "", "workload")
    key = kind + "|" + namespace.where(kind != "Namespace", namespace.where(namespace != "", plain)) + "|"
    key += workload.where(workload != "", plain.where(kind != "Namespace", ""))
    return key.map(known).fillna(0).astype("int64")


def _pods(frame: pd.DataFrame, kind: str, column: str) -> pd.Series:
    key = f"{kind}|" + frame["namespace"].astype("str") + "|"
    return pd.Series(frame["pods"].to_numpy(), index=key + frame[column] if column else key)
