"""JUnit XML, for pipelines that show tests: a suite a check, a case a finding.

What passed is one case a check, with its number: a case a subject would be too many
to show, and say nothing.
There is no standard; the elements and attributes are those that Jenkins, GitLab and Azure read.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.legal import legal
from reports.model import Report
from reports.source import located
from reports.verdicts import Check, Finding, checks, findings

_ZONE: Final = "Z"


def render_junit(report: Report) -> bytes:
    """Failed cases are findings, skipped ones are waived or not assessed, errors are checks that failed."""
    described = checks(report)
    found: dict[str, list[Finding]] = {check.check: [] for check in described}
    for finding in findings(report):
        found[finding.check].append(finding)
    suites = Element("testsuites", name=legal(f"{report.generator}: {report.subject}"))
    for check in described:
        suites.append(_suite(report, check, found[check.check]))
    _count(suites, suites.iter("testcase"))
    indent(suites, " ")
    written: bytes = tostring(suites, "utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(report: Report, check: Check, found: Iterable[Finding]) -> Element:
    suite = Element("testsuite", name=check.check, timestamp=report.created.removesuffix(_ZONE))
    properties = SubElement(suite, "properties")
    told = {"title": check.title, "cluster": report.subject, f"{report.evidence}_sha256": report.identifier}
    told |= {"namespaces": ", ".join(report.scope)} if report.scope else {}
    told |= {name: str(count) for name, count in ({"subjects": check.subjects} | check.counts).items()}
    for name, value in told.items():
        SubElement(properties, "property", name=name, value=legal(value))
    if check.passed:
        _case(suite, check.check, f"{check.passed:,} passed")
    seen: Counter[str] = Counter()
    for finding in found:
        _finding(suite, finding, seen)
    if check.not_assessed:
        case = _case(suite, check.check, f"{check.not_assessed:,} not assessed")
        SubElement(case, "skipped", message=legal(f"Not assessed: {check.reason}"))
    if check.error:
        case = _case(suite, check.check, "the check itself")
        SubElement(case, "error", message=legal(check.reason), type="error")
    _count(suite, suite.iter("testcase"))
    return suite


def _finding(suite: Element, finding: Finding, seen: Counter[str]) -> None:
    """A case; two of the same subject and rule have names that differ, or the second would be a retry."""
    name = f"{finding.subject} {finding.rule}".strip()
    seen[name] += 1
    case = _case(suite, finding.check, name if seen[name] == 1 else f"{name} ({seen[name]})")
    source = located(finding.source)
    if source.path:
        case.set("file", legal(source.path))
        case.set("line", str(source.line))
    if finding.waived:
        SubElement(case, "skipped", message=legal(f"Waived by {finding.waiver}. {finding.message}"))
        return
    failure = SubElement(case, "failure", message=legal(finding.message), type=finding.severity)
    place = finding.source or finding.subject
    text = f"{finding.message}\n{place}\n\n{finding.remediation}"
    failure.text = legal(text.rstrip("\n"))


def _case(suite: Element, check: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=check, name=legal(name), time="0")


def _count(element: Element, cases: Iterable[Element]) -> None:
    """The attributes that count `cases` by what became of them."""
    counts = Counter(case[0].tag if len(case) else "passed" for case in cases)
    element.set("tests", str(counts.total()))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(counts[tag]))
    element.set("time", "0")
