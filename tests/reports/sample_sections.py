"""The sections of the sample report, its hostile names included."""

from reports.model import (
    Code,
    Column,
    Finding,
    Group,
    Items,
    KeyValues,
    Note,
    Paragraph,
    Reference,
    Row,
    Section,
    Span,
    Table,
    code,
    name,
    strong,
)

SHA = "3f9a1c77d20be84d5a6f0c1b9e8d7766554433221100ffeeddccbbaa99887766"

SCRIPT = "<script>document.title='owned'</script>"
IMAGE = "<img src=https://example.invalid/x onerror=alert(1)>"
FORMULA = "=cmd|' /C calc'!A0"
LONG = "a-very-long-name." + "x" * 119 + ".checkoutServiceWithAName-" + "z" * 91
OVERRIDE = "shop/\u202egnp.tcejorp\u202c"
EMOJI = "deploy-\U0001f680-rocket"
CJK = "支払いサービス"
HOSTILE = (
    SCRIPT,
    IMAGE,
    FORMULA,
    LONG,
    OVERRIDE,
    EMOJI,
    CJK,
    "]]>--></style><b>",
    "{{ 7 * 7 }}",
    "a\x00b\x1b[31m\r\n",
)

DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-ingress
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
    - Ingress
"""

ALLOW = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-web-from-cart
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
    - Ingress
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: cart
      ports:
        - protocol: TCP
          port: 8080
"""

AFFECTED = (
    Column("Workload", "name"),
    Column("Pods", "number"),
    Column("May connect"),
    Column("Selected by", "name"),
)


def word(severity: str) -> tuple[Span]:
    return (Span(severity, severity),)  # type: ignore[arg-type] # the four words are styles


def affected() -> Table:
    return Table(
        AFFECTED,
        (
            Group(
                (
                    ("Deployment/web", "6", "every pod of every namespace", "no policy"),
                    ("Deployment/cart", "12", "every pod of every namespace", "no policy"),
                    ("StatefulSet/orders-db", "3", "every pod of its namespace", "allow-same-namespace"),
                ),
                ("Namespace ", name("shop")),
            ),
            Group(
                (
                    ("CronJob/settlement-report-nightly", "1", "every pod of every namespace", "no policy"),
                    (
                        "Deployment/payment-gateway-adapter",
                        "24",
                        "namespaces payments, shop",
                        "allow-from-shop-and-payments",
                    ),
                ),
                ("Namespace ", name("payments")),
            ),
        ),
        "Workloads that accept traffic from every pod of the cluster",
        more=("and 31 more with 1,158 pods, see ", code("csv/pods.csv")),
    )


def findings() -> Section:
    return Section(
        "findings",
        "Findings by check",
        lead="17 findings: 1 critical, 6 high, 8 medium, 2 low. Each names its cause and what mends it.",
        blocks=(
            Table(
                (
                    Column("Check"),
                    Column("Severity"),
                    Column("Subjects", "number"),
                    Column("Passed", "number"),
                    Column("Failed", "number"),
                    Column("Waived", "number"),
                    Column("Not assessed", "number"),
                ),
                (
                    Group(
                        (
                            (
                                (
                                    Span(
                                        "Pods are isolated for ingress",
                                        anchor="pods-are-isolated-for-ingress",
                                    ),
                                ),
                                word("high"),
                                "9,310",
                                "8,106",
                                "1,190",
                                "14",
                                "0",
                            ),
                            (("Namespaces have policies",), word("medium"), "61", "52", "9", "0", "0"),
                            (
                                ("Allow-all does not undo default deny",),
                                word("critical"),
                                "61",
                                "60",
                                "1",
                                "0",
                                "0",
                            ),
                            (("Egress CIDRs are narrow",), word("low"), "412", "409", "2", "0", "1"),
                        )
                    ),
                ),
                "Checks and their results",
            ),
        ),
        sections=(
            Section(
                "pods-are-isolated-for-ingress",
                "Pods are isolated for ingress",
                lead="A pod that no policy selects for ingress accepts traffic from every pod of every "
                "namespace: one compromised container then reaches all of them.",
                blocks=(
                    Finding(
                        "critical",
                        (
                            "Deployment ",
                            name("shop/web"),
                            " (6 pods): no policy selects it for ingress, so every pod of every ",
                            "namespace may connect. Open since 3 November.",
                        ),
                        anchor="shop-web",
                        details=(
                            (
                                "One step graver than the check's ",
                                Span("high", "high"),
                                ": it is exposed to outside by LoadBalancer ",
                                name("shop/web"),
                                ".",
                            ),
                        ),
                        remediation="Apply these policies. The first closes 14 connections possible now, "
                        "among them shop/cart to shop/web on TCP 8080; the second keeps that one open.",
                        manifests=(Code(DENY + ALLOW),),
                    ),
                    Finding(
                        "high",
                        "42 workloads with 1,184 pods: no policy selects them for ingress.",
                        anchor="open-workloads",
                        affected=affected(),
                        remediation=(
                            "Apply this policy in each of their namespaces, then allow what ",
                            Reference("reach"),
                            " shows is in use.",
                        ),
                        manifests=(Code(DENY, caption="Denies all ingress to the pods of namespace shop."),),
                    ),
                    Finding(
                        "medium",
                        ("Job ", name("legacy/migrate"), " (1 pod): no policy selects it for ingress."),
                        status="waived until 3 March 2027 by M. Huber",
                    ),
                ),
            ),
            Section(
                "allow-all",
                "Allow-all does not undo default deny",
                blocks=(
                    Finding(
                        "high",
                        (
                            "Policy ",
                            name("payments/allow-all-for-debugging"),
                            " allows ingress from everywhere; the default deny beside it has no effect.",
                        ),
                        anchor="payments-allow-all",
                        remediation=(
                            "Delete the policy: ",
                            code("kubectl delete networkpolicy -n payments allow-all-for-debugging"),
                            ".",
                        ),
                    ),
                ),
            ),
            Section(
                "namespaces-have-policies",
                "Namespaces have policies",
                blocks=(Paragraph("Nine of 61 namespaces have none."),),
            ),
            Section(
                "egress-cidrs-are-narrow",
                "Egress CIDRs are narrow",
                blocks=(Paragraph("Two rules are wider than /16."),),
            ),
            Section(
                "policies-select-something",
                "Policies select something",
                blocks=(
                    Table(
                        AFFECTED,
                        (),
                        "Policies that select nothing",
                        empty="No finding. 412 policies were judged.",
                    ),
                ),
            ),
        ),
    )


def namespaces() -> Section:
    rows: list[Row] = [
        (
            f"team-{i:02d}-{'backend' if i % 3 else 'frontendForCustomers'}",
            f"{(i * 37) % 400:,}",
            f"{(i * 31) % 300}",
            f"{(i * 17) % 200}",
            ("strict", "every pod", "current pods", "none")[i % 4],
            "none" if i % 5 else "strict",
        )
        for i in range(1, 46)
    ]
    return Section(
        "namespaces",
        "Namespaces",
        lead="Namespaces in the order of their open pods, most open first; system namespaces apart.",
        blocks=(
            Table(
                (
                    Column("Namespace", "name"),
                    Column("Pods", "number"),
                    Column("Isolated for ingress", "number"),
                    Column("Isolated for egress", "number"),
                    Column("Default deny, ingress"),
                    Column("Default deny, egress"),
                ),
                (
                    Group(tuple(rows)),
                    Group((("kube-system", "64", "12", "0", "none", "none"),), "System namespaces"),
                ),
                "Isolation by namespace",
                more="and 15 more with 12 open pods, see csv/namespaces.csv",
            ),
        ),
    )


def hostile() -> Section:
    return Section(
        "hostile",
        ("Names of namespace ", name(SCRIPT)),
        lead="Names as they were found.",
        blocks=(
            Table(
                (
                    Column("Name", "name"),
                    Column("Kind"),
                    Column("Pods", "number"),
                    Column("Field", "code"),
                    Column("Justification"),
                ),
                (
                    Group(
                        tuple(
                            (text, "Deployment", "1", "spec.ingress[0].from[1].namespaceSelector", text[:80])
                            for text in HOSTILE
                        ),
                        ("Owner ", name(IMAGE)),
                    ),
                ),
                ("Names as found in ", name(SCRIPT)),
            ),
            Finding(
                "low",
                ("Deployment ", name(LONG), " (1 pod): its name is long."),
                status=EMOJI,
                manifests=(Code("\n".join(HOSTILE)),),
            ),
            Note(
                ("Policy ", name(OVERRIDE), " of ", name(CJK), " could not be judged."),
                title="Not assessed",
                kind="gap",
            ),
        ),
    )


def method() -> Section:
    return Section(
        "method",
        "Method",
        new_page=True,
        blocks=(
            Paragraph(
                (
                    "A pod is ",
                    strong("isolated"),
                    " for a direction if some policy selects it for that direction. ",
                    "Figures hold “by policy”: what the objects say, whatever the network does.",
                )
            ),
            Note("Policies hold for pods, not for services; connections that exist already are not cut."),
            KeyValues(
                (
                    ("Source", "cluster prod-eu-1, read through its API"),
                    ("Read as", (name("system:serviceaccount:segaudit:segaudit"),)),
                    ("Snapshot", (code(SHA),)),
                    ("Not looked at", "traffic logs, service meshes, cloud firewalls, node firewalls"),
                )
            ),
        ),
        sections=(
            Section(
                "reach",
                "Reach",
                blocks=(
                    Items(
                        (
                            "ingress: the rules of the destination's end",
                            "egress: the rules of the source's end",
                            "a connection needs both",
                        )
                    ),
                    Items(
                        ("List the pods.", "List the policies.", ("See ", Reference("shop-web"), ".")),
                        ordered=True,
                    ),
                ),
                sections=(
                    Section(
                        "ports",
                        "Ports",
                        blocks=(Paragraph("A named port is looked up at each destination."),),
                    ),
                ),
            ),
        ),
    )
