"""CIS Kubernetes Benchmark v2.0.1, and the base of its editions for platforms.

Numbers of network policies have been the same since v1.5; HostPorts were 5.2.13 up to v1.11, and the section
General Policies was 5.7 up to v1.10. There is no 5.3.3, whatever is said elsewhere.
"""

from audit.frameworks._model import Control, framework

CIS_KUBERNETES = framework(
    Control(
        "5.2.5",
        "Host network namespace: admission minimized",
        covers="Which workloads have pods in their node's network now, and which of them somebody accepts.",
        does_not_cover="Whether anything keeps new ones from being admitted.",
        by_hand="Look at Pod Security Admission, or what else refuses hostNetwork, for each namespace.",
    ),
    Control(
        "5.2.12",
        "HostPorts: admission minimized",
        covers="Ways in by HostPort stand in csv/exposure.csv, with the workload.",
        does_not_cover="Whether anything keeps new ones from being admitted.",
        by_hand="Go through these rows, and look at what refuses hostPorts in each namespace.",
    ),
    Control(
        "5.3.1",
        "The CNI in use supports network policies",
        covers=(
            "Which plug-in runs on each node pool, whether it enforces policies, and what of the "
            "policies that are here it ignores."
        ),
        does_not_cover="It is inferred from what runs on the nodes, and no traffic was sent to prove it.",
        by_hand="Try one connection that a policy denies, on a node of each pool.",
    ),
    Control(
        "5.3.2",
        "All namespaces have network policies",
        covers="Whether each namespace has a NetworkPolicy.",
        does_not_cover="What these policies allow: a namespace with one policy may still be open.",
        by_hand="Say for each namespace without a policy why it needs none.",
    ),
    Control(
        "5.6.1",
        "Administrative boundaries by namespaces",
        covers="Namespaces and their owners stand in csv/namespaces.csv.",
        does_not_cover="Whether namespaces are cut as responsibilities are, and who may do what in each.",
        by_hand="Hold the namespaces against the teams and their roles.",
    ),
    Control(
        "5.6.4",
        "The default namespace is not used",
        covers="The row of the namespace default in csv/namespaces.csv has its pods.",
        does_not_cover="Objects in it that are no pods and no policies.",
        by_hand="List what is in the namespace default; only the Service kubernetes belongs there.",
    ),
    id="cis-kubernetes-2.0.1",
    name="CIS Kubernetes Benchmark v2.0.1",
    note="Platforms with an edition of their own are told by that.",
)
