"""ISO/IEC 27001:2022, Annex A."""

from audit.frameworks._model import Control, framework

ISO_27001 = framework(
    Control(
        "5.28",
        "Collection of evidence",
        covers=(
            "Snapshot, configuration, waivers and report have hashes, and stored runs are a chain "
            "that `segaudit verify` computes again."
        ),
        does_not_cover="Where the store is kept, and who may write to it.",
        by_hand="Note the hash of the newest manifest outside the store.",
    ),
    Control(
        "5.36",
        "Compliance with policies, rules and standards",
        covers="Whether exceptions (waivers) have a reason, an owner and an end that is not over.",
        does_not_cover="Whether the rules themselves are the organisation's.",
        by_hand="Hold the checks against the organisation's own rules.",
    ),
    Control(
        "8.9",
        "Configuration management",
        covers="Whether policies are well-formed, and do what they say.",
        does_not_cover="How configurations are made, approved and kept.",
        by_hand="Show where manifests are kept, and how they get into the cluster.",
    ),
    Control(
        "8.16",
        "Monitoring activities",
        does_not_cover="No traffic was looked at.",
        by_hand="Show what watches the network, and who is told.",
    ),
    Control(
        "8.20",
        "Networks security",
        covers="Whether pods are isolated in both directions, and exposed ones above all.",
        does_not_cover="Network devices, and the network of the nodes.",
        by_hand="Look at the networks in which the nodes stand.",
    ),
    Control(
        "8.21",
        "Security of network services",
        covers="Ways in by Services, Ingresses and Gateways stand in csv/exposure.csv.",
        does_not_cover="Agreements with providers, encryption and authentication.",
        by_hand="Name the provider and the agreement for each service.",
    ),
    Control(
        "8.22",
        "Segregation of networks",
        covers="Whether namespaces deny by default, and whether the declared boundaries hold.",
        does_not_cover="Groups that nobody declared, and segregation of nodes.",
        by_hand="Declare a boundary between the groups that have to be segregated.",
    ),
    id="iso-27001-2022",
    name="ISO/IEC 27001:2022, Annex A",
)
