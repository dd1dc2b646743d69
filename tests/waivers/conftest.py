"""A small cluster with findings, and waivers of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from audit import checks, waivers
from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.frames import RESULTS
from audit.settings import Accepting, Settings

AS_OF = datetime(2026, 11, 23, 2, tzinfo=UTC)
CHECK = "pods-are-isolated-for-ingress"
TERMS = "reason: r, owner: o, approved_by: a, created: 2026-11-01, expires: 2026-11-30"
CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: bank}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api, tier: back}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: bank, labels: {app: web}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: safe, namespace: bank, labels: {app: safe}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: safe, namespace: bank, labels: {of: ops}}
spec: {podSelector: {matchLabels: {app: safe}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}
"""
ANNOTATIONS = Settings(waivers=Accepting(annotations=True))


class Cluster:
    """One cluster, the verdicts on it, and what waivers make of them."""

    def __init__(self, directory, settings):
        self.directory = directory
        self.facts = evaluate(
            collect_files(directory, taken="2026-11-23T02:00:00Z", tool_version="0"), settings
        )
        self.results = checks.run(self.facts)

    def judge(self, snapshot, only=None):
        self.facts = evaluate(snapshot, self.facts.settings)
        self.results = checks.run(self.facts, only)

    def apply(self, *entries, only=None, as_of=AS_OF, terms=TERMS):
        """With waivers, each the inside of a flow mapping without its terms."""
        path = self.directory.parent / "waivers.yaml"
        lines = "\n".join(f"- {{{', '.join(filter(None, (entry, terms)))}}}" for entry in entries)
        path.write_text(f"waivers:\n{lines}\n" if lines else "", "utf-8")
        return waivers.apply(self.results, waivers.read(path), self.facts, as_of, only)

    def waived(self, *entries, check=CHECK, **options):
        """The subjects whose findings are waived, as `namespace/name`."""
        return with_status(self.apply(*entries, **options), check, "waived")

    def told(self, *entries, **options):
        """Status, severity and message of each waiver."""
        rows = rows_of(self.apply(*entries, **options), "waivers-are-current")
        return [(row.status, row.severity, row.message) for row in rows.itertuples()]


def rows_of(applied, check):
    (rows,) = (result.subjects for result in applied.results if result.check.id == check)
    return rows


def with_status(applied, check, status):
    rows = rows_of(applied, check)
    found = rows[rows["status"] == status]
    return {f"{row.namespace}/{row.name}" for row in found.itertuples()}


def graver(result):
    """The same result, all its findings critical."""
    rows = result.subjects.astype({"severity": "str"}).assign(severity="critical")
    return replace(result, subjects=RESULTS.conform(rows))


@pytest.fixture
def cluster(tmp_path):
    def make(text=CLUSTER, settings=None):
        directory = tmp_path / "in"
        directory.mkdir(exist_ok=True)
        (directory / "all.yaml").write_text(text, "utf-8")
        return Cluster(directory, settings or Settings())

    return make
