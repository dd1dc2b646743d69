"""NIST SP 800-190, Application Container Security Guide: countermeasures for the network."""

from audit.frameworks._model import Control, framework

NIST_800_190 = framework(
    Control(
        "4.3.3",
        "Poorly separated inter-container network traffic",
        covers="Whether pods are isolated for ingress, rules name whom they let in, and boundaries hold.",
        does_not_cover="Whether workloads of different sensitivity share nodes.",
        by_hand="Group workloads by sensitivity, and declare a boundary between the groups.",
        direction="ingress",
    ),
    Control(
        "4.4.2",
        "Unbounded network access from containers",
        covers="Whether pods are isolated for egress, and whether rules name whom they may reach, narrowly.",
        does_not_cover="What containers really send: anomalies are not looked for.",
        by_hand="Look at what watches the traffic of containers.",
        direction="egress",
    ),
    id="nist-800-190",
    name="NIST SP 800-190",
    note="Its countermeasures for the network; the risks that they answer are 3.3.3 and 3.4.2.",
)
