"""Findings told once: subjects of one check that fail for the same cause in the same words are one."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from audit.checks import Check
from audit.compose import words
from audit.compose.view import View
from audit.severity import Severity
from reports.model import Text, name

MOST_TOLD: Final = 4
"""Findings of one check that are told at length; the next are rows of a table."""

_WAIVED: Final = "waived"

_SIZE: Final = re.compile(r"^ \((?:[\d,]+ pods?|its pod template)\)")
"""What a sentence says of its subject's size, behind the name."""


@dataclass(frozen=True)
class Cause:
    """One finding of the report: `rows` of `View.findings` that differ in their subject alone."""

    check: Check
    rows: pd.DataFrame
    """With the column `affected`, the subject's pods; most of them first."""
    at_length: bool = True
    """Whether it is told at length, not as a row of a table."""

    @property
    def severity(self) -> Severity:
        """How grave it is, in its context."""
        return Severity.parse(str(self.rows["severity"].iloc[0]))

    @property
    def waived(self) -> bool:
        """Whether it is accepted, by waivers that hold."""
        return str(self.rows["status"].iloc[0]) == _WAIVED

    @property
    def pods(self) -> int:
        """Pods of all its subjects."""
        return int(self.rows["affected"].sum())

    @property
    def subject(self) -> str:
        """Kind and name of the first subject, to sort by."""
        first = self.rows.iloc[0]
        return f"{first['namespace']}/{first['kind']}/{first['name']}"

    @property
    def anchor(self) -> str:
        """Where it stands in the report: by the id of its first subject."""
        return f"finding-{self.rows['id'].iloc[0]}"

    @property
    def told(self) -> str:
        """The anchor of where it is told: its own, or that of its check if it is a row of a table there."""
        return self.anchor if self.at_length else self.check.id

    @property
    def order(self) -> tuple[int, int, str, str]:
        """The order of findings: severity, pods affected, name, check."""
        return -self.severity, -self.pods, self.subject, self.check.id

    def sentence(self) -> Text:
        """The first subject's sentence, and for how many others the same holds."""
        first, others = self.rows.iloc[0], self.rows.iloc[1:]
        told = marked(first)
        if not len(others):
            return told
        return words.text(told, f" The same holds for {self._others(others)}.")

    def _others(self, others: pd.DataFrame) -> str:
        kinds = others["kind"].nunique()
        noun = self.check.subject if kinds == 1 else "object"
        counted = words.counted(len(others), f"more {noun}")
        pods = int(others["affected"].sum())
        with_pods = f" ({words.counted(pods, 'pod')})" if pods else ""
        namespaces = self.rows["namespace"].nunique()
        spread = namespaces > 1 and (others["kind"] != "Namespace").any()
        where = f" in {words.counted(namespaces, 'namespace')}" if spread else ""
        return f"{counted}{with_pods}{where}"


def causes(view: View) -> list[Cause]:
    """The findings of all checks, those to mend first at the front."""
    if not len(view.findings):
        return []
    rows = view.findings.assign(affected=_affected(view), cause=_causes(view.findings))
    rows = rows.sort_values(
        ["affected", "namespace", "name", "rule"], ascending=[False, True, True, True], kind="stable"
    )
    by_id = {result.check.id: result.check for result in view.results}
    keys = ["check", "severity", "status", "cause"]
    groups = rows.groupby(keys, observed=True, sort=False)
    found = [Cause(by_id[str(key[0])], group) for key, group in groups]
    told: Counter[str] = Counter()
    ordered = []
    for cause in sorted(found, key=lambda cause: (cause.waived, *cause.order)):
        ordered.append(replace(cause, at_length=told[cause.check.id] < MOST_TOLD))
        told[cause.check.id] += 1
    return ordered


def marked(row: pd.Series) -> Text:
    """A finding's sentence, with what it is about set as a name."""
    message = str(row["message"])
    for called in _called(str(row["namespace"]), str(row["name"])):
        before, found, after = message.partition(called)
        if found:
            return words.text(before, (name(found),), after)
    return message


def _called(namespace: str, plain: str) -> list[str]:
    """What sentences may call an object."""
    return [text for text in (f"{namespace}/{plain}", plain) if text.strip("/")]


def _causes(findings: pd.DataFrame) -> list[str]:
    """Each message without its beginning, which says whom it is about."""
    columns = ("message", "kind", "namespace", "name", "rule")
    return [_why(*row) for row in zip(*(findings[c].astype("str").tolist() for c in columns), strict=True)]


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
