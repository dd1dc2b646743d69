"""SOC 2: trust services criteria of 2017, as revised in 2022."""

from audit.frameworks._model import Control, framework

SOC2 = framework(
    Control(
        "CC6.1",
        "Logical access security",
        covers="Whether pods are isolated for ingress, rules name whom they let in, and boundaries hold.",
        does_not_cover="Identities, credentials and encryption.",
        by_hand="Everything that is not network segmentation.",
        direction="ingress",
    ),
    Control(
        "CC6.6",
        "Protection against threats from outside the boundary",
        covers="Whether exposed workloads are isolated, and the ranges that they let in narrow.",
        does_not_cover="Firewalls, detection and filters outside the cluster.",
        by_hand="Look at what stands in front of the cluster.",
    ),
    Control(
        "CC6.7",
        "Transmission and movement of information is restricted",
        covers="Whether pods are isolated for egress, and whether rules name whom they may reach, narrowly.",
        does_not_cover="Encryption, removable media and devices.",
        by_hand="Show how data is protected on the connections that are allowed.",
        direction="egress",
    ),
    Control(
        "CC7.2",
        "Anomalies are monitored",
        does_not_cover="No traffic was looked at.",
        by_hand="Show what watches the network, and who is told.",
    ),
    Control(
        "CC8.1",
        "Changes are managed",
        covers="With a store, policies that changed between snapshots are told.",
        does_not_cover="Who changed and approved it.",
        by_hand="Match each change with its approval.",
    ),
    id="soc2-2017",
    name="SOC 2, TSC 2017 (rev. 2022)",
)
