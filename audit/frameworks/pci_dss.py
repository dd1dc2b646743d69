"""PCI DSS v4.0.1: requirement 1 on network security controls, and what hangs on segmentation."""

from audit.frameworks._model import Control, framework

PCI_DSS = framework(
    Control(
        "1.2.1",
        "Standards for rulesets of network security controls",
        by_hand="Show the standard that says which policies a namespace must have, and that it is in use.",
    ),
    Control(
        "1.2.2",
        "Changes go through change control",
        covers=(
            "With a store, policies that were created, changed or deleted between snapshots are told, "
            "and `segaudit diff` tells what that opened and closed."
        ),
        does_not_cover="Who changed it, who approved it, and what was put back between two snapshots.",
        by_hand="Match each change with its approval.",
    ),
    Control(
        "1.2.3",
        "An accurate network diagram",
        covers=(
            "Ways in, and what policies allow between namespaces: the network diagram, unless the "
            "configuration leaves it out."
        ),
        does_not_cover="Networks outside the cluster, and wireless ones.",
        by_hand="Confirm the diagram, and add what lies outside the cluster.",
    ),
    Control(
        "1.2.4",
        "An accurate data-flow diagram of account data",
        does_not_cover="What is in the traffic, and which of the allowed connections are used.",
        by_hand="Draw it, and see that every flow is among the connections that policies allow.",
    ),
    Control(
        "1.2.5",
        "Services, protocols and ports that are allowed are identified, approved and needed",
        covers=(
            "Whether rules name their ports and peers, and whether policies say why: the rule register, or "
            "csv/rules.csv."
        ),
        does_not_cover="Whether the reason is good, and whether somebody approved it.",
        by_hand="Have each justification confirmed by whom it concerns.",
    ),
    Control(
        "1.2.6",
        "Security features for insecure services, protocols and ports",
        covers="The ports that rules allow stand in csv/rules.csv.",
        does_not_cover="What is spoken on a port, and whether it is encrypted.",
        by_hand="Name the insecure ones among them, and what makes up for it.",
    ),
    Control(
        "1.2.7",
        "Configurations are reviewed for being relevant and effective",
        covers="Which policies and rules are without effect, redundant or not what they say, on this date.",
        does_not_cover="Whether what is effective is still wanted.",
        by_hand="Review this report, decide on each finding, and sign.",
        frequency="every six months",
    ),
    Control(
        "1.2.8",
        "Configuration files are secured and as the active ones",
        covers="`segaudit diff` compares manifests with a snapshot of the cluster.",
        does_not_cover="Who may change the manifests, and who may change policies in the cluster.",
        by_hand="Compare the manifests with the cluster, and look at who may write to either.",
    ),
    Control(
        "1.3.1",
        "Inbound traffic to the CDE is restricted",
        covers=(
            "Whether pods and namespaces deny ingress unless a rule allows it, and whether rules are narrow."
        ),
        does_not_cover="Whether what is allowed is necessary; nodes, and what is not behind a policy.",
        by_hand="Confirm that each allowed source is needed, and look at firewalls in front of the nodes.",
        direction="ingress",
    ),
    Control(
        "1.3.2",
        "Outbound traffic from the CDE is restricted",
        covers=(
            "Whether pods and namespaces deny egress unless a rule allows it, and whether rules are narrow."
        ),
        does_not_cover="Whether what is allowed is necessary; names behind addresses; nodes.",
        by_hand="Confirm that each allowed destination is needed, and look at what filters behind the nodes.",
        direction="egress",
    ),
    Control(
        "1.4.1",
        "Network security controls stand between trusted and untrusted networks",
        covers="Whether exposed workloads are isolated for ingress, and whether declared boundaries hold.",
        does_not_cover="Firewalls and balancers outside the cluster, and boundaries that nobody declared.",
        by_hand="Declare the boundaries, and look at what stands in front of the cluster.",
    ),
    Control(
        "1.4.2",
        "Inbound traffic from untrusted networks is restricted",
        covers=(
            "Whether exposed workloads let in outside addresses only on ports that they serve, from "
            "narrow ranges."
        ),
        does_not_cover="Stateful inspection, and filters outside the cluster.",
        by_hand="Confirm that each way in is meant, and is to a system that is meant to be public.",
    ),
    Control(
        "1.4.4",
        "Stored cardholder data is not directly reachable from untrusted networks",
        covers="Whether a boundary that is declared for it holds stands among the boundaries.",
        does_not_cover="Stores that are in no boundary, or outside the cluster.",
        by_hand="Declare a boundary from outside to each store (`boundaries` of the configuration).",
    ),
    Control(
        "1.4.5",
        "Internal addresses are disclosed to authorized parties only",
        does_not_cover="What answers and error messages disclose.",
        by_hand=(
            "Look at what the exposed workloads answer. Treat this report as confidential: it has addresses."
        ),
    ),
    Control(
        "11.4.5",
        "Penetration tests of segmentation",
        covers="What policies allow is told, to plan the test and hold its outcome against.",
        does_not_cover="No traffic was sent: this is no test.",
        by_hand="Have the segmentation tested, and hold the outcome against this report.",
        applies_to="entities that use segmentation",
        frequency="every twelve months, and after changes",
    ),
    Control(
        "11.4.6",
        "Penetration tests of segmentation by service providers",
        covers="What policies allow is told, to plan the test and hold its outcome against.",
        does_not_cover="No traffic was sent: this is no test.",
        by_hand="Have the segmentation tested, and hold the outcome against this report.",
        applies_to="service providers that use segmentation",
        frequency="every six months, and after changes",
    ),
    Control(
        "12.5.2",
        "The scope is documented and confirmed",
        covers="The pods and namespaces of each scope of the configuration are counted.",
        does_not_cover="Whether the scope is complete: it is what the labels say.",
        by_hand=(
            "Confirm that the scope's selector picks all that stores, processes or transmits account data."
        ),
        frequency="every twelve months, and after changes",
    ),
    Control(
        "A3.2.4",
        "Penetration tests confirm the scope",
        does_not_cover="No traffic was sent: this is no test.",
        by_hand="Have it tested that what is out of scope cannot reach what is in it.",
        applies_to="entities that are told to validate appendix A3",
        frequency="every six months, and after changes",
    ),
    id="pci-dss-4.0.1",
    name="PCI DSS v4.0.1",
    holds_for="the cardholder data environment",
)
