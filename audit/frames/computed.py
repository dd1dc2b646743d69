"""The frames that are computed of a snapshot: what checks, queries and reports read."""

from audit.frames.schema import WHERE, Schema, columns
from audit.severity import Severity

REACH = "cluster (every pod of every namespace), namespaces, namespace (its own only) or none"
OUTSIDE = "any (all addresses of a family that the pod has), limited or none"
_NOTES = ("notes", "str", "what is to be known of it and is no finding, as who publishes what it opens")
_STATEMENT = (
    ("justification", "str", "the policy's annotation `segaudit.io/justification`, or the configured one"),
    (
        "owner",
        "str",
        "the same of `segaudit.io/owner`; else that of its namespace",
    ),
    ("changed", "str", "when a field manager last changed the policy, else when it was created; RFC 3339"),
)
DEFAULT_DENY = "strict, every_pod, current_pods, none or no_pods"
_ALLOWED = (
    "what policies let in of the sources on that port: any (all of a family that pods have), limited, none "
    "or not_assessed; of an Ingress or Gateway by way of `through`, and where nothing is there: any, limited "
    "or none of all pods and addresses"
)
_THAT_MATTER = (
    "of what matters the first of each kind (sensitive scope, other owner, system namespace, API server, "
    "instance metadata), and whether it is one hop away"
)

POD_FACTS = Schema(
    "pods",
    "Pods that count: not finished; with templates that stand for the pods of a workload",
    columns(
        ("namespace", "category", "namespace"),
        ("pod", "str", "name of the pod; NAME[KIND] for a template"),
        ("workload", "category", "Kind/name of the outermost owner, Pod/name for a bare pod"),
        ("host_network", "bool", "runs in its node's network: no policy holds for it"),
        ("ingress_isolated", "boolean", "some policy selects it for ingress; empty for hostNetwork"),
        ("egress_isolated", "boolean", "some policy selects it for egress; empty for hostNetwork"),
        ("ingress_pods", "category", f"pods that may connect by this end's rules: {REACH}"),
        ("egress_pods", "category", f"pods that it may connect to by this end's rules: {REACH}"),
        ("ingress_external", "category", f"outside addresses that may connect: {OUTSIDE}"),
        ("egress_external", "category", f"outside addresses that it may connect to: {OUTSIDE}"),
        ("policies", "category", "policies that select it, comma separated"),
        ("unevaluated_policies", "category", "policies that could govern it and are not evaluated"),
        ("template", "bool", "stands for the pods of a workload of which the input has none"),
        ("services", "category", "Services whose selector selects it, comma separated"),
    ),
)
POD_ISOLATION = POD_FACTS.part(
    [name for name in POD_FACTS.names if not name.endswith(("_pods", "_external", "services"))]
)
FINISHED_POD_FACTS = Schema(
    "finished_pods",
    "Pods that have finished; they do not count",
    columns(
        ("namespace", "category", "namespace"),
        ("pod", "str", "name"),
        ("workload", "category", "Kind/name of the outermost owner"),
        ("phase", "category", "Succeeded or Failed"),
    ),
)
NAMESPACE_FACTS = Schema(
    "namespaces",
    "Namespaces and whether they deny by default",
    columns(
        ("namespace", "str", "name"),
        ("system", "bool", "a system namespace"),
        ("pods", "int64", "pods that policies can govern: neither finished nor hostNetwork"),
        ("pods_ingress_isolated", "int64", "of these, how many are isolated for ingress"),
        ("pods_egress_isolated", "int64", "of these, how many are isolated for egress"),
        ("default_deny_ingress", "category", DEFAULT_DENY),
        ("default_deny_egress", "category", DEFAULT_DENY),
        ("nullified_ingress", "bool", "a rule of an all-selecting policy allows every source on every port"),
        ("nullified_egress", "bool", "the same for egress"),
        ("policies", "int64", "NetworkPolicies in it"),
        ("unevaluated_policies", "str", "policies that could govern its pods and are not evaluated"),
        ("owner", "str", "its annotation `segaudit.io/owner`, or that of the configured key"),
    ),
)
WORKLOAD_FACTS = Schema(
    "workloads",
    "Workloads that have pods",
    columns(
        ("namespace", "category", "namespace"),
        ("workload", "str", "Kind/name"),
        ("pods", "int64", "pods that count"),
        ("host_network_pods", "int64", "of these, how many run in their node's network"),
        ("pods_ingress_isolated", "int64", "pods that are isolated for ingress"),
        ("pods_egress_isolated", "int64", "pods that are isolated for egress"),
        ("system", "bool", "in a system namespace"),
        ("unevaluated_policies", "str", "policies that could govern its pods and are not evaluated"),
        WHERE,
    ),
)
POLICY_FACTS = Schema(
    "policies",
    "Policies of every API, evaluated or not",
    columns(
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace; empty for a policy of the cluster"),
        ("name", "str", "name"),
        ("api_version", "category", "apiVersion"),
        ("evaluated", "bool", "a NetworkPolicy, which this version evaluates"),
        ("governs", "bool", "not evaluated, and may change what may connect at L3/L4"),
        ("ingress", "bool", "applies to ingress"),
        ("egress", "bool", "applies to egress"),
        ("pods", "int64", "pods that it selects"),
        ("ingress_rules", "int64", "rules of the ingress section, if it has effect"),
        ("egress_rules", "int64", "rules of the egress section, if it has effect"),
        WHERE,
        _NOTES,
        *_STATEMENT,
    ),
)
RULE_FACTS = Schema(
    "rules",
    "Rules of NetworkPolicies in words, and how many addresses their ipBlocks allow together",
    columns(
        ("namespace", "category", "namespace of the policy"),
        ("policy", "str", "name of the policy"),
        ("direction", "category", "ingress or egress"),
        ("rule", "int64", "index in its section"),
        ("in_effect", "bool", "the section's direction is among the policy's types"),
        ("peers", "str", "whom the rule names"),
        ("ports", "str", "the ports that it names"),
        ("ipv4_prefix", "Int64", "shortest IPv4 prefix that is written, or empty"),
        ("ipv4_addresses", "str", "IPv4 addresses that remain less except, overlaps once, or empty"),
        ("ipv6_prefix", "Int64", "shortest IPv6 prefix that is written, or empty"),
        ("ipv6_addresses", "str", "IPv6 addresses that remain, an exact integer as text, or empty"),
        WHERE,
        _NOTES,
        ("selects", "str", "the pods of its namespace for which its policy is"),
        ("pods", "int64", "pods that its policy selects"),
        *_STATEMENT,
        ("internet", "bool", "names everyone, or addresses outside the private ranges (RFC 1918, 4193)"),
        ("other_namespaces", "bool", "names everyone, or pods by a namespaceSelector"),
    ),
)
SERVICE_FACTS = Schema(
    "services",
    "Services",
    columns(
        ("namespace", "category", "namespace"),
        ("service", "str", "name"),
        ("type", "category", "type"),
        ("selects", "int64", "pods that its selector selects"),
        ("ports", "str", "ports as `port/protocol -> target`, comma separated"),
        WHERE,
    ),
)
ENFORCEMENT = Schema(
    "enforcement",
    "Node pools, and whether policies are enforced on them; one row `all` where no node is known",
    columns(
        ("node_pool", "str", "what the maker of the nodes calls their pool, or what they run"),
        ("nodes", "Int64", "nodes of the pool, or empty where that is not known"),
        ("plugin", "category", "the network plug-in, and the network beneath it if that is another"),
        ("version", "str", "its version, as its image or its node has it, or empty"),
        ("verdict", "category", "enforced, not_enforced or cannot_tell"),
        ("evidence", "str", "the object that shows it"),
        ("reason", "str", "why, as a sentence"),
        ("mode", "category", "a mode that it runs in, as audit, standard or eBPF, or empty"),
        ("ignores", "str", "features and kinds of policies that it ignores, comma separated"),
    ),
)
EXPOSURE = Schema(
    "exposure",
    "Ways in from outside, each with the workload and port that it leads to, and where that leads",
    columns(
        ("via", "category", "LoadBalancer, NodePort, ExternalIP, HostPort, HostNetwork, Ingress or Gateway"),
        ("object", "str", "what opens it: namespace/Kind/name"),
        ("sources", "str", "who may come: any, or ranges of addresses divided by blanks"),
        ("workload", "str", "namespace/Kind/name"),
        ("port", "int64", "port of the pods"),
        ("protocol", "category", "TCP, UDP or SCTP"),
        ("ingress_isolated", "boolean", "some policy selects each of these pods; empty for hostNetwork"),
        ("allowed", "category", _ALLOWED),
        ("next_workloads", "Int64", "other workloads that may be reached from there by policy, on any port"),
        ("next_namespaces", "Int64", "namespaces that these are in"),
        ("reachable_workloads", "Int64", "the same in any number of hops"),
        ("reachable_namespaces", "Int64", "namespaces that these are in"),
        ("first_that_matter", "str", _THAT_MATTER),
        ("internal", "bool", "of the cloud's own network, as an annotation says: not from outside"),
        ("through", "str", "workloads whose pods send on what comes in, where it is known who does"),
        ("traffic_policy", "category", "externalTrafficPolicy of balancers and node ports"),
        ("namespace", "category", "namespace of the workload"),
        ("pods", "int64", "pods of the workload that it leads to"),
        ("unevaluated_policies", "str", "policies that could govern these pods and are not evaluated"),
    ),
)
RESULTS = Schema(
    "results",
    "Subjects that a check judged",
    columns(
        ("check", "category", "id of the check"),
        ("severity", "category", "severity in this context"),
        ("status", "category", "passed, failed, waived, not_applicable, not_assessed or error"),
        ("kind", "category", "kind of the subject"),
        ("namespace", "category", "namespace of the subject, or empty"),
        ("name", "str", "name of the subject"),
        ("message", "str", "the verdict as a sentence that names the cause"),
        ("remediation", "str", "YAML that mends it, or empty"),
        ("rule", "str", "the part of a policy that is meant, as ingress[0].from[1], or empty"),
        ("id", "str", "hash of check, subject and the rule's content"),
        ("workload", "str", "Kind/name, where the subject is a workload"),
        ("waiver", "str", "the waiver that holds, or empty"),
        ("since", "str", "when it was first seen, or empty"),
        WHERE,
    ),
)
CHECK_FACTS = Schema(
    "checks",
    "Checks and how many subjects they judged, by status",
    columns(
        ("check", "str", "id"),
        ("severity", "category", "severity before context"),
        *(
            (name, "int64", f"subjects {meaning}")
            for name, meaning in (
                ("subjects", "in all"),
                ("passed", "that passed"),
                ("failed", "that failed"),
                ("waived", "that failed and are waived"),
                ("not_applicable", "to which the check does not apply"),
                ("not_assessed", "that could not be judged"),
                ("error", "for which the check itself failed"),
            )
        ),
        ("reason", "str", "why subjects were not assessed, or the check failed"),
    ),
)
CATALOGUE = Schema(
    "catalogue",
    "Checks in words",
    columns(
        ("check", "str", "id"),
        ("title", "str", "what it asks, as a statement that holds where it passes"),
        ("subject", "str", "what it judges, in a word or two"),
        ("severity", "category", "severity before context"),
        ("rationale", "str", "why it matters"),
    ),
)
FIGURES = Schema(
    "figures",
    "The figures of page one and of the metrics, of what is reported",
    columns(
        ("figure", "str", "its name"),
        ("label", "category", "what it is divided by: direction or severity; or empty"),
        ("part", "category", "the direction or severity that this row is of, or empty"),
        ("value", "Int64", "the figure; empty: not assessed"),
        ("meaning", "str", "what is counted"),
    ),
)
OWNER_FACTS = Schema(
    "owners",
    "Owners of namespaces, and what is open, new and waived in these; empty where nobody is named",
    columns(
        ("owner", "str", "as an annotation or a label of the namespace has it"),
        ("namespaces", "int64", "namespaces of that owner"),
        ("pods", "int64", "pods of these that policies can govern"),
        ("open_ingress", "int64", "of these, how many are not isolated for ingress"),
        ("open_egress", "int64", "of these, how many are not isolated for egress"),
        *(
            (severity.word, "int64", "findings of that severity that count")
            for severity in sorted(Severity, reverse=True)
        ),
        ("new", "Int64", "of these findings, how many are new; empty without an earlier run"),
        ("waived", "int64", "findings that are waived"),
    ),
)
CONTROL_FACTS = Schema(
    "controls",
    "Controls of frameworks, and what the evidence of the checks says of each; none is proved by it",
    columns(
        ("framework", "category", "id of the framework, with its version"),
        ("control", "str", "id of the control"),
        ("title", "str", "what it asks, in short"),
        ("status", "category", "supports, supports_in_part, contradicts, not_assessed or by_hand"),
        ("checks", "str", "checks that speak for it, divided by blanks"),
        ("covers", "str", "what of the control the evidence covers"),
        ("does_not_cover", "str", "what it does not cover"),
        ("by_hand", "str", "what is left to do by hand"),
        ("applies_to", "str", "to whom it applies, or empty where to all"),
        ("frequency", "str", "how often it is to be done, where the framework says so"),
        ("reason", "str", "why the status is what it is, as sentences"),
        ("scope", "str", "the scopes of the configuration that it was judged for, or empty for the cluster"),
        *(
            (name, "int64", f"subjects of these checks {meaning}")
            for name, meaning in (
                ("passed", "that passed"),
                ("failed", "that failed"),
                ("waived", "that failed and are waived"),
                ("not_assessed", "that could not be judged"),
            )
        ),
    ),
)
WAIVERS = Schema(
    "waivers",
    "Waivers: findings that somebody accepts, and whether each counts",
    columns(
        ("check", "category", "id of the check whose findings it accepts"),
        ("kind", "category", "kind of what it names, if it is an annotation"),
        ("namespace", "category", "namespace of what it names, or empty"),
        ("name", "str", "name of what it names, or empty"),
        ("selector", "str", "labels of what it names, as kubectl has them, or empty"),
        ("reason", "str", "why it is accepted"),
        ("owner", "str", "who owns the risk"),
        ("approved_by", "str", "who approved it"),
        ("ticket", "str", "where more is written, or empty"),
        ("created", "str", "its first day, or empty"),
        ("expires", "str", "its last day, or empty"),
        ("findings", "int64", "findings of the report that it names, if it may accept them"),
        ("status", "category", "of waivers-are-current: passed for one that counts and accepts something"),
        ("message", "str", "the verdict as a sentence"),
        ("annotation", "str", "the object whose annotation it is, or empty"),
        WHERE,
    ),
)
CONNECTIONS = Schema(
    "connections",
    "Allowed connections",
    columns(
        ("source", "str", "namespace/pod, namespace/Kind/name, namespace, or a range of addresses"),
        ("destination", "str", "the same"),
        ("connections", "str", "All, or protocols and ports as TCP 80,8080-8090;UDP 53"),
        ("scope", "str", "all, or some where not all pairs have the connection"),
    ),
)
