import pytest

from audit.frames import KINDS
from audit.snapshot import Snapshot
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, answer, pod, policy, read_in_part, read_only_in
from tests.enforcement.objects import network, node, text


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
    why = "namespace: shop, annotations: {segaudit.io/justification: why}"
    enforced = text(node(), network()).removeprefix("---\n")
    page = report(pod("a") + CLOSED.replace("namespace: shop", why) + enforced).page_one
    assert page.first == ()
    assert plain(page.nothing_first).startswith("No finding. ")


def test_what_is_not_evaluated_is_no_all_clear(report):
    page = report(pod("a") + CLOSED + CALICO).page_one
    assert plain(page.nothing_first).startswith("No finding in what could be judged: ")
    assert plain(page.not_assessed[0]).startswith("1 GlobalNetworkPolicy of projectcalico.org was seen")


IN_PARTS = ("namespaces", "networkpolicies", "pods", "services")
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"


def test_figures_of_namespaces_that_were_read_are_numbers(snapshot, report_on):
    read = snapshot(pod("a") + CLOSED + NAMESPACE)
    part = read_only_in(read, ["shop"], *IN_PARTS, refused=["web"])
    page = report_on(part, ["shop"]).page_one
    assert plain(page.lead) == (
        "By policy, the only pod in namespace shop does not accept traffic from every pod in the cluster."
    )
    found = figures(report_on(part, ["shop"]))
    assert found["Isolated for ingress"] == ("100 %", "1 of 1 pod")
    assert found["Default deny"] == ("1", "of 1 namespace for ingress, 1 for egress")
    # that no policy carries a Service's labels cannot be told, so none that was found says nothing
    assert found["Doubtful policies"] == ("?", "not assessed")
    assert "1 pod, 1 namespace, 0 Services, 1 NetworkPolicy;" in plain(page.looked_at[0])
    for only in (["shop", "web"], None):
        made = report_on(part, only)
        assert {value for value, _ in figures(made).values()} == {"?"}
        assert plain(made.page_one.lead).startswith("Not assessed: the pods")


def test_a_count_of_which_some_is_not_assessed_says_so(snapshot, report_on):
    broad = policy(
        "wide",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}, "
        "{from: [{ipBlock: {cidr: 192.0.2.0/28}}]}]}",
    )
    made = report_on(read_in_part(snapshot(pod("a") + broad), {"nodes": "forbidden"}))
    assert figures(made)["Broad CIDR rules"] == ("1", "of 2 rules; not all assessed")


def test_policies_that_nobody_saw_may_change_the_lead(snapshot, report_on):
    cilium = "ciliumnetworkpolicies.cilium.io"
    page = report_on(read_in_part(snapshot(pod("a")), {cilium: "forbidden"})).page_one
    assert plain(page.lead).startswith("By the NetworkPolicies alone, the only pod")
    page = report_on(read_in_part(snapshot(pod("a")), {cilium: "not served"})).page_one
    assert plain(page.lead).startswith("By policy, the only pod")


def lines(made):
    """What is not assessed, but for the checks of the plug-in: nothing here has one."""
    told = [plain(line) for line in made.page_one.not_assessed]
    assert told[-1].startswith("plug-in-enforces-policies")
    assert told[-1].endswith(" Why is in findings.")
    return told[:-1]


def test_a_kind_that_may_not_be_listed_is_told_with_the_checks_that_hang_on_it(snapshot, report_on):
    manifests = pod("a") + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}")
    reason = "the server answered 403 (no)"
    (line,) = lines(report_on(read_in_part(snapshot(manifests), {"services": ("forbidden", reason)})))
    assert line == (
        "Not readable: services (the server answered 403 (no)). egress-allows-dns, "
        "exposed-workloads-are-isolated, ip-blocks-are-not-cluster-ips, policies-select-pods-not-services, "
        "rules-name-their-peers and rules-use-pod-ports-not-service-ports are not assessed."
    )


@pytest.mark.parametrize(
    ("kind", "consequence"),
    [
        ("nodes", "Which addresses are nodes' is not known."),
        ("servicecidrs", "The service network is not known."),
        ("configmaps", "How the network plug-in is set up is not known."),
        ("replicasets", "Pods may be shown under their ReplicaSet or Job instead of what made it."),
        (
            "namespaces",
            (
                "namespaces-have-policies and owners-can-be-mailed are not assessed. Labels of namespaces "
                "are not known, so what a namespaceSelector selects is not assessed."
            ),
        ),
        (
            "endpointslices",
            (
                "exposed-workloads-are-isolated is not assessed. What exposes pods to outside could not be "
                "read in full, so findings of such pods may be graded too low."
            ),
        ),
        (
            "authorizationpolicies.security.istio.io",
            (
                "Policies about requests, or that only show what they would decide, may be there; they "
                "decide nothing about addresses and ports."
            ),
        ),
        ("statefulsets", "No verdict hangs on what is missing."),
    ],
)
def test_what_follows_from_a_kind_that_is_missing_is_told(snapshot, report_on, kind, consequence):
    (line,) = lines(report_on(read_in_part(snapshot(pod("a")), {kind: ("forbidden", "no")})))
    assert line == f"Not readable: {kind}{'' if kind == 'configmaps' else ' (no)'}. {consequence}"


@pytest.mark.parametrize(
    ("state", "objects", "label"),
    [
        ("forbidden", 0, "Not readable"),
        ("partial", 0, "Not readable"),
        ("partial", 500, "Read in part"),
        ("inconsistent", 500, "Changed while being read"),
    ],
)
def test_how_far_a_kind_was_read_is_told(snapshot, report_on, state, objects, label):
    read = read_in_part(snapshot(pod("a")), {"nodes": (state, "why")}, objects=objects)
    (line,) = lines(report_on(read))
    assert line.startswith(f"{label}: nodes (why). ")


def test_like_answers_are_one_line_and_others_another(snapshot, report_on):
    kinds = ("cronjobs", "endpointslices", "ingresses", "jobs", "nodes", "services")
    gone = "served when the run began, and gone when it was listed: the server answered 404 (not found)"
    config = f"kube-system/cilium-config: {answer('configmaps')}"
    states = {
        **dict.fromkeys(kinds, "forbidden"),
        "configmaps": ("forbidden", config),
        "ciliumnetworkpolicies.cilium.io": ("partial", gone),
    }
    first, second = lines(report_on(read_in_part(snapshot(pod("a") + CLOSED), states)))
    assert first.startswith(f"Not readable: ciliumnetworkpolicies.cilium.io ({gone}). ")
    assert first.endswith(
        "allow-all-does-not-undo-default-deny, egress-allows-dns, egress-keeps-from-instance-metadata, "
        "exposed-workloads-are-isolated, namespace-denies-egress-by-default and 3 more are not assessed, and "
        "every-policy-is-evaluated in part only."
    )
    shown = answer("services")[:160]
    assert second.startswith(
        "Not readable: configmaps, cronjobs, endpointslices, ingresses, jobs, nodes and services "
        f"({shown}…; and 6 others for like reasons). "
    )
    assert second.count("403") == 1


def test_many_kinds_and_checks_are_counted(snapshot, report_on):
    kinds = [f"kind{number}" for number in range(30)]
    states = {**dict.fromkeys(kinds, ("forbidden", "no")), "pods": ("forbidden", "no")}
    (line,) = lines(report_on(read_in_part(snapshot(CLOSED), states)))
    assert line.startswith("Not readable: kind0, kind1, kind10,")
    # of those that are shown some are what checks hang on
    assert ", pods and 19 more (no). allow-all-does-not-undo-default-deny, egress-allows-dns" in line
    assert "host-network-pods-are-accepted and 13 more are not assessed" in line


def test_rights_in_some_namespaces_are_told_as_such(snapshot, report_on):
    read = snapshot(pod("a") + CLOSED + NAMESPACE)
    part = read_only_in(read, ["shop"], *IN_PARTS)
    (line,) = lines(report_on(part, ["shop"]))
    assert line == (
        "Read in the namespace shop only: namespaces, networkpolicies, pods and services. "
        "egress-allows-dns, ip-blocks-are-not-cluster-ips, named-ports-resolve, peers-are-not-split, "
        "peers-match-something and 7 more are not assessed. Reach from and to other namespaces is not "
        "assessed."
    )
    part = read_only_in(read, ["shop", "web"], *IN_PARTS, refused=["bank"])
    (line,) = lines(report_on(part, ["shop", "web", "bank"]))
    assert line.startswith("Read in the namespaces shop and web only: ")
    assert "allow-all-does-not-undo-default-deny" in line
    assert " more in part only. Reach from" in line


def test_a_gap_on_which_nothing_hangs_leaves_kinds_of_files_alone(snapshot, report_on):
    states = {"services": ("not asked", "no Services are in it"), "nodes": ("not asked", "")}
    (line,) = lines(report_on(read_in_part(snapshot(pod("a")), states)))
    assert line.startswith("Not asked for: services (no Services are in it). egress-allows-dns, ")
