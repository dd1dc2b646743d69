"""Every YAML that reports offer: a server takes it, its finding goes away, and it closes what it says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pandas as pd
import pytest

from audit import checks
from audit.collect.files import collect_files
from audit.diff import difference
from audit.diff.side import Side, side
from audit.facts import Facts, evaluate
from audit.frames import POLICIES
from audit.settings import Settings
from audit.snapshot import SNAPSHOT_TABLES, Snapshot
from audit.waivers import Waivers
from tests import acceptance, manifests
from tests.apiserver.server import ApiServer
from tests.checks.test_remediation import MISTAKES

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]

ROOT = Path(__file__).parents[2]
CORPUS = acceptance.ROOT.parent / "corpus"
DAY = datetime(2026, 11, 23, tzinfo=UTC)
BY_ID = {check.id: check for check in checks.load()}
INPUTS = {
    "mistakes": MISTAKES,
    "mistakes-that-count": MISTAKES.partition("metadata: {name: open,")[0].rpartition("---")[0],
    "three-tier": ROOT / "examples" / "three-tier" / "before",
    "sock-shop": ROOT / "examples" / "sock-shop",
    **{case.parent.name: case for case in sorted((ROOT / "tests" / "clusters").glob("*/manifests"))},
    **{case.name: case for case in sorted(CORPUS.glob("[a-z]*/")) if case.name != "sock-shop"},
    **{case.name: case / "manifests" for case in acceptance.CASES},
}
"""What is not beside the checkout is left out: `tests/acceptance.py`."""


class Offer(NamedTuple):
    """A text of YAML, and the finding that it mends."""

    check: str
    text: str
    row: Any

    @property
    def called(self) -> str:
        return f"{self.check} {self.row.namespace}/{self.row.name} {self.row.rule}\n{self.text}"

    @property
    def remark(self) -> str:
        """What it says above the YAML."""
        return " ".join(line.removeprefix("#") for line in self.text.splitlines() if line.startswith("#"))

    @property
    def policies(self) -> list[dict[str, Any]]:
        found = manifests.parse(self.text)
        assert {policy["kind"] for policy in found} == {"NetworkPolicy"}, self.called
        return found


class Judged(NamedTuple):
    """An input as it is, and what is offered for it."""

    snapshot: Snapshot
    facts: Facts
    offers: list[Offer]


@pytest.fixture(scope="module", params=INPUTS)
def judged(request, tmp_path_factory):
    source = INPUTS[request.param]
    if isinstance(source, str):
        folder = tmp_path_factory.mktemp("mistakes")
        (folder / "all.yaml").write_text(source, "utf-8")
        source = folder
    snapshot = collect_files(source, taken="2026-11-23T00:00:00Z", tool_version="0")
    facts = evaluate(snapshot, Settings())
    offers = {
        (row.check, row.remediation): Offer(row.check, row.remediation, row)
        for result in checks.run(facts)
        for row in result.subjects[result.subjects["status"] == "failed"].itertuples()
        if row.remediation
    }
    return Judged(snapshot, facts, list(offers.values()))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ApiServer(tmp_path_factory.mktemp("offered")) as server:
        yield server


def test_the_server_takes_it(judged, server):
    documents = [policy for offer in judged.offers for policy in offer.policies]
    for name in sorted({policy["metadata"]["namespace"] for policy in documents}):
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        server.kubectl("apply", "--filename=-", input=json.dumps(made))
    if documents:
        flags = ("--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-")
        server.kubectl("apply", *flags, input="---\n".join(offer.text for offer in judged.offers))


def test_its_finding_goes_away(judged):
    for offer in judged.offers:
        after = BY_ID[offer.check].judge(evaluate(with_policies(judged.snapshot, offer), Settings()))
        of_others = sum(
            (row.row.namespace, row.row.name) == (offer.row.namespace, offer.row.name)
            for row in judged.offers
            if row.check == offer.check and row.text != offer.text
        )
        without = BY_ID[offer.check].judge(judged.facts)
        left, before = (len(failing(rows, offer)) for rows in (after, without))
        assert left < before, offer.called
        assert left <= of_others + unmended(without, offer), offer.called


def test_it_closes_what_it_says(judged):
    before = compared(judged.snapshot)
    for offer in judged.offers:
        after = compared(with_policies(judged.snapshot, offer))
        closed = [
            f"{row.source} -> {row.destination} {row.closed}"
            for rows in difference.pairs(before, after)
            for row in rows[rows["closed"] != ""].itertuples()
        ]
        announced = "loses" in offer.remark and "closes no" not in offer.remark
        assert not closed or announced, (offer.called, closed[:5])


def with_policies(snapshot: Snapshot, offer: Offer) -> Snapshot:
    """The snapshot as it is after `kubectl apply` of what is offered."""
    rows = snapshot["policies"]
    texts = {table: snapshot[table] for table in SNAPSHOT_TABLES}
    new = [
        {
            "api_version": policy["apiVersion"],
            "kind": policy["kind"],
            "namespace": policy["metadata"]["namespace"],
            "name": policy["metadata"]["name"],
            "object": json.dumps(policy, default=str),
            "source": "offered",
        }
        for policy in offer.policies
    ]
    names = {(one["kind"], one["namespace"], one["name"]) for one in new}
    keys = zip(*(rows[c].astype("str").tolist() for c in ("kind", "namespace", "name")), strict=True)
    kept = rows[[key not in names for key in keys]].to_dict("records")
    blank = {"uid": "", "generation": 0, "created": "", "managers": ""}
    every = sorted((*kept, *(blank | one for one in new)), key=lambda one: (one["namespace"], one["name"]))
    texts["policies"] = POLICIES.frame({c: [one[c] for one in every] for c in POLICIES.names})
    provenance = msgspec.structs.replace(snapshot.provenance)
    return Snapshot(provenance, texts)


def failing(rows: pd.DataFrame, offer: Offer) -> pd.DataFrame:
    same = (rows["namespace"] == offer.row.namespace) & (rows["name"] == offer.row.name)
    return rows[same & (rows["status"] == "failed")]


def unmended(rows: pd.DataFrame, offer: Offer) -> int:
    """How many findings of the subject there is no offer for."""
    found = failing(rows, offer)
    remedy = BY_ID[offer.check].remedy
    return 0 if remedy is None or "mend" not in found else int(found["mend"].isna().sum())


def compared(snapshot: Snapshot) -> Side:
    return side("", snapshot, Settings(), Waivers(), DAY)
