"""OSCAL assessment results (NIST, 1.1.3): observations, risks, and findings on controls.

An observation is what one check judged. A risk is what a check found, or what of it is accepted under one
waiver. A finding is the evidence on one control, if the report has `controls`: OSCAL knows satisfied and not
satisfied alone, so controls that were not assessed, or are a matter for people, have none and are named.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import NAMESPACE_URL, uuid5

import msgspec

from reports import values
from reports.legal import legal
from reports.marks import code, line
from reports.model import Report
from reports.text import plain
from reports.verdicts import GRAVEST_FIRST, Check, Finding, checks, findings

VERSION: Final = "1.1.3"
_NAMESPACE: Final = "urn:segaudit"
_MOST_TOLD: Final = 10
"""Findings that a risk tells; all are in csv/findings.csv."""
_UNTIL: Final = re.compile(r"\buntil (\d{4}-\d\d-\d\d), ")
"""In the text of a waiver: its last day, before anything that people wrote."""
_NIST: Final = "nist-800-53"
_ENHANCEMENT: Final = re.compile(r"\((\d+)\)")
_BEGINNING: Final = re.compile(r"[a-z_]")
_NO_NAME: Final = re.compile(r"[^\w.-]+", re.ASCII)
_STATES: Final = {
    "supports": ("satisfied", "pass", "The evidence supports this control as far as it is covered."),
    "supports_in_part": ("not-satisfied", "other", "The evidence supports this control in part."),
    "contradicts": ("not-satisfied", "fail", "The evidence contradicts this control."),
}

_Json: TypeAlias = dict[str, Any]


class _Control(NamedTuple):
    framework: str
    control: str
    title: str
    status: str
    checks: str
    covers: str
    does_not_cover: str
    by_hand: str


def render_oscal(report: Report) -> bytes:
    """One result with everything; all identifiers follow from the report."""
    return msgspec.json.format(msgspec.json.encode(_Maker(report).document()), indent=2) + b"\n"


class _Maker:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._base = uuid5(NAMESPACE_URL, f"{_NAMESPACE}:{report.identifier}:{report.created}")
        self._titles = {section.anchor: plain(section.title) for section in report.sections}
        self._checks = {check.check: check for check in checks(report)}
        self._risks = {check: list(self._risks_of(check)) for check in self._checks}

    def document(self) -> _Json:
        report = self._report
        return {
            "assessment-results": {
                "uuid": self._uuid("document"),
                "metadata": {
                    "title": line(report.title),
                    "last-modified": report.created,
                    "version": report.created,
                    "oscal-version": VERSION,
                    "props": self._properties(
                        cluster=report.subject,
                        classification=report.classification,
                        **{f"{report.evidence}-sha256": report.identifier},
                    ),
                },
                "import-ap": {
                    "href": f"#{self._uuid('plan')}",
                    "remarks": "There is no assessment plan in OSCAL. The plan is the catalogue of checks.",
                },
                "results": [self._result()],
                "back-matter": {"resources": [self._plan(), self._evidence()]},
            }
        }

    def _result(self) -> _Json:
        report, page = self._report, self._report.page_one
        controls = list(self._controls())
        seen: Counter[str] = Counter()
        judged = [control for control in controls if control.status in _STATES]
        told = [page.lead, page.enforcement, *page.not_assessed]
        risks = [risk for its in self._risks.values() for risk in its]
        return {
            "uuid": self._uuid("result"),
            "title": f"Network segmentation of {code(report.subject)}",
            "description": "\n\n".join(line(text, self._titles) for text in told if text),
            "start": report.created,
            "end": report.created,
            "local-definitions": {"assessment-assets": self._tool()},
            "reviewed-controls": {"control-selections": [*_selections(judged)] or [self._own_selection()]},
            "observations": [self._observation(check) for check in self._checks.values()],
            **({"risks": risks} if risks else {}),
            **({"findings": [self._finding(control, seen) for control in judged]} if judged else {}),
            "remarks": _left_out(controls),
        }

    def _own_selection(self) -> _Json:
        """Without controls of a framework the checks are what was assessed."""
        ids = [{"control-id": _identifier(check)} for check in self._checks]
        return {"description": "The checks themselves, for want of a framework.", "include-controls": ids}

    def _tool(self) -> _Json:
        tool = {
            "uuid": self._uuid("tool"),
            "type": "software",
            "title": line(self._report.generator),
            "description": "Audits the NetworkPolicies of a Kubernetes cluster by what they mean.",
            "status": {"state": "operational"},
        }
        platform = {"uuid": self._uuid("platform"), "uses-components": [{"component-uuid": tool["uuid"]}]}
        return {"components": [tool], "assessment-platforms": [platform]}

    def _observation(self, check: Check) -> _Json:
        judged = f"{check.subjects:,} judged: {check.told}." if check.told else "There was nothing to judge."
        return {
            "uuid": self._uuid("observation", check.check),
            "title": line(check.title),
            "description": "\n\n".join(filter(None, (line(check.rationale), judged, line(check.reason)))),
            "props": self._properties(
                check=check.check,
                **{name.replace("_", "-"): str(count) for name, count in check.counts.items()},
            ),
            "methods": ["TEST"],
            "types": ["control-objective"],
            "origins": [self._origin()],
            "relevant-evidence": [
                {"href": f"#{self._uuid('evidence')}", "description": "What was read, and judged."}
            ],
            "collected": self._report.created,
        }

    def _risks_of(self, name: str) -> Iterator[_Json]:
        """What a check found, and what of it is accepted: a risk for each waiver."""
        check = self._checks[name]
        found = self._found.get(name, [])
        failed = [finding for finding in found if not finding.waived]
        if failed:
            yield self._risk(check, failed, "open", name)
        accepted: dict[str, list[Finding]] = {}
        for finding in found:
            if finding.waived:
                accepted.setdefault(finding.waiver, []).append(finding)
        for waiver, its in accepted.items():
            yield self._risk(check, its, "deviation-approved", name, waiver)

    @cached_property
    def _found(self) -> Mapping[str, list[Finding]]:
        found: dict[str, list[Finding]] = {}
        for finding in findings(self._report):
            found.setdefault(finding.check, []).append(finding)
        return found

    def _risk(self, check: Check, found: list[Finding], status: str, *key: str) -> _Json:
        gravest = min((finding.severity for finding in found), key=GRAVEST_FIRST.index)
        shown = [f"- {line(finding.message)}" for finding in found[:_MOST_TOLD]]
        rest = len(found) - len(shown)
        more = [f"- and {rest:,} more, in csv/findings.csv"] if rest else []
        risk = {
            "uuid": self._uuid("risk", *key),
            "title": f"Not so: {line(check.title)}",
            "description": "\n".join((*shown, *more)),
            "statement": line(check.rationale),
            "props": self._properties(check=check.check, severity=gravest, findings=str(len(found))),
            "status": status,
            "origins": [self._origin()],
            "related-observations": [{"observation-uuid": self._uuid("observation", check.check)}],
        }
        if status != "open":
            risk |= self._accepted(key)
        return risk

    def _accepted(self, key: tuple[str, ...]) -> _Json:
        """The waiver as an entry of the risk's log, and its last day as the deadline."""
        entry = {
            "uuid": self._uuid("waiver", *key),
            "title": "Waived",
            "description": line(key[-1]) or "Waived.",
            "start": self._report.created,
            "status-change": "deviation-approved",
        }
        last = _UNTIL.search(key[-1])
        deadline = {"deadline": f"{last[1]}T23:59:59Z"} if last else {}
        return {**deadline, "risk-log": {"entries": [entry]}}

    def _controls(self) -> Iterator[_Control]:
        table = values.find(self._report, "controls")
        if table is not None:
            for row in values.rows(table, *_Control._fields):
                yield _Control(*(cell or "" for cell in row))  # type: ignore[arg-type] # all are texts

    def _finding(self, control: _Control, seen: Counter[str]) -> _Json:
        state, reason, told = _STATES[control.status]
        seen[_token(control)] += 1  # a control may be judged for several scopes
        known = [check for check in control.checks.split() if check in self._checks]
        remarks = (("Not covered", control.does_not_cover), ("By hand", control.by_hand))
        finding = {
            "uuid": self._uuid("finding", _token(control), str(seen[_token(control)])),
            "title": line(f"{control.control} {control.title}"),
            "description": line(control.covers) or told,
            "props": self._properties(
                framework=control.framework, control=control.control, evidence=control.status
            ),
            "target": {
                "type": "objective-id",
                "target-id": _token(control),
                "title": line(control.title) or line(control.control),
                "status": {"state": state, "reason": reason, "remarks": told},
            },
            "remarks": "\n\n".join(f"{term}: {line(text)}" for term, text in remarks if text),
            "related-observations": [
                {"observation-uuid": self._uuid("observation", check)} for check in known
            ],
            "related-risks": [{"risk-uuid": risk["uuid"]} for check in known for risk in self._risks[check]],
        }
        return {name: value for name, value in finding.items() if value}

    def _origin(self) -> _Json:
        return {"actors": [{"type": "tool", "actor-uuid": self._uuid("tool")}]}

    def _plan(self) -> _Json:
        return {
            "uuid": self._uuid("plan"),
            "title": "Catalogue of checks",
            "description": "Each check with what it asks, why, and what it needs.",
            "rlinks": [{"href": "catalogue.json"}],
        }

    def _evidence(self) -> _Json:
        report = self._report
        digest = {"algorithm": "SHA-256", "value": report.identifier}
        return {
            "uuid": self._uuid("evidence"),
            "title": f"The {report.evidence}",
            "description": "What the results were computed from.",
            "rlinks": [{"href": "snapshot.zip", "hashes": [digest]}],
        }

    def _properties(self, **values: str) -> list[_Json]:
        """Those that have a value; it has no line ends, and no blanks around it."""
        shown = {name: " ".join(legal(value).split()) for name, value in values.items()}
        return [{"name": name, "ns": _NAMESPACE, "value": value} for name, value in shown.items() if value]

    def _uuid(self, *key: str) -> str:
        return str(uuid5(self._base, "\0".join(key)))


def _selections(controls: Iterable[_Control]) -> Iterator[_Json]:
    """By framework."""
    by_framework: dict[str, list[_Control]] = {}
    for control in controls:
        by_framework.setdefault(control.framework, []).append(control)
    for framework, its in by_framework.items():
        ids = dict.fromkeys(map(_token, its))
        yield {"description": line(framework), "include-controls": [{"control-id": token} for token in ids]}


def _left_out(controls: Iterable[_Control]) -> str:
    """The controls on which the evidence says nothing."""
    told = ["Controls of NIST SP 800-53 are named as in its catalogue, others with their framework in front."]
    for status, words in (("not_assessed", "Not assessed"), ("by_hand", "To be assessed by people")):
        names = [line(f"{c.framework} {c.control}") for c in controls if c.status == status]
        if names:
            told.append(f"{words}: {', '.join(names)}.")
    return "\n\n".join(told)


def _token(control: _Control) -> str:
    """The identifier of the control: that of NIST's own catalogue, `sc-7.5` for SC-7(5), else one like it."""
    if control.framework.startswith(_NIST):
        return _identifier(_ENHANCEMENT.sub(r".\1", control.control))
    return _identifier(f"{control.framework}_{control.control}")


def _identifier(text: str) -> str:
    """Letters, digits and `.-_`, with a letter or `_` first."""
    shown = _NO_NAME.sub("-", text).strip("-").lower()
    return shown if _BEGINNING.match(shown) else f"_{shown}"
