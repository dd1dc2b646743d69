"""Method: definitions, decisions, limits, and what made this report. What a verdict rests on is printed."""

from typing import Final

from audit.compose import words
from audit.compose.namespaces import DENIAL_WORDS
from audit.compose.view import View
from audit.exposure.default_deny import CURRENT_PODS, EVERY_POD, NO_PODS, NOT_DENIED, STRICT
from audit.exposure.reach import MOST_SELECTORS
from audit.exposure.scopes import Members
from audit.policy.kinds import KINDS
from reports.model import Items, KeyValues, Paragraph, Section, Text, code

ANCHOR: Final = "method"

_DEFINITIONS: Final = (
    (
        "Isolated",
        (
            "A pod is isolated for a direction if a NetworkPolicy of its namespace applies to that "
            "direction and its podSelector selects the pod, whatever the rules allow. A pod that is not "
            "isolated may be connected to, or may connect, without limit. A connection needs both ends: the "
            "source's egress and the destination's ingress."
        ),
    ),
    (
        "Pods that count",
        (
            "All but those that have finished (Succeeded, Failed). Pods that use their node's network are "
            "listed apart: no policy holds for them, no selector matches them, and no figure counts them."
        ),
    ),
    (
        "Accepts traffic from every pod",
        (
            "By this end's rules, on at least one port: the pod is not isolated for ingress, or a rule has "
            "no peers or an empty namespaceSelector. The other end's egress may still forbid it."
        ),
    ),
    (
        "Default deny",
        (
            f"Of a namespace and a direction, the best that holds. “{DENIAL_WORDS[STRICT]}”: a policy "
            f"selects every pod and has no rule. “{DENIAL_WORDS[EVERY_POD]}”: every pod that could be "
            "created is isolated, by a policy with an empty podSelector and rules, or by selectors that "
            f"cover all labels together. “{DENIAL_WORDS[CURRENT_PODS]}”: only the pods of today are; worked "
            f"out exactly for up to {MOST_SELECTORS} different selectors. “{DENIAL_WORDS[NOT_DENIED]}”: "
            f"some pod is not isolated. “{DENIAL_WORDS[NO_PODS]}”: no pod is there that a policy could "
            "govern. “undone”: a policy for all pods has a rule that allows everyone on every port. The "
            "headline counts the first two where they are not undone."
        ),
    ),
    (
        "Broad CIDR rule",
        (
            "A rule whose ipBlocks allow more addresses together, less their exceptions and overlaps once, "
            "than the threshold, or that cover a network of the cluster or a whole private range."
        ),
    ),
    (
        "Exposed, open",
        (
            "A workload is exposed if a LoadBalancer, a NodePort (those of a LoadBalancer included), an "
            "external IP, a hostPort, an Ingress, a Route or a Gateway leads to its pods, by a Service's "
            "selector or by its EndpointSlices. It is open if not all of its pods are isolated for "
            "ingress. A balancer that an annotation of a cloud makes internal, and its node ports, count "
            "as the cloud's own network and not as outside. Ports of hostNetwork pods are listed as far as "
            "they are declared, and counted nowhere."
        ),
    ),
    (
        "What policies let in",
        (
            "Of the addresses that may come, on the port that the pods listen on: all of a family of "
            "addresses that the pods have, some, or none; of a workload's pods the most open counts. "
            "Ranges are those of the Service, the Ingress or the Route. Through an Ingress or a Gateway it "
            "is as much as policies let in at the pods of its controller and let these connect to the "
            "workload. These pods are known by the address that the object's status and a Service have in "
            "common, or by the label gateway.networking.k8s.io/gateway-name; where they are not, it is "
            "told whether all, some or none of all pods and addresses may connect."
        ),
    ),
    (
        "What can be reached",
        (
            "From the pods of a workload, by the policies of both ends, on any port: other workloads in "
            "one hop, and in any number of hops if each pod on the way is taken over in turn. What matters "
            "of it is named: a sensitive scope, a namespace whose owner is another, a system namespace, "
            "the addresses behind the Service default/kubernetes, and 169.254.169.254 where nodes are a "
            "cloud's."
        ),
    ),
    (
        "Doubtful policies",
        (
            "Policies that do not do what they say: they pick Services instead of pods, name a Service's "
            "port or ClusterIP, select nothing (now), or have parts that the API server would refuse."
        ),
    ),
    (
        "Waived",
        (
            "A finding that somebody accepts for a time, by a waiver that counts. It is told apart; "
            "figures of pods, namespaces and rules say what is so, accepted or not."
        ),
    ),
    (
        "System namespaces",
        ("kube-system and what the configuration adds. They are counted and shown in rows of their own."),
    ),
)

_OPEN_POINTS: Final = (
    (
        "An ipBlock that holds a pod's address matches that pod. (The API says that such blocks should be "
        "external addresses.) Rules by ipBlock between pods hang on it."
    ),
    (
        "A hostNetwork pod is its node: no policy applies to it and no selector matches it, but an ipBlock "
        "can. Whatever is said of such pods hangs on it."
    ),
    "A pod always reaches itself, by its own address too.",
    (
        "Ingress from a pod's own node is always allowed, so what runs on a node reaches its pods. It makes "
        "no row in the tables of connections."
    ),
    "Egress to a pod's own node is not exempt: the node's address must be allowed as any other.",
    (
        "A connection runs over two addresses of one family, and is allowed if it is over some pair. "
        "Verdicts on pods with two address families hang on it."
    ),
)

_CHOICES: Final = (
    "An exception of an ipBlock that is no part of the block is taken away from it as far as they overlap.",
    (
        "A part of a policy that the API server would refuse matches nothing; the rest of the policy counts "
        "and isolates."
    ),
    "An end without an address is judged by the policies alone; an ipBlock cannot match it.",
    (
        "Where the input has no pods of a workload, and does not say that it has none, its pod template "
        "stands for them as one pod without an address."
    ),
    (
        "A verdict that hangs on what could not be read is not assessed. Where a kind could be read in some "
        "namespaces only, what hangs on one of these alone is judged: isolation, default deny, the form of a "
        "policy. What hangs on peers in other namespaces is not. Where further objects could only add "
        "findings, a finding stands, and what passes is not assessed."
    ),
    "Of two objects of one kind, namespace and name the last in path order counts, and a finding says so.",
)

_LIMITS: Final = (
    "Policies hold for pods, not for Services, and for TCP, UDP and SCTP; nothing is claimed of ICMP or ARP.",
    "A policy does not cut connections that are open already.",
    "This is what policies allow, not what was seen on the network: there are no traffic logs.",
    "The kinds of a snapshot are read one after the other, not at one moment.",
    (
        "Traffic through a Service, a load balancer or a node may be judged by another address than its "
        "sender's."
    ),
    (
        "Whether the network plug-in enforces policies is inferred from what runs on the nodes, and holds "
        "for the moment of the snapshot; what it logs, and what it wrote on the nodes, is not looked at."
    ),
    (
        "Exposed to outside is what Services, Ingresses, Routes, Gateways and hostPorts publish, whoever can "
        "reach the addresses. What service meshes route by resources of their own is not followed."
    ),
)


def method(view: View) -> Section:
    """The section."""
    return Section(
        ANCHOR,
        "Method",
        sections=(
            Section("definitions", "Definitions", blocks=(KeyValues(_DEFINITIONS),)),
            Section(
                "decisions",
                "Decisions",
                lead="Six points that the API leaves open, as they are decided here:",
                blocks=(
                    Items(_OPEN_POINTS, ordered=True),
                    Paragraph("Choices of this program:"),
                    Items(_CHOICES),
                ),
            ),
            Section("order", "Order and grading", blocks=tuple(Paragraph(text) for text in _order())),
            Section("limits", "Limits", blocks=(Items((*_LIMITS, _not_evaluated())),)),
            Section("made", "How this report was made", blocks=(_made(view),)),
        ),
    )


def _order() -> tuple[str, ...]:
    return (
        (
            "What to do first is the findings with the highest severity; of equal ones those that affect "
            "most pods, then by namespace, kind and name, then by check. Findings of one check that differ "
            "in their subject alone are told once. Checks stand in the order of their gravest finding, then "
            "of the number of their findings."
        ),
        (
            "Severity is the check's: one step higher for a workload that is exposed to outside, one in a "
            "sensitive scope, one lower in a system namespace, and one step in all at most. The finding says "
            "so. There is no score."
        ),
        "A share is rounded to one decimal; 100 % and 0 % mean all and none.",
    )


def _not_evaluated() -> str:
    own = "NetworkPolicy"
    governing = sorted({kind.kind for kind in KINDS.values() if kind.governs and kind.kind != own})
    governing.append(f"the {own} of other APIs")
    return (
        f"Not evaluated: {words.joined(governing)}. Where such a policy could govern a pod, verdicts on its "
        "isolation, default deny and reach are not assessed."
    )


def _made(view: View) -> KeyValues:
    settings = view.facts.settings
    snapshot = view.facts.snapshot
    taken = words.written(snapshot.provenance.taken)
    systems = sorted(settings.systems)
    thresholds = settings.thresholds
    pairs: list[tuple[str, Text]] = [
        ("Made by", view.generator),
        ("As of", f"{words.day(view.as_of)}; no other clock was asked"),
        ("Snapshot", words.text("SHA-256 ", (code(snapshot.sha256),), f", taken {taken}")),
        (
            "Broad CIDR",
            (
                f"more than an IPv4 /{thresholds.ipv4_prefix} or an IPv6 /{thresholds.ipv6_prefix}; a rule "
                "that opens to outside what is published there does not count"
            ),
        ),
        ("System namespaces", words.named(systems, 10)),
        *(("Scope", _scope(members)) for members in view.facts.scopes),
        ("Service ranges", _ranges(settings.service_cidrs)),
        (
            "Annotations",
            words.text(
                "justification ", (code(settings.annotations.justification),),
                ", owner ", (code(settings.annotations.owner),),
            ),
        ),
        ("Checks", words.counted(len(view.results), "check")),
        *((("Narrowed to", words.named(view.only, 10)),) if view.only is not None else ()),
    ]  # fmt: skip
    return KeyValues(tuple(pairs))


def _scope(found: Members) -> str:
    """A scope of the configuration; of one that holds nothing nobody should think that it does."""
    pods, namespaces = int(found.pods.sum()), int(found.namespaces.sum())
    kind = "sensitive" if found.scope.sensitive else "not sensitive"
    holds = f"{words.counted(pods, 'pod')} of {words.counted(namespaces, 'namespace')}" if pods else "no pods"
    return f"{found.scope.name} ({kind}): {holds}"


def _ranges(cidrs: tuple[str, ...]) -> Text:
    return words.named(cidrs, 10) if cidrs else "none configured; those of ServiceCIDR objects are used"
