"""Each plug-in on, off, and what only looks like it; facts of the plug-ins' own manifests, written anew."""

import pytest

from tests.enforcement.objects import (
    AKS,
    AWS,
    AWS_OFF,
    AWS_ON,
    CALICO,
    CILIUM,
    EKS,
    FLANNEL,
    GKE,
    NPC,
    POLICIES,
    PROXY,
    ROUTER,
    WEAVE,
    aws_agent,
    config_map,
    container,
    daemon_set,
    definition,
    k3s,
    network,
    node,
    running,
)

ON, OFF, UNKNOWN = "enforced", "not_enforced", "cannot_tell"

CALICO_SET = daemon_set("calico-node", CALICO, ready=1)
FLANNEL_SET = daemon_set("kube-flannel-ds", FLANNEL, namespace="kube-flannel", ready=1)
AWS_SET = daemon_set("aws-node", AWS, aws_agent(on=True), ready=1)
CILIUM_SET = daemon_set("cilium", CILIUM, ready=1)
DEFINITIONS = [
    definition("networkpolicies.crd.projectcalico.org"),
    definition("felixconfigurations.crd.projectcalico.org"),
]
INSTALLATION = {
    "apiVersion": "operator.tigera.io/v1",
    "kind": "Installation",
    "metadata": {"name": "default"},
}
ENDPOINT = {
    "apiVersion": "networking.k8s.aws/v1alpha1",
    "kind": "PolicyEndpoint",
    "metadata": {"name": "p-1", "namespace": "shop"},
}
CANAL_RKE2 = container("calico-node", "rancher/hardened-calico:v3.30.3")
KINDNET = "docker.io/kindest/kindnetd"
KUBE_OVN = "docker.io/kubeovn/kube-ovn:v1.14.4"
NETD = running("netd", "netd")
NPM = "mcr.microsoft.com/containernetworking/azure-npm:v1.6.33"


def cilium(**settings):
    data = {key.replace("_", "-"): value for key, value in settings.items()}
    return config_map("cilium-config", data)


def kindnet(tag):
    return daemon_set("kindnet", container("kindnet-cni", f"{KINDNET}:{tag}"), ready=1)


def kindnet_role(*resources):
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "kindnet"},
        "rules": [{"apiGroups": [""], "resources": list(resources), "verbs": ["list"]}],
    }


def kube_ovn(*args):
    controller = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "kube-ovn-controller", "namespace": "kube-system"},
        "spec": {"template": {"spec": {"containers": [container("kube-ovn-controller", KUBE_OVN, args)]}}},
    }
    return [
        controller,
        running("kube-ovn-cni", "cni-server", KUBE_OVN),
    ]


def terway(data, *more):
    daemon = container("terway", "registry-vpc.cn-beijing.aliyuncs.com/acs/terway:v1.14.3")
    return [config_map("eni-config", data), daemon_set("terway-eniip", daemon, *more, ready=1)]


def sdn(mode):
    config = {"defaultNetwork": {"type": "OpenShiftSDN", "openshiftSDNConfig": {"mode": mode}}}
    return [network("OpenShiftSDN"), network(group="operator.openshift.io", spec=config)]


CASES = {
    "calico": ([node(), CALICO_SET], "Calico", ON),
    "calico by its operator": (
        [node(), daemon_set("calico-node", CALICO, namespace="calico-system", ready=1)],
        "Calico",
        ON,
    ),
    "calico's definitions alone": (DEFINITIONS, "Calico", UNKNOWN),
    "calico's definitions on a cluster": ([node(), PROXY, *DEFINITIONS], "Calico", OFF),
    "calico's operator, to be applied": ([INSTALLATION, *DEFINITIONS], "Calico", ON),
    "calico's operator in a cluster": ([node(), PROXY, INSTALLATION, *DEFINITIONS], "Calico", OFF),
    "calico's definitions on GKE": (
        [node(**GKE), NETD, *DEFINITIONS],
        "GKE",
        OFF,
    ),
    "canal": ([node(), daemon_set("canal", CALICO, FLANNEL, ready=1)], "Canal", ON),
    "canal of RKE2": (
        [
            node(kubelet="v1.33.5+rke2r1"),
            daemon_set("rke2-canal", CANAL_RKE2, FLANNEL, ready=1),
        ],
        "Canal",
        ON,
    ),
    "flannel": ([node(), FLANNEL_SET], "Flannel", OFF),
    "flannel for one architecture": (
        [node(), daemon_set("kube-flannel-ds-amd64", FLANNEL, ready=1)],
        "Flannel",
        OFF,
    ),
    "flannel with the policy container": (
        [node(), daemon_set("kube-flannel-ds", FLANNEL, POLICIES, namespace="kube-flannel", ready=1)],
        "Flannel with kube-network-policies",
        ON,
    ),
    "flannel with kube-network-policies beside it": (
        [node(), FLANNEL_SET, daemon_set("kube-network-policies", POLICIES, ready=1)],
        "kube-network-policies over Flannel",
        ON,
    ),
    "kube-network-policies by its image": (
        [node(), daemon_set("policies", container("main", POLICIES["image"]), ready=1)],
        "kube-network-policies",
        ON,
    ),
    "flannel and kube-router's firewall": (
        [node(), FLANNEL_SET, daemon_set("kube-router", ROUTER, ready=1)],
        "kube-router over Flannel",
        ON,
    ),
    "calico and flannel apart": ([node(), CALICO_SET, FLANNEL_SET], "Calico over Flannel", ON),
    "weave": ([node(), daemon_set("weave-net", WEAVE, NPC, ready=1)], "Weave Net", ON),
    "weave without its controller": ([node(), daemon_set("weave-net", WEAVE, ready=1)], "Weave Net", OFF),
    "weave told not to": (
        [node(), daemon_set("weave-net", container("weave", env={"EXPECT_NPC": "0"}), NPC, ready=1)],
        "Weave Net",
        OFF,
    ),
    "kube-router": ([node(), daemon_set("kube-router", ROUTER, ready=1)], "kube-router", ON),
    "kube-router with the firewall off": (
        [node(), daemon_set("kube-router", container("kube-router", args=["--run-firewall=false"]), ready=1)],
        "kube-router",
        OFF,
    ),
    "romana": (
        [node(), running("romana-agent", "romana-agent", "quay.io/romana/agent:v2.0.2")],
        "Romana",
        ON,
    ),
    "cilium": ([node(), CILIUM_SET, cilium(enable_policy="default")], "Cilium", ON),
    "cilium never": ([node(), CILIUM_SET, cilium(enable_policy="never")], "Cilium", OFF),
    "cilium only watching": (
        [node(), CILIUM_SET, cilium(policy_audit_mode="true")],
        "Cilium",
        OFF,
    ),
    "cilium, configuration not read": ([node(), CILIUM_SET], "Cilium", UNKNOWN),
    "cilium over the network of AWS": (
        [
            node(**EKS),
            daemon_set("aws-node", AWS, ready=1),
            CILIUM_SET,
            cilium(enable_policy="default"),
        ],
        "Cilium over AWS VPC CNI",
        ON,
    ),
    "GKE Dataplane V2": (
        [node(**GKE), running("anetd", "cilium-agent", "gke.gcr.io/cilium/cilium:v1.15.6")],
        "GKE Dataplane V2",
        ON,
    ),
    "GKE with the add-on": ([node(**GKE), CALICO_SET, NETD], "Calico over GKE", ON),
    "GKE without": ([node(**GKE), PROXY], "GKE", OFF),
    "AWS": ([node(**EKS), AWS_SET, AWS_ON], "AWS VPC CNI", ON),
    "AWS with the agent off": (
        [node(**EKS), daemon_set("aws-node", AWS, aws_agent(on=False), ready=1), AWS_ON],
        "AWS VPC CNI",
        OFF,
    ),
    "AWS with the controller off": ([node(**EKS), AWS_SET, AWS_OFF], "AWS VPC CNI", OFF),
    "AWS with the controller not read": ([node(**EKS), AWS_SET], "AWS VPC CNI", UNKNOWN),
    "AWS with what the controller writes": ([node(**EKS), AWS_SET, ENDPOINT], "AWS VPC CNI", ON),
    "AWS before there was an agent": (
        [node(**EKS), daemon_set("aws-node", AWS, ready=1)],
        "AWS VPC CNI",
        OFF,
    ),
    "AWS and Calico": (
        [node(**EKS), daemon_set("aws-node", AWS, aws_agent(on=False), ready=1), CALICO_SET],
        "Calico over AWS VPC CNI",
        ON,
    ),
    "EKS Auto Mode": ([node(labels={"eks.amazonaws.com/compute-type": "auto"}), AWS_ON], "EKS Auto Mode", ON),
    "EKS Auto Mode, controller off": (
        [node(labels={"eks.amazonaws.com/compute-type": "auto"}), AWS_OFF],
        "EKS Auto Mode",
        OFF,
    ),
    "Azure NPM": (
        [
            node(**AKS),
            running("azure-cns", "cns-container"),
            running("azure-npm", "azure-npm", NPM),
        ],
        "Azure NPM over Azure CNI",
        ON,
    ),
    "Azure with Cilium": (
        [
            node(labels={**AKS["labels"], "kubernetes.azure.com/ebpf-dataplane": "cilium"}),
            CILIUM_SET,
            cilium(enable_policy="default"),
        ],
        "Azure CNI powered by Cilium",
        ON,
    ),
    "Azure without": ([node(**AKS), running("azure-cns", "cns-container")], "Azure CNI", OFF),
    "Azure with kubenet": ([node(**AKS), PROXY], "Azure (kubenet)", OFF),
    "antrea": (
        [node(), running("antrea-agent", "antrea-agent", "antrea/antrea-agent-ubuntu:v2.4.3")],
        "Antrea",
        ON,
    ),
    "OVN-Kubernetes": (
        [
            node(),
            daemon_set("ovnkube-node", container("ovnkube-controller"), namespace="ovn-kubernetes", ready=1),
        ],
        "OVN-Kubernetes",
        ON,
    ),
    "OpenShift with OVN": ([node(), network()], "OVN-Kubernetes", ON),
    "OpenShift SDN": ([node(), *sdn("NetworkPolicy")], "OpenShift SDN", ON),
    "OpenShift SDN of a mode that was not read": (
        [node(), network("OpenShiftSDN")],
        "OpenShift SDN",
        UNKNOWN,
    ),
    "OpenShift with OVN, and no agent of it": (
        [node(), network(), PROXY],
        "OVN-Kubernetes",
        UNKNOWN,
    ),
    "OpenShift SDN of many tenants": ([node(), *sdn("Multitenant")], "OpenShift SDN", OFF),
    "kindnet": ([node(), kindnet("v20250512-df8de77b")], "kindnet", ON),
    "kindnet of the first release that does": ([node(), kindnet("v20240813-c6f155d6")], "kindnet", ON),
    "kindnet of the last that does not": ([node(), kindnet("v20240513-cd2ac642")], "kindnet", OFF),
    "kindnet of long ago": ([node(), kindnet("0.5.4")], "kindnet", OFF),
    "kindnet of a tag that tells nothing": ([node(), kindnet("latest")], "kindnet", UNKNOWN),
    "kindnet that may read policies": (
        [node(), kindnet("latest"), kindnet_role("pods", "networkpolicies")],
        "kindnet",
        ON,
    ),
    "kindnet that may not": ([node(), kindnet("latest"), kindnet_role("pods")], "kindnet", OFF),
    "k3s": ([k3s("a", "server"), k3s("b", "agent")], "k3s", ON),
    "k3s without its controller": (
        [k3s("a", "server", "--disable-network-policy"), k3s("b", "agent")],
        "k3s",
        OFF,
    ),
    "k3s with the switch at false": ([k3s("a", "server", "--disable-network-policy=false")], "k3s", ON),
    "k3s of whose servers nothing is seen": ([k3s("b", "agent")], "k3s", UNKNOWN),
    "k3s by the version of its kubelet": ([k3s("a")], "k3s", ON),
    "k3s for another plug-in": ([k3s("a", "server", "--flannel-backend", "none")], "k3s", UNKNOWN),
    "k3s with Calico": (
        [k3s("a", "server", "--flannel-backend=none", "--disable-network-policy"), CALICO_SET],
        "Calico",
        ON,
    ),
    "RKE2 of which no pod is seen": ([node(kubelet="v1.33.5+rke2r1")], "RKE2 (canal)", UNKNOWN),
    "kube-ovn": ([node(), *kube_ovn()], "Kube-OVN", ON),
    "kube-ovn told not to": ([node(), *kube_ovn("--enable-np=false")], "Kube-OVN", OFF),
    "kube-ovn of which the controller is not seen": ([node(), *kube_ovn()[1:]], "Kube-OVN", UNKNOWN),
    "terway": ([node(), *terway({"disable_network_policy": "false"}, container("policy"))], "Terway", ON),
    "terway as it is delivered": (
        [node(), *terway({"disable_network_policy": "true"}, container("policy"))],
        "Terway",
        OFF,
    ),
    "terway without the container": ([node(), *terway({})], "Terway", OFF),
    "minikube with its bridge": ([node(labels={"minikube.k8s.io/name": "minikube"}), PROXY], "bridge", OFF),
    "minikube with Calico": ([node(labels={"minikube.k8s.io/name": "minikube"}), CALICO_SET], "Calico", ON),
    "a plug-in that nobody knows": ([node(), PROXY], "", UNKNOWN),
    "nodes alone": ([node()], "", UNKNOWN),
    "nothing": ([], "", UNKNOWN),
}


@pytest.mark.parametrize(("objects", "plugin", "verdict"), CASES.values(), ids=CASES.keys())
def test_a_plug_in_of_a_cluster(pools, objects, plugin, verdict):
    other = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    (pool,) = pools([*objects, other]).values()
    assert (pool.verdict.plugin, pool.verdict.answer) == (plugin, verdict)
    assert pool.verdict.reason.endswith(".")
    assert pool.verdict.evidence or verdict == UNKNOWN


SAME = (
    "calico",
    "canal",
    "flannel",
    "flannel with the policy container",
    "flannel with kube-network-policies beside it",
    "weave",
    "weave told not to",
    "kube-router",
    "kube-router with the firewall off",
    "romana",
    "cilium",
    "cilium never",
    "cilium only watching",
    "GKE Dataplane V2",
    "AWS",
    "AWS with the agent off",
    "AWS with the controller off",
    "AWS and Calico",
    "Azure NPM",
    "Azure without",
    "antrea",
    "OVN-Kubernetes",
    "kindnet",
    "kindnet of the last that does not",
    "kube-ovn",
    "kube-ovn told not to",
    "terway",
    "terway as it is delivered",
)


@pytest.mark.parametrize("name", SAME)
def test_manifests_without_status_give_the_same_once_applied(pools, name):
    objects, plugin, verdict = CASES[name]
    manifests = [{key: value for key, value in item.items() if key != "status"} for item in objects]
    (pool,) = pools([item for item in manifests if item["kind"] != "Node"]).values()
    assert (pool.name, pool.verdict.plugin, pool.verdict.answer) == ("all", plugin, verdict)
    assert (pool.count, pool.verdict.applied) == (None, False)


def test_manifests_of_a_cluster_without_a_plug_in_tell_nothing(pools):
    proxy = {key: value for key, value in PROXY.items() if key != "status"}
    assert pools([proxy, *DEFINITIONS])["all"].verdict.answer == UNKNOWN
