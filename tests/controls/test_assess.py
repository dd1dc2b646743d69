"""Which frameworks are told of a cluster, for what part of it, and what is counted."""

from dataclasses import replace

import msgspec
import pytest

from audit import controls
from audit.controls import Status
from audit.frames import CONTROL_FACTS
from audit.settings import Boundary, BoundaryEnd, Scope, Settings
from tests.checks.objects import egress, ingress, namespace, pod, policy
from tests.compose.objects import read_in_part
from tests.enforcement.objects import CALICO, FLANNEL, PROXY, daemon_set, node, text

CDE = "{pci-scope: cde}"
DENY = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
CLOSED = namespace("pay", CDE) + pod("a", "pay") + policy(DENY, namespace="pay")
OPEN = namespace("blog") + pod("b", "blog")
ENFORCED = text(node("n"), PROXY, daemon_set("calico-node", CALICO, ready=1))
NOT_ENFORCED = text(node("n"), PROXY, daemon_set("kube-flannel-ds", FLANNEL, ready=1))


def scope(**more):
    return msgspec.convert({"name": "card data", "frameworks": ["pci-dss-4.0.1"], **more}, type=Scope)


IN_NAMESPACES = scope(namespace_selector={"matchLabels": {"pci-scope": "cde"}})


@pytest.fixture
def assessed(judged):
    """What is assessed of manifests, by framework."""

    def make(manifests, settings=None, states=None):
        cluster = judged(manifests, settings or Settings())
        if states:
            cluster.judge(read_in_part(cluster.snapshot, states))
        found = controls.assess(cluster.facts, cluster.results)
        return {each.framework.id: each for each in found}

    return make


def of(assessment):
    return {one.control.id: one for one in assessment.controls}


def test_frameworks_for_all_clusters_are_told_and_cis_by_the_platform(assessed):
    plain = assessed(OPEN)
    assert "cis-kubernetes-2.0.1" in plain
    assert {"pci-dss-4.0.1", "nist-800-53-r5", "bsi-app-4.4"} <= set(plain)
    assert not any(name.startswith(("cis-gke", "stig")) for name in plain)
    on_gke = assessed(OPEN + text(node(kubelet="v1.33.5-gke.1162000")))
    assert [name for name in on_gke if name.startswith("cis")] == ["cis-gke-1.9.0"]
    assert set(on_gke) - {"cis-gke-1.9.0"} == set(plain) - {"cis-kubernetes-2.0.1"}


def test_on_openshift_there_is_its_stig(assessed):
    found = assessed(OPEN + text(node(labels={"node.openshift.io/os_id": "rhcos"})))
    assert {"stig-openshift-4.12-v2r2", "cis-openshift-1.9.0"} <= set(found)
    assert "cis-kubernetes-2.0.1" not in found


def test_the_configuration_says_of_which_it_is_told_each_once(assessed):
    wanted = ("stig-openshift-4.12-v2r2", "pci-dss-4.0.1", "pci-dss-4.0.1")
    assert list(assessed(OPEN, Settings(frameworks=wanted))) == list(wanted[:2])


def test_a_variant_counts_what_speaks_for_the_control_that_it_renumbers(assessed):
    found = assessed(OPEN, Settings(frameworks=("cis-kubernetes-2.0.1", "cis-eks-1.8.0")))
    one, other = of(found["cis-kubernetes-2.0.1"])["5.3.2"], of(found["cis-eks-1.8.0"])["4.3.2"]
    assert one.status is other.status is Status.CONTRADICTS
    assert one.counts == other.counts


@pytest.mark.parametrize(
    ("plug_in", "status"),
    [(ENFORCED, Status.SUPPORTS), ("", Status.IN_PART), (NOT_ENFORCED, Status.CONTRADICTS)],
)
def test_default_deny_is_worth_what_the_plug_in_makes_of_it(assessed, plug_in, status):
    settings = Settings(scopes=(IN_NAMESPACES,), frameworks=("pci-dss-4.0.1",))
    assert of(assessed(CLOSED + plug_in, settings)["pci-dss-4.0.1"])["1.3.1"].status is status


def test_policies_that_nobody_read_make_nothing_support_what_hangs_on_them(assessed):
    found = assessed(CLOSED + ENFORCED, states={"networkpolicies": "forbidden"})
    for assessment in found.values():
        for one in assessment.controls:
            needs = {kind for check in one.counts for kind in check.needs}
            if "networkpolicies" in needs and one.control.id not in {"5.3.1", "CNI plug-in"}:
                assert one.status is Status.NOT_ASSESSED, one.control


def test_a_check_that_failed_to_run_could_not_judge(judged):
    cluster = judged(CLOSED + ENFORCED)
    broken = [
        replace(result, subjects=result.subjects.assign(status="error"))
        if result.check.id == "rules-are-justified"
        else result
        for result in cluster.results
    ]
    found = {each.framework.id: of(each) for each in controls.assess(cluster.facts, broken)}
    assert found["nist-800-53-r5"]["CA-9"].status is Status.NOT_ASSESSED


def test_a_framework_of_a_scope_is_judged_by_what_is_in_it(assessed):
    settings = Settings(scopes=(IN_NAMESPACES,))
    found = assessed(CLOSED + OPEN + ENFORCED, settings)
    pci, nist = found["pci-dss-4.0.1"], found["nist-800-53-r5"]
    assert (pci.scope, pci.pods) == ("card data", 1)
    assert of(pci)["1.3.1"].status is Status.SUPPORTS
    assert nist.scope == ""
    assert of(nist)["SC-7(5)"].status is Status.CONTRADICTS


def test_without_a_scope_it_is_judged_by_the_whole_cluster(assessed):
    pci = assessed(CLOSED + OPEN + ENFORCED)["pci-dss-4.0.1"]
    assert pci.scope == ""
    assert of(pci)["1.3.1"].status is Status.CONTRADICTS


def test_of_a_namespace_that_is_in_scope_in_part_only_some_workloads_and_policies_are(assessed):
    mixed = (
        namespace("pay")
        + pod("card", "pay", "{app: card}")
        + pod("help", "pay", "{app: help}")
        + policy("{podSelector: {matchLabels: {app: card}}, policyTypes: [Ingress, Egress]}", "c", "pay")
        + policy(ingress("{}", "{matchLabels: {app: help}}"), "h", "pay")
    )
    part = scope(namespaces=["pay"], pod_selector={"matchLabels": {"app": "card"}})
    counts = of(assessed(mixed + ENFORCED, Settings(scopes=(part,)))["pci-dss-4.0.1"])
    told = {check.id: count for one in counts.values() for check, count in one.counts.items()}
    assert told["pods-are-isolated-for-ingress"] == controls.Counts(passed=1)
    assert told["pods-are-isolated-for-egress"] == controls.Counts(passed=1)
    assert told["rules-name-their-peers"] == controls.Counts()
    # the namespace is in it, if not with all that is there
    assert told["namespace-denies-ingress-by-default"].failed == 1


def test_scopes_for_the_same_framework_are_taken_together(assessed):
    both = (IN_NAMESPACES, scope(name="blogs", namespaces=["blog"]))
    pci = assessed(CLOSED + OPEN + ENFORCED, Settings(scopes=both))["pci-dss-4.0.1"]
    assert (pci.scope, pci.pods) == ("card data, blogs", 2)
    assert of(pci)["1.3.1"].status is Status.CONTRADICTS


def test_a_scope_that_holds_nothing_leaves_nothing_to_judge(assessed):
    nobody = scope(namespaces=["gone"])
    pci = assessed(CLOSED + OPEN + ENFORCED, Settings(scopes=(nobody,)))["pci-dss-4.0.1"]
    assert pci.pods == 0
    assert of(pci)["1.3.1"].status is Status.NOT_ASSESSED


def test_a_boundary_counts_where_one_of_its_sides_is_in_scope(assessed):
    def between(name, one, other):
        return Boundary(
            name=name,
            source=BoundaryEnd(namespaces=(one,)) if one else BoundaryEnd(cidrs=("203.0.113.0/24",)),
            destination=BoundaryEnd(namespaces=(other,)),
        )

    settings = Settings(
        scopes=(IN_NAMESPACES,),
        boundaries=(
            between("in", "", "pay"),
            between("near", "blog", "news"),
            between("out", "pay", "news"),
        ),
    )
    manifests = CLOSED + OPEN + namespace("news") + pod("c", "news") + ENFORCED
    found = of(assessed(manifests, settings)["pci-dss-4.0.1"])["1.4.1"]
    told = {check.id: counts for check, counts in found.counts.items()}
    assert told["boundaries-hold"] == controls.Counts(passed=2)


def test_rules_of_the_other_direction_say_nothing_of_a_control_of_one(assessed):
    anywhere = policy(egress("{ports: [{port: 443}]}"), "out", "pay")
    found = of(assessed(CLOSED + anywhere + ENFORCED, Settings(scopes=(IN_NAMESPACES,)))["pci-dss-4.0.1"])
    assert found["1.3.1"].status is Status.SUPPORTS
    assert found["1.3.2"].status is Status.CONTRADICTS
    assert found["1.2.5"].status is Status.CONTRADICTS


def test_the_table_has_a_row_for_each_control_and_all_columns(assessed):
    found = list(assessed(CLOSED + OPEN).values())
    frame = controls.table(found)
    assert list(frame.columns) == CONTROL_FACTS.names
    assert len(frame) == sum(len(each.controls) for each in found)
    assert set(frame["status"]) <= {status.value for status in Status}
    row = frame[(frame["framework"] == "nist-800-53-r5") & (frame["control"] == "CA-9")].iloc[0]
    assert (row["checks"], row["passed"], row["failed"]) == ("rules-are-justified", 0, 1)
    assert list(controls.table([]).columns) == CONTROL_FACTS.names
