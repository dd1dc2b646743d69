"""DISA STIG for OpenShift 4.12, V2R2. The STIG for Kubernetes itself has no rule on network policies."""

from audit.frameworks._model import Control, Platform, framework

STIG_OPENSHIFT = framework(
    Control(
        "CNTR-OS-000100",
        "Network policy on the namespace",
        covers="Whether each namespace has a NetworkPolicy.",
        does_not_cover=(
            "What the policies allow. Namespaces of the platform count here, where the STIG leaves "
            "out openshift-*, kube-* and default."
        ),
        by_hand="Pass over the findings of these, or waive them.",
    ),
    Control(
        "CNTR-OS-000110",
        "Network policy in the template of projects",
        does_not_cover="The template is not read.",
        by_hand=(
            "Look at projectRequestTemplate of project.config.openshift.io/cluster and its NetworkPolicies."
        ),
    ),
    id="stig-openshift-4.12-v2r2",
    name="DISA STIG OpenShift 4.12 V2R2",
    platform=Platform.OPENSHIFT,
)
