"""Whatever waivers say, each finding is afterwards failed or waived; waived only by one that counts."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import checks, waivers
from tests.waivers.conftest import ANNOTATIONS, AS_OF, CHECK, CLUSTER

TODAY = AS_OF.date()
NAMESPACE_CHECK = "namespace-denies-ingress-by-default"
CHECKS = (
    CHECK,
    NAMESPACE_CHECK,
    "ingress-cidrs-are-narrow",
    "namespaces-have-policies",
)
LABELS = {
    ("shop", "web"): {"app": "web", "tier": "front"},
    ("shop", "api"): {"app": "api", "tier": "back"},
    ("bank", "web"): {"app": "web"},
    ("bank", "safe"): {"app": "safe"},
}
NAMESPACES = {"shop": {"team": "shop"}, "bank": {}}
POLICIES = {("bank", "safe"): {"of": "ops"}}
names = st.sampled_from(("", "web", "api", "safe", "shop", "bank", "gone"))
texts = st.sampled_from(("", " ", "somebody"))
days = st.none() | st.integers(-400, 400).map(lambda days: TODAY + timedelta(days))
expressions = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(("app", "tier", "team", "of")),
            "operator": st.sampled_from(("In", "NotIn")),
            "values": st.lists(st.sampled_from(("web", "front", "shop", "ops")), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(("app", "tier", "team", "of")),
            "operator": st.sampled_from(("Exists", "DoesNotExist")),
        }
    ),
)
entries = st.fixed_dictionaries(
    {
        "check": st.sampled_from(CHECKS),
        "namespace": st.sampled_from(("", "shop", "bank", "gone")),
        "name": names,
        "reason": texts,
        "owner": texts,
        "approved_by": texts,
        "created": days,
        "expires": days,
        "selector": st.none()
        | st.fixed_dictionaries({"matchExpressions": st.lists(expressions, min_size=1, max_size=2)}),
    }
).filter(lambda entry: entry["namespace"] or entry["name"] or entry["selector"])


def counts(entry):
    """Written once more, from the words of the README."""
    if not all(entry[field].strip() for field in ("reason", "owner", "approved_by")) or not entry["expires"]:
        return False
    begins = entry["created"] or TODAY
    return begins <= TODAY <= entry["expires"] <= begins + timedelta(366)


def meets(expression, labels):
    has, value = expression["key"] in labels, labels.get(expression["key"])
    return {
        "In": has and value in expression.get("values", ()),
        "NotIn": not has or value not in expression.get("values", ()),
        "Exists": has,
        "DoesNotExist": not has,
    }[expression["operator"]]


def labels_of(row):
    if row.kind == "Namespace":
        return {**NAMESPACES[row.name], "kubernetes.io/metadata.name": row.name}
    return (LABELS if row.workload else POLICIES)[row.namespace, row.name]


def names_it(entry, row):
    if entry["check"] != row.check or (entry["name"] and entry["name"] != row.name):
        return False
    if entry["namespace"] not in ("", row.namespace):
        return False
    if not entry["namespace"] and entry["name"] and row.kind != "Namespace":
        return False
    selector = entry["selector"] or {"matchExpressions": []}
    return all(meets(expression, labels_of(row)) for expression in selector["matchExpressions"])


@pytest.mark.parametrize("annotations", [False, True])
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_combination_of_waivers_makes_an_unwaived_finding_vanish(known, tmp_path, annotations, data):
    made = known[annotations]
    chosen = data.draw(st.lists(entries, max_size=6))
    path = tmp_path / "waivers.yaml"
    told = [{key: value for key, value in entry.items() if value is not None} for entry in chosen]
    path.write_text(json.dumps({"waivers": told}, default=date.isoformat), "utf-8")
    applied = waivers.apply(made.results, waivers.read(path), made.facts, AS_OF)
    before = {result.check.id: result.subjects for result in made.results}
    after = {result.check.id: result.subjects for result in applied.results}
    own = after.pop("waivers-are-current")
    assert len(own) == len(applied.waivers) >= len(chosen)
    assert before.keys() - after.keys() == {"waivers-are-current"}
    for check, rows in after.items():
        same = [column for column in rows.columns if column not in {"status", "waiver"}]
        assert rows[same].equals(before[check][same])
        for old, new in zip(before[check].itertuples(), rows.itertuples(), strict=True):
            holding = [entry for entry in chosen if counts(entry) and names_it(entry, new)]
            carried = annotations and (check, new.name) == (NAMESPACE_CHECK, "shop")
            expected = "waived" if old.status == "failed" and (holding or carried) else old.status
            assert new.status == expected
            assert bool(new.waiver) == (expected == "waived")
    listed = checks.failed(applied.results)
    assert set(checks.failed(made.results)["id"]) <= set(listed["id"])
    # what does not count is told
    wrong = own[own["status"] == "failed"]
    assert len(wrong) >= sum(
        not counts(entry) and not (entry["created"] or TODAY) > TODAY for entry in chosen
    )


@pytest.fixture
def known(cluster):
    """The cluster, and the same where one namespace carries a waiver; without the setting it is nothing."""
    value = {"check": NAMESPACE_CHECK, **dict.fromkeys(("reason", "owner", "approved_by"), "x")}
    note = json.dumps(json.dumps(value | {"expires": "2026-11-30"}))
    text = CLUSTER.replace("labels: {team", f"annotations: {{segaudit.io/waive: {note}}}, labels: {{team")
    return {True: cluster(text, ANNOTATIONS), False: cluster(text)}
