from dataclasses import replace

import pandas as pd
from msgspec import structs

from audit import checks
from audit.compose import compose
from audit.facts import evaluate
from audit.frames import GAPS, KINDS, SNAPSHOT_TABLES
from audit.settings import Settings
from audit.snapshot import Snapshot
from reports.model import KeyValues, Note, Table
from reports.text import plain
from tests.compose.conftest import AS_OF
from tests.compose.objects import CALICO, pod, read_in_part, read_only_in

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
    assert "rules-use-pod-ports-not-service-ports are not assessed. Labels of namespaces" in lines[2]


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


def table(report, caption):
    found = (block for block in looked_at(report).blocks if isinstance(block, Table))
    return next((block for block in found if plain(block.caption).startswith(caption)), None)


def test_kinds_that_a_cluster_does_not_serve_are_no_rows(snapshot, report_on):
    states = {"rollouts": ("not served", ""), "gateways": ("not served", ""), "nodes": "forbidden"}
    kinds = table(report_on(read_in_part(snapshot(pod("a")), states)), "Kinds that were read")
    rows = {row[0]: row[2] for row in kinds.groups[0].rows}
    assert {"rollouts", "gateways"}.isdisjoint(rows)
    assert rows["nodes"].startswith("forbidden: the server answered 403 (nodes is forbidden: ")
    # the whole reason stands here
    assert rows["nodes"].endswith("at the cluster scope)")
    assert "Not served by this cluster: gateways and rollouts." in plain(kinds.more)


def test_namespaces_that_were_read_one_by_one_are_told(snapshot, report_on):
    read = read_only_in(snapshot(pod("a")), ["shop", "web"], "pods", "services", refused=["bank"])
    made = report_on(read, ["shop", "web", "bank"])
    parts = table(made, "Kinds that may not be listed in all namespaces")
    assert [tuple(map(plain, row)) for row in parts.groups[0].rows] == [
        ("pods", "shop and web", "bank (forbidden)"),
        ("services", "shop and web", "bank (forbidden)"),
    ]
    pairs = next(block for block in looked_at(made).blocks if isinstance(block, KeyValues)).pairs
    assert plain(dict(pairs)["Namespaces read"]) == "shop and web, one by one: see the kinds below"
    assert table(report_on(snapshot(pod("a"))), "Kinds that may not be listed in all") is None


def test_a_report_with_a_kind_that_is_missing_does_not_say_that_nothing_is(snapshot, report_on):
    made = report_on(read_in_part(snapshot(pod("a")), {"nodes": "forbidden"}))
    assert not [block for block in looked_at(made).blocks if isinstance(block, Note)]


def of_cluster(read, **provenance):
    tables = {name: read[name] for name in SNAPSHOT_TABLES}
    return Snapshot(structs.replace(read.provenance, kind="cluster", files=0, **provenance), tables)


def test_the_groups_of_a_cluster_are_counted(snapshot, report_on):
    groups = ("apps/v1", "batch/v1", "autoscaling/v1", "autoscaling/v2")
    made = report_on(of_cluster(snapshot(pod("a")), cluster="prod", api_groups=groups))
    pairs = dict(next(block for block in looked_at(made).blocks if isinstance(block, KeyValues)).pairs)
    assert pairs["API groups"] == "3 groups beside the core API"
    assert "API groups" not in dict(looked_at(report_on(snapshot(pod("a")))).blocks[0].pairs)


def test_it_is_said_as_whom_a_cluster_was_read(snapshot, report_on):
    read = snapshot(pod("a"))
    known = plain(report_on(of_cluster(read, read_as="jane")).page_one.looked_at[0])
    assert "read as jane;" in known
    unknown = plain(report_on(of_cluster(read)).page_one.looked_at[0])
    assert "read from the cluster, as whom is not known;" in unknown
