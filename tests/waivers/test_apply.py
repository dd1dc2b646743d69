"""Which findings waivers take away, and which they leave."""

import pytest

from audit.checks import summary
from tests.compose.objects import read_only_in
from tests.waivers.conftest import CHECK, CLUSTER, rows_of, with_status

EVERYTHING = {"shop/web", "shop/api", "bank/web"}


def test_without_waivers_nothing_changes(cluster):
    made = cluster()
    applied = made.apply()
    assert with_status(applied, CHECK, "failed") == EVERYTHING
    assert len(applied.waivers) == len(rows_of(applied, "waivers-are-current")) == 0


@pytest.mark.parametrize(
    ("whom", "expected"),
    [
        ("namespace: shop, name: web", {"shop/web"}),
        ("namespace: shop", {"shop/web", "shop/api"}),
        ("namespace: shop, selector: {}", {"shop/web", "shop/api"}),
        ("namespace: shop, selector: {matchLabels: {app: web}}", {"shop/web"}),
        ("namespace: shop, name: api, selector: {matchLabels: {app: web}}", set()),
        ("namespace: shop, name: web, selector: {matchLabels: {app: web}}", {"shop/web"}),
        ("selector: {matchLabels: {app: web}}", {"shop/web", "bank/web"}),
        ("selector: {matchExpressions: [{key: tier, operator: Exists}]}", {"shop/web", "shop/api"}),
        ("selector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}", {"bank/web"}),
        (
            "selector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}",
            {"shop/api", "bank/web"},
        ),
        ("selector: {matchLabels: {app: web, tier: front}}", {"shop/web"}),
        ("selector: {matchLabels: {app: nobody}}", set()),
        ("name: web", set()),
        ("namespace: none", set()),
    ],
)
def test_all_that_a_waiver_says_has_to_fit(cluster, whom, expected):
    made = cluster()
    applied = made.apply(f"check: {CHECK}, {whom}")
    assert with_status(applied, CHECK, "waived") == expected
    assert with_status(applied, CHECK, "failed") == EVERYTHING - expected
    assert applied.waivers["findings"].tolist() == [len(expected)]
    row = summary(applied.results).set_index("check").loc[CHECK]
    assert row[["subjects", "failed", "waived"]].tolist() == [4, 3 - len(expected), len(expected)]


def test_a_workload_is_named_by_labels_that_all_its_pods_have(cluster):
    rs = "ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, controller: true}]"
    pods = "\n---\n".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: db-{n}, namespace: x, {rs}, labels: {labels}}}}}"
        for n, labels in enumerate(("{app: db}", "{app: db, role: primary}"))
    )
    made = cluster(f"{CLUSTER}---\n{pods}")
    assert made.waived(f"check: {CHECK}, selector: {{matchLabels: {{app: db}}}}") == {"x/db"}
    assert not made.waived(f"check: {CHECK}, selector: {{matchLabels: {{role: primary}}}}")


def test_namespaces_and_policies_are_named_by_their_own_labels(cluster):
    made = cluster()
    check = "namespace-denies-ingress-by-default"
    selector = "selector: {matchLabels: {team: shop}}"
    assert made.waived(f"check: {check}, {selector}", check=check) == {"shop/shop"}
    by_name = "selector: {matchLabels: {kubernetes.io/metadata.name: bank}}"
    assert made.waived(f"check: {check}, {by_name}", check=check) == {"bank/bank"}
    cidrs = "ingress-cidrs-are-narrow"
    assert made.waived(f"check: {cidrs}, selector: {{matchLabels: {{of: ops}}}}", check=cidrs) == {
        "bank/safe"
    }
    assert not made.waived(f"check: {cidrs}, selector: {{matchLabels: {{app: safe}}}}", check=cidrs)


def test_a_namespace_is_named_with_or_without_its_namespace(cluster):
    made = cluster()
    check = "namespaces-have-policies"
    for whom in ("name: shop", "namespace: shop", "namespace: shop, name: shop"):
        assert made.waived(f"check: {check}, {whom}", check=check) == {"shop/shop"}


def test_of_several_waivers_the_first_that_counts_holds(cluster):
    made = cluster()
    entries = [f"check: {CHECK}, namespace: shop, name: web, ticket: T-{number}" for number in range(3)]
    entries[0] += ", expires: 2026-11-01, created: 2026-10-01, reason: r, owner: o, approved_by: a"
    rest = "reason: r, owner: o, approved_by: a, expires: 2026-11-30"
    applied = made.apply(entries[0], *(f"{entry}, {rest}" for entry in entries[1:]), terms="")
    rows = rows_of(applied, CHECK)
    (held,) = {text for text in rows["waiver"].tolist() if text}
    assert held == "until 2026-11-30, approved by a, owner o, T-1: r"
    assert rows_of(applied, "waivers-are-current")["status"].value_counts().to_dict() == {
        "failed": 1,
        "passed": 2,
    }


def test_a_waiver_of_a_namespace_that_is_not_reported_is_not_said_to_match_nothing(cluster):
    made = cluster()
    snapshot = read_only_in(made.facts.snapshot, ["shop"], "pods", "networkpolicies")
    made.judge(snapshot, ["shop"])
    ((status, _, _),) = made.told(f"check: {CHECK}, namespace: elsewhere, name: a", only=["shop"])
    assert status == "not_assessed"
    ((status, _, _),) = made.told(f"check: {CHECK}, namespace: shop, name: gone", only=["shop"])
    assert status == "failed"
    # any namespace may be meant, and not all were read
    ((status, _, _),) = made.told(f"check: {CHECK}, selector: {{matchLabels: {{a: b}}}}", only=["shop"])
    assert status == "not_assessed"


def test_findings_are_counted_as_far_as_they_are_reported(cluster):
    made = cluster()
    entry = f"check: {CHECK}, selector: {{matchLabels: {{app: web}}}}"
    assert made.apply(entry, only=["bank"]).waivers["findings"].tolist() == [1]


def test_texts_of_whoever_wrote_a_policy_break_nothing(cluster):
    odd = CLUSTER.replace("labels: {of: ops}", "labels: [x]")
    assert not cluster(odd).waived(
        "check: ingress-cidrs-are-narrow, selector: {matchLabels: {of: ops}}",
        check="ingress-cidrs-are-narrow",
    )
