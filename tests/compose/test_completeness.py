from dataclasses import replace

import pandas as pd

from audit import checks
from audit.compose import compose
from audit.config import Settings
from audit.facts import evaluate
from audit.frames import GAPS, KINDS
from audit.snapshot import Snapshot
from reports.model import KeyValues, Note, Table
from reports.text import plain
from tests.compose.conftest import AS_OF
from tests.compose.objects import CALICO, pod

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n"


def looked_at(report):
    return next(section for section in report.sections if section.anchor == "looked-at")


def test_a_part_that_cannot_be_read_is_on_page_one(report):
    made = report(pod("a") + "kind: [\n---\n" + pod("b"))
    lines = [plain(line) for line in made.page_one.not_assessed]
    assert any(line.startswith("Not read: ") and "all.yaml:" in line for line in lines)
    assert "not everything was readable" in plain(made.page_one.looked_at[0])
    tables = [block for block in looked_at(made).blocks if isinstance(block, Table)]
    assert "all.yaml:" in plain(tables[1].groups[0].rows[0][0])


def test_what_is_whole_is_said_to_be(report):
    made = report(pod("a"))
    assert "everything was readable" in plain(made.page_one.looked_at[0])
    notes = [block for block in looked_at(made).blocks if isinstance(block, Note)]
    assert notes[0].title == "Nothing is missing"


def test_objects_of_other_kinds_are_counted(report):
    notes = [b for b in looked_at(report(pod("a") + CONFIG_MAP)).blocks if isinstance(b, Note)]
    assert notes[1].title == "1 object of other kinds was passed over"
    assert notes[1].text == "1 ConfigMap."


def test_provenance_names_input_and_snapshot(report):
    made = report(pod("a"))
    pairs = next(block for block in looked_at(made).blocks if isinstance(block, KeyValues)).pairs
    told = {term: plain(text) for term, text in pairs}
    assert told["Read from"] == "shop-cluster"
    assert made.identifier in told["Snapshot"]


def test_the_plug_in_is_named_as_not_looked_at(report):
    assert "network plug-in" in plain(report(pod("a")).page_one.not_assessed[-1])


REFUSED = (
    "cronjobs", "daemonsets", "deployments", "endpointslices",
    "jobs", "namespaces", "nodes", "services",
)  # fmt: skip


def test_every_reason_for_not_assessed_is_told(snapshot):
    read = snapshot(pod("a") + CALICO)
    states = pd.DataFrame({"kind": [*REFUSED, "pods", "networkpolicies"], "objects": 0})
    states["state"] = ["forbidden"] * len(REFUSED) + ["listed"] * 2
    states["reason"] = ["nobody may list them"] * len(REFUSED) + [""] * 2
    kinds = KINDS.frame(states.assign(resource_version="", started="", ended=""))
    tables = {name: read[name] for name in ("pods", "labels", "policies", "workloads")}
    facts = evaluate(Snapshot(read.provenance, {**tables, "kinds": kinds}), Settings())
    results = checks.run(facts)
    place = next(place for place, result in enumerate(results) if len(result.subjects))
    failed = results[place].subjects.head(1).astype({"status": "str"}).assign(status="error")
    results[place] = replace(results[place], subjects=failed)
    made = compose(facts, results, as_of=AS_OF, generator="segaudit 0.1.0")
    lines = [plain(line) for line in made.page_one.not_assessed]
    assert lines[0].startswith(f"1 check failed to run: {results[place].check.id};")
    assert lines[1].startswith("1 GlobalNetworkPolicy of projectcalico.org was seen and not evaluated.")
    assert lines[2].startswith(
        "Not readable: cronjobs, daemonsets, deployments, endpointslices, jobs, namespaces, nodes and "
        "services (nobody may list them)."
    )
    assert "need some of them and are not assessed." in lines[2]


def test_parts_that_cannot_be_read_are_named_by_reason(snapshot, report_on):
    read = snapshot(pod("a"))
    subjects = [f"{letter}.yaml:{line}" for line, letter in enumerate("abcdefgh", 1)]
    gaps = GAPS.frame({"subject": subjects, "reason": ["looks like a template"] * 7 + ["is too large"]})
    tables = {name: read[name] for name in ("pods", "labels", "policies", "workloads", "kinds")}
    made = report_on(Snapshot(read.provenance, {**tables, "gaps": gaps}))
    (line,) = [plain(line) for line in made.page_one.not_assessed if plain(line).startswith("Not read: ")]
    assert line.startswith(
        "Not read: a.yaml:1, b.yaml:2, c.yaml:3 and d.yaml:4: looks like a template; h.yaml:8: is too large; "
        "and 3 more. No figure counts what is there, see "
    )
