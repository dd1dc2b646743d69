"""SARIF 2.1.0 (OASIS): findings for code scanning, with the file and line that they come from.

Objects of a live cluster have no file: they have a logical location, the API path. What was not assessed is
told as notifications of the tool.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import msgspec

from reports.errors import RenderFailure
from reports.model import Report, Text
from reports.source import Source, located
from reports.text import plain
from reports.verdicts import GRAVEST_FIRST, Check, Finding, checks, findings

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT: Final = "segauditFinding/v1"
_ROOT: Final = "ROOT"
_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""What GitHub sorts by: its bounds are 9.0, 7.0 and 4.0."""

_Json: TypeAlias = dict[str, Any]


def render_sarif(report: Report) -> bytes:
    """A run with a rule a check and a result a finding, the gravest first."""
    described = checks(report)
    rules = {check.check: place for place, check in enumerate(described)}
    gravest_first = sorted(findings(report), key=lambda finding: GRAVEST_FIRST.index(finding.severity))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(report, described)},
                "automationDetails": {"id": f"segaudit/{report.subject}/{report.created}"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    _ROOT: {"description": {"text": "The folder that was audited: what --from names."}}
                },
                "invocations": [_invocation(report, described, rules)],
                "results": [_result(finding, rules) for finding in gravest_first],
                "properties": _known(
                    cluster=report.subject,
                    sha256=report.identifier,
                    namespaces=list(report.scope),
                    classification=report.classification,
                ),
            }
        ],
    }
    try:
        return msgspec.json.encode(log) + b"\n"
    except UnicodeEncodeError as error:
        raise RenderFailure(f"SARIF: text that is not Unicode: {error.reason}") from error


def _driver(report: Report, described: list[Check]) -> _Json:
    name, _, version = report.generator.partition(" ")
    return _known(name=name, version=version, rules=[_rule(check) for check in described])


def _rule(check: Check) -> _Json:
    return {
        "id": check.check,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.rationale},
        "help": {"text": check.rationale},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {
            "security-severity": _SCORES[check.severity],
            "tags": ["security", "kubernetes", "networkpolicy"],
        },
    }


def _invocation(report: Report, described: list[Check], rules: Mapping[str, int]) -> _Json:
    return {
        "executionSuccessful": not any(check.error for check in described),
        "endTimeUtc": report.created,
        "toolExecutionNotifications": [
            *(_notification(report, text) for text in report.page_one.not_assessed),
            *(
                {
                    "level": "error" if check.error else "warning",
                    "message": {"text": check.gap},
                    "associatedRule": {"id": check.check, "index": rules[check.check]},
                }
                for check in described
                if check.gap
            ),
        ],
    }


def _notification(report: Report, text: Text) -> _Json:
    titles = {section.anchor: f"“{plain(section.title)}”" for section in report.sections}
    return {"level": "warning", "message": {"text": plain(text, titles)}}


def _result(finding: Finding, rules: Mapping[str, int]) -> _Json:
    result = {
        "ruleId": finding.check,
        "ruleIndex": rules[finding.check],
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {_FINGERPRINT: finding.id},
        "properties": _known(
            severity=finding.severity,
            kind=finding.kind,
            namespace=finding.namespace,
            name=finding.name,
            rule=finding.rule,
            workload=finding.workload,
            since=finding.since,
            remediation=finding.remediation,
        ),
    }
    if finding.waived:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"Waived by {finding.waiver}."}
        ]
    return result


def _location(finding: Finding) -> _Json:
    source = located(finding.source)
    logical = {"name": finding.name, "kind": finding.kind or "object", "fullyQualifiedName": finding.subject}
    if source.path:
        return {"physicalLocation": _physical(source), "logicalLocations": [logical]}
    if source.api:
        logical["fullyQualifiedName"] = source.api
    return {"logicalLocations": [logical]}


def _physical(source: Source) -> _Json:
    artifact = {"uri": quote(source.path), "uriBaseId": _ROOT}
    return {"artifactLocation": artifact, "region": {"startLine": source.line}}


def _known(**fields: object) -> _Json:
    """Those that are not empty."""
    return {name: value for name, value in fields.items() if value}
