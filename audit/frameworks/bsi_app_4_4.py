"""BSI IT-Grundschutz, module APP.4.4 Kubernetes."""

from audit.frameworks._model import Control, framework

BSI_APP_4_4 = framework(
    Control(
        "APP.4.4.A4",
        "Separation of Pods",
        covers="Which workloads have pods in their node's network, and which of them somebody accepts.",
        does_not_cover="Processes, users and file systems of pods.",
        by_hand="Look at how the container runtime separates them.",
    ),
    Control(
        "APP.4.4.A7",
        "Separation of Networks for Kubernetes",
        covers=(
            "Whether namespaces deny connections by default, whether rules name the ports that they "
            "open, and whether the declared boundaries hold."
        ),
        does_not_cover="Networks of administration and control plane; who may change policies.",
        by_hand="Look at the networks of nodes and control plane, and at who may write policies (RBAC).",
    ),
    Control(
        "APP.4.4.A13",
        "Automated Configuration Auditing",
        covers="For network policies this report is such an audit.",
        does_not_cover="Settings of nodes, of Kubernetes and of pods beside their network.",
        by_hand="Audit these by another tool.",
        applies_to="high protection needs",
    ),
    Control(
        "APP.4.4.A18",
        "Use of Micro-Segmentation",
        covers=(
            "Whether pods are isolated within their namespace too, and whether rules name peers and ports."
        ),
        does_not_cover="Whether the ports that are allowed are the necessary ones.",
        by_hand="Confirm for each rule that what it allows is necessary.",
        applies_to="high protection needs",
    ),
    id="bsi-app-4.4",
    name="BSI IT-Grundschutz APP.4.4 Kubernetes",
)
