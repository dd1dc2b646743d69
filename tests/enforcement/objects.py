"""Nodes and agents as they are in a cluster, with no more than the verdict needs."""

import json

SYSTEM = "kube-system"


def text(*objects):
    """Objects as documents, to be joined with others."""
    return "".join(f"---\n{json.dumps(item)}\n" for item in objects)


def node(  # noqa: PLR0913  # each by its name
    name="a", *, labels=None, annotations=None, kubelet="v1.34.1", os="linux", spec=None
):
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/os": os, **(labels or {})},
            "annotations": annotations or {},
        },
        "spec": spec or {},
        "status": {"nodeInfo": {"kubeletVersion": kubelet}},
    }


def container(name, image="", args=(), env=None):
    variables = [{"name": key, "value": value} for key, value in (env or {}).items()]
    return {"name": name, "image": image, "args": list(args), "env": variables}


def daemon_set(name, *containers, namespace=SYSTEM, ready=None, desired=None, selector=None):
    """With so many pods ready it is one of a cluster; without, a manifest."""
    found = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"hostNetwork": True, "nodeSelector": selector or {}, "containers": list(containers)},
            },
        },
    }
    if ready is not None:
        wanted = ready if desired is None else desired
        found["status"] = {"desiredNumberScheduled": wanted, "numberReady": ready}
    return found


def running(name, container_name, image=""):
    """A DaemonSet of one container, with one pod that is ready."""
    return daemon_set(name, container(container_name, image), ready=1)


def pod_of(daemon_set_name, node_name, *containers, namespace=SYSTEM, ready=True, phase="Running"):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{daemon_set_name}-{node_name}",
            "namespace": namespace,
            "ownerReferences": [{"kind": "DaemonSet", "name": daemon_set_name, "controller": True}],
        },
        "spec": {"hostNetwork": True, "nodeName": node_name, "containers": list(containers)},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def config_map(name, data, namespace=SYSTEM):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def definition(name):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {"group": name.partition(".")[2]},
    }


def network(kind="OVNKubernetes", group="config.openshift.io", spec=None):
    return {
        "apiVersion": f"{group}/v1",
        "kind": "Network",
        "metadata": {"name": "cluster"},
        "spec": spec or {"networkType": kind},
    }


PROXY = daemon_set("kube-proxy", container("kube-proxy", "registry.k8s.io/kube-proxy:v1.34.1"), ready=1)
"""What a cluster runs in its system namespace, whatever its plug-in."""

CALICO = container("calico-node", "docker.io/calico/node:v3.31.2")
FLANNEL = container("kube-flannel", "ghcr.io/flannel-io/flannel:v0.27.4")
POLICIES = container("kube-network-policies", "registry.k8s.io/networking/kube-network-policies:v0.9.2")
WEAVE = container("weave", "weaveworks/weave-kube:2.8.1")
NPC = container("weave-npc", "weaveworks/weave-npc:2.8.1")
ROUTER = container("kube-router", "docker.io/cloudnativelabs/kube-router:v2.6.0", ["--run-router=true"])
CILIUM = container("cilium-agent", "quay.io/cilium/cilium:v1.18.3@sha256:0123")
AWS = container("aws-node", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.4-eksbuild.1")


def aws_agent(on):
    return container(
        "aws-eks-nodeagent",
        "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon/aws-network-policy-agent:v1.2.7-eksbuild.1",
        [f"--enable-network-policy={'true' if on else 'false'}", "--enable-ipv6=false"],
    )


AWS_ON = config_map("amazon-vpc-cni", {"enable-network-policy-controller": "true"})
AWS_OFF = config_map("amazon-vpc-cni", {"enable-network-policy-controller": "false"})
EKS = {"labels": {"eks.amazonaws.com/nodegroup": "blue"}, "kubelet": "v1.33.5-eks-113cf36"}
GKE = {"labels": {"cloud.google.com/gke-nodepool": "default-pool"}, "kubelet": "v1.33.5-gke.1080000"}
AKS = {"labels": {"kubernetes.azure.com/cluster": "mc", "kubernetes.azure.com/agentpool": "np1"}}
K3S = "v1.33.5+k3s1"


def k3s(name="a", *words, **more):
    arguments = "[" + ", ".join(f'"{word}"' for word in words) + "]"
    annotations = {"k3s.io/node-args": arguments} if words else {}
    return node(name, kubelet=K3S, annotations=annotations, **more)
