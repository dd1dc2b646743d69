"""Microsoft's Threat Matrix for Kubernetes: techniques that cross the network, and their mitigations."""

from audit.frameworks._model import Control, framework

MICROSOFT_THREAT_MATRIX = framework(
    Control(
        "MS-TA9005",
        "Exposed sensitive interfaces",
        covers="Whether what is exposed to outside is isolated but for the ports that it serves.",
        does_not_cover="Whether an interface is sensitive, and asks who comes.",
        by_hand="Go through the ways in, and name those that lead to consoles and dashboards.",
    ),
    Control(
        "MS-TA9031",
        "Network mapping",
        covers="Whether pods are isolated for ingress and egress, so that there is little to map from one.",
        does_not_cover="What the API server and DNS tell.",
        by_hand="Look at what a service account may list.",
    ),
    Control(
        "MS-TA9033",
        "Instance Metadata API",
        covers="Whether policies keep pods from the cloud's instance metadata, where nodes are a cloud's.",
        does_not_cover="Settings of the machines, such as IMDSv2 with one hop.",
        by_hand="Look at these settings.",
    ),
    Control(
        "MS-TA9034",
        "Cluster internal networking",
        covers="Whether pods are isolated for ingress, and whether rules name whom they let in, narrowly.",
        does_not_cover="Pods on the same node in its network, and nodes.",
        by_hand="Look at what may reach the nodes.",
        direction="ingress",
    ),
    Control(
        "MS-TA9036",
        "ARP poisoning and IP spoofing",
        does_not_cover="Policies are about IP: nothing is claimed of ARP.",
        by_hand="See that pods lack the capability NET_RAW.",
    ),
    Control(
        "MS-M9008",
        "Limit access to services over network",
        covers="Whether exposed workloads are isolated, and the ranges that they let in narrow.",
        does_not_cover="Authentication of the services.",
        by_hand="Confirm that each way in is needed.",
    ),
    Control(
        "MS-M9014",
        "Network segmentation",
        covers=(
            "Whether pods and namespaces are isolated in both directions, and rules name whom they let in."
        ),
        does_not_cover="Segments of nodes.",
        by_hand="Confirm that what is allowed is necessary.",
    ),
    Control(
        "MS-M9018",
        "Restricting cloud metadata API access",
        covers="Whether policies keep pods from the cloud's instance metadata, where nodes are a cloud's.",
        does_not_cover="Settings of the machines, such as IMDSv2 with one hop.",
        by_hand="Look at these settings.",
    ),
    id="microsoft-threat-matrix",
    name="Microsoft Threat Matrix for Kubernetes",
    note=(
        "Of a technique (MS-TA) it is judged whether policies stand in its way; of a mitigation "
        "(MS-M) whether it is there."
    ),
)
