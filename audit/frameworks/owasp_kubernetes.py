"""OWASP Kubernetes Top Ten of 2025. In 2022 segmentation was K07."""

from audit.frameworks._model import Control, framework

OWASP_KUBERNETES = framework(
    Control(
        "K05",
        "Missing Network Segmentation Controls",
        covers="Whether pods and namespaces are isolated in both directions, and whether a rule undoes that.",
        does_not_cover="Service meshes and separate clusters, which may segment, too.",
        by_hand="Name what else segments the network.",
    ),
    Control(
        "K06",
        "Overly Exposed Kubernetes Components",
        covers="Ways in to workloads stand in csv/exposure.csv, dashboards and consoles among them.",
        does_not_cover="The API server, kubelets and etcd: who may reach them is not looked at.",
        by_hand="See from where these can be reached.",
    ),
    Control(
        "K08",
        "Cluster to Cloud Lateral Movement",
        covers="Whether policies keep pods from the cloud's instance metadata, where nodes are a cloud's.",
        does_not_cover="Roles of workloads in the cloud, and credentials in Secrets.",
        by_hand="Look at what the nodes' and workloads' identities may do in the cloud.",
    ),
    id="owasp-kubernetes-2025",
    name="OWASP Kubernetes Top Ten 2025",
    note="The risks that concern the network. Here “supports” means that evidence speaks against the risk.",
)
