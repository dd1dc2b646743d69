"""NSA/CISA Kubernetes Hardening Guide v1.2, section "Network separation and hardening".

The guide has no numbers: these ids are our names for what it asks.
"""

from audit.frameworks._model import Control, framework

NSA_CISA = framework(
    Control(
        "namespaces",
        "Namespaces separate resources",
        covers="Namespaces, their owners and their isolation stand in csv/namespaces.csv.",
        does_not_cover="Whether namespaces are cut as teams and applications are.",
        by_hand="Hold the namespaces against the teams and applications.",
    ),
    Control(
        "network policies",
        "Network policies control traffic between pods, namespaces and outside",
        covers=(
            "Whether each namespace has a policy, and whether rules name whom they let in and on what ports."
        ),
        does_not_cover="Whether those who are let in need it.",
        by_hand="Have the owner of each policy confirm who needs what it allows.",
    ),
    Control(
        "CNI plug-in",
        "A CNI plug-in that supports the NetworkPolicy API is in use",
        covers=(
            "Which plug-in runs on each node pool, whether it enforces policies, and what of the "
            "policies that are here it ignores."
        ),
        does_not_cover="It is inferred from what runs on the nodes, and no traffic was sent to prove it.",
        by_hand="Try one connection that a policy denies, on a node of each pool.",
    ),
    Control(
        "selectors",
        "Policies select pods by podSelector and namespaceSelector",
        covers="Whether selectors select what is there: pods and not Services, and nothing by mistake.",
        does_not_cover="Who may set the labels that selectors ask for.",
        by_hand="Look at who may label pods and namespaces (RBAC, admission).",
    ),
    Control(
        "default policy",
        "A default policy denies all ingress and egress",
        covers=(
            "Whether each namespace denies by default, for both directions, and whether a rule undoes that."
        ),
        does_not_cover="Namespaces that will be made, and pods in their node's network.",
        by_hand=(
            "See that new namespaces get a default deny, and how pods in their node's network are kept apart."
        ),
    ),
    Control(
        "resource policies",
        "LimitRanges and ResourceQuotas limit resources",
        does_not_cover="They are not read.",
        by_hand="List LimitRanges and ResourceQuotas of each namespace.",
    ),
    id="nsa-cisa-1.2",
    name="NSA/CISA Kubernetes Hardening Guide v1.2",
    note="Its section on network separation. The guide numbers nothing: the names are ours.",
)
