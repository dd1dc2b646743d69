"""NIST SP 800-53 revision 5: controls of flow and boundary."""

from audit.frameworks._model import Control, framework

NIST_800_53 = framework(
    Control(
        "AC-4",
        "Information Flow Enforcement",
        covers="Whether pods are isolated in both directions, and whether rules name whom they let in.",
        does_not_cover="What is in the traffic, and flows that pass no pod.",
        by_hand="Hold the connections that policies allow against the flows that are authorized.",
    ),
    Control(
        "AC-4(21)",
        "Physical or Logical Separation of Information Flows",
        covers="Whether the declared boundaries hold against every connection that policies allow.",
        does_not_cover="Separations that nobody declared as a boundary.",
        by_hand="Declare a boundary for each separation that is required.",
    ),
    Control(
        "CA-3",
        "Information Exchange",
        covers="Ways in, and ranges outside to which egress is allowed, are told.",
        does_not_cover="Agreements on the exchange.",
        by_hand="Match each connection with outside with its agreement.",
    ),
    Control(
        "CA-7",
        "Continuous Monitoring",
        covers="With a store, the runs, their spacing and longest gap, and what changed are told.",
        does_not_cover="What was so between two snapshots.",
        by_hand="Say how often it runs, and who acts on what it finds.",
    ),
    Control(
        "CA-9",
        "Internal System Connections",
        covers="Whether each policy that allows connections says why.",
        does_not_cover="Whether somebody authorized it; interfaces and data of the connection.",
        by_hand="Have each justification confirmed, and reviewed.",
    ),
    Control(
        "CM-7",
        "Least Functionality",
        covers="Whether rules name the ports that they allow.",
        does_not_cover="Functions and services on nodes and in images; whether an open port is needed.",
        by_hand="Confirm that each allowed port is needed.",
    ),
    Control(
        "CM-7(1)",
        "Periodic Review",
        covers="Which rules are redundant, or name ports that no pod has.",
        does_not_cover="Functions that are not on the network.",
        by_hand="Review the findings at the set interval, and keep a record of it.",
    ),
    Control(
        "SC-7",
        "Boundary Protection",
        covers="Whether exposed workloads and namespaces are closed but for what rules allow.",
        does_not_cover="Managed interfaces outside the cluster, and monitoring of traffic.",
        by_hand="Look at what stands in front of the cluster, and who watches it.",
    ),
    Control(
        "SC-7(3)",
        "Access Points",
        covers="Each way in from outside stands in csv/exposure.csv.",
        does_not_cover="Whether there are as few as can be.",
        by_hand="Confirm that each way in is needed.",
    ),
    Control(
        "SC-7(5)",
        "Deny by Default - Allow by Exception",
        covers=(
            "Whether pods and namespaces deny by default, for both directions, and whether a rule "
            "undoes that."
        ),
        does_not_cover="Pods in their node's network, nodes, and namespaces that will be made.",
        by_hand="See that new namespaces get a default deny, and look at the nodes' own filters.",
    ),
    Control(
        "SC-7(10)",
        "Prevent Exfiltration",
        covers="Whether pods are isolated for egress, and whether rules name whom they may reach, narrowly.",
        does_not_cover="What is sent over connections that are allowed.",
        by_hand="Look at proxies and gateways for egress.",
        direction="egress",
    ),
    Control(
        "SC-7(11)",
        "Restrict Incoming Communications Traffic",
        covers="Whether exposed workloads are isolated for ingress, and the ranges that are let in narrow.",
        does_not_cover="Whether sources are authorized; filters outside the cluster.",
        by_hand="Confirm that each source that is let in is authorized.",
    ),
    Control(
        "SC-7(20)",
        "Dynamic Isolation and Segregation",
        does_not_cover="Whether a workload could be cut off when that is needed.",
        by_hand="Try it: isolate one workload with a policy, and see how long that takes.",
    ),
    Control(
        "SC-7(21)",
        "Isolation of System Components",
        covers="Whether the declared boundaries hold against every connection that policies allow.",
        does_not_cover="Isolation of nodes, kernels and storage.",
        by_hand="Declare a boundary around each component that has to be isolated.",
    ),
    id="nist-800-53-r5",
    name="NIST SP 800-53 Rev. 5",
)
