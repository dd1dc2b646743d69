import pytest

from audit.frames import KINDS
from audit.snapshot import Snapshot
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, pod, policy


@pytest.mark.parametrize(
    ("manifests", "lead"),
    [
        (pod("a"), "By policy, the only pod accepts traffic from every pod in the cluster."),
        (
            pod("a") + CLOSED,
            "By policy, the only pod does not accept traffic from every pod in the cluster.",
        ),
        (pod("a") + pod("b"), "By policy, both pods accept traffic from every pod in the cluster."),
        (
            pod("a") + pod("b") + pod("c", "web"),
            "By policy, all 3 pods accept traffic from every pod in the cluster.",
        ),
        (
            pod("a") + pod("b") + pod("c", "web") + CLOSED,
            "By policy, 1 of 3 pods accepts traffic from every pod in the cluster.",
        ),
        (
            pod("a") + pod("b") + CLOSED,
            "By policy, none of 2 pods accepts traffic from every pod in the cluster.",
        ),
        (
            pod("a") + pod("b", "web") + pod("c", "web") + CLOSED,
            "By policy, 2 of 3 pods accept traffic from every pod in the cluster.",
        ),
        (
            pod("a") + pod("b") + CALICO,
            "By the NetworkPolicies alone, both pods accept traffic from every pod in the cluster.",
        ),
        (CLOSED, "No pods in this input, so nothing is known of what is open."),
        (
            pod("a", spec="hostNetwork: true"),
            "No pods that a policy could govern: all of them run in their node's network.",
        ),
    ],
)
def test_the_first_line_is_the_finding_with_a_number(report, manifests, lead):
    assert plain(report(manifests).page_one.lead) == lead


def figures(report):
    return {figure.label: (figure.value, figure.base) for figure in report.page_one.figures}


def test_figures_name_their_base(report):
    found = figures(report(pod("a") + pod("b") + pod("c", "web") + CLOSED))
    assert found["Isolated for ingress"] == ("66.7 %", "2 of 3 pods")
    assert found["Isolated for egress"] == ("66.7 %", "2 of 3 pods")
    assert found["Default deny"] == ("1", "of 2 namespaces for ingress, 1 for egress")
    assert found["Broad CIDR rules"] == ("0", "of 0 rules")
    assert found["Doubtful policies"] == ("0", "of 1 policy")


def test_no_figure_invents_a_change(report):
    assert all(figure.change == "" for figure in report(pod("a")).page_one.figures)


def test_a_nullified_default_deny_and_a_namespace_without_pods_are_in_no_count(report):
    undone = policy("allow", "{podSelector: {}, ingress: [{}]}")
    empty = "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n---\n"
    found = figures(report(pod("a") + CLOSED + undone + empty))
    assert found["Default deny"] == ("0", "of 1 namespace for ingress, 1 for egress")


def test_broad_rules_and_doubtful_policies_are_counted_once(report):
    broad = policy("wide", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    typo = policy("typo", "{podSelector: {matchLabels: {app: nobody}}}")
    found = figures(report(pod("a") + broad + typo))
    assert found["Broad CIDR rules"] == ("1", "of 1 rule")
    assert found["Doubtful policies"] == ("1", "of 2 policies")


def unread(snapshot, kind, state):
    kinds = snapshot["kinds"].astype({"state": "str"})
    kinds.loc[kinds["kind"] == kind, ["state", "reason"]] = [state, "nobody may list them"]
    tables = {name: snapshot[name] for name in ("pods", "labels", "policies", "namespaces", "workloads")}
    return Snapshot(snapshot.provenance, {**tables, "kinds": KINDS.frame(kinds)})


def test_what_could_not_be_read_is_never_a_number(snapshot, report_on):
    page = report_on(unread(snapshot(pod("a") + pod("b")), "networkpolicies", "forbidden"))
    assert plain(page.page_one.lead) == (
        "Not assessed: which pods accept traffic from every pod, as not all policies are known."
    )
    assert {value for value, _ in figures(page).values()} == {"?"}
    lines = [plain(line) for line in page.page_one.not_assessed]
    assert lines[0].startswith("Not readable: networkpolicies (nobody may list them). ")
    assert "NetworkPolicies unknown" in plain(page.page_one.looked_at[0])
    namespaces = next(section for section in page.sections if section.anchor == "namespaces")
    assert "?" in namespaces.blocks[0].groups[0].rows[0]


def test_first_are_at_most_five_the_gravest_at_the_front(report):
    page = report(
        "".join(pod("a", f"team-{n}") for n in range(9)) + CLOSED.replace("shop", "team-0")
    ).page_one
    assert 0 < len(page.first) <= 5


def test_what_is_mended_by_a_manifest_above_is_no_further_step(report):
    found = report(pod("a"))
    shown = next(dataset.frame for dataset in found.data if dataset.name == "findings")
    texts = shown.set_index("id")["remediation"]
    offered = [texts[first.remedy.removeprefix("finding-")] for first in found.page_one.first]
    assert len(offered) == len(set(offered))


def test_pods_that_are_not_what_they_seem_are_told_apart(report):
    job = pod("done", status="phase: Succeeded")
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
        "spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}\n---\n"
    )
    manifests = pod("a") + pod("proxy", "kube-system", spec="hostNetwork: true") + pod("dns", "kube-system")
    lines = [plain(line) for line in report(manifests + job + deployment).page_one.looked_at]
    assert any(line.startswith("1 of the pods stands for the pod template of a workload") for line in lines)
    assert any(line.startswith("1 of the pods uses the node's network") for line in lines)
    assert "1 pod more has finished and does not count." in lines
    assert any(line.startswith("The figures include kube-system (a system namespace)") for line in lines)


def test_a_narrowed_report_says_so(report):
    page = report(pod("a") + pod("b", "web") + CLOSED, ["web"]).page_one
    assert plain(page.lead) == (
        "By policy, the only pod in namespace web accepts traffic from every pod in the cluster."
    )
    assert any("narrowed to web" in plain(line) for line in page.looked_at)


def test_without_a_finding_the_page_says_what_was_judged(report):
    page = report(pod("a") + CLOSED).page_one
    assert page.first == ()
    assert plain(page.nothing_first).startswith("No finding. ")


def test_what_is_not_evaluated_is_no_all_clear(report):
    page = report(pod("a") + CLOSED + CALICO).page_one
    assert plain(page.nothing_first).startswith("No finding in what could be judged: ")
    assert plain(page.not_assessed[0]).startswith("1 GlobalNetworkPolicy of projectcalico.org was seen")
