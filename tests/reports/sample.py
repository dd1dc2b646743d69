"""A report as a real audit would give it, with names that try to break it."""

import msgspec
import pandas as pd

from reports.model import DataColumn, Dataset, Figure, First, PageOne, Report, code, name
from tests.reports.sample_pictures import pictures
from tests.reports.sample_sections import HOSTILE, SHA, findings, hostile, method, namespaces
from tests.reports.sample_trend import trend


def page_one() -> PageOne:
    return PageOne(
        lead="1,204 of 9,310 pods accept traffic from every pod in the cluster.",
        enforcement="Policies are enforced (Calico 3.31, 214 of 214 nodes).",
        figures=(
            Figure("Isolated for ingress", "87.1 %", "8,106 of 9,310 pods", "+1.2 since 16 November"),
            Figure("Isolated for egress", "41.0 %", "3,817 of 9,310 pods", "no change"),
            Figure("Default deny", "52 of 61", "namespaces", "-1: payments"),
            Figure("Exposed, open", "3", "workloads", "new: shop/web"),
        ),
        first=(
            First(
                (
                    name("shop/web"),
                    " is reachable from the internet (LoadBalancer ",
                    name("web"),
                    ", TCP 443) and from every pod; no policy selects it.",
                ),
                "shop-web",
            ),
            First(
                (
                    "Namespace ",
                    name("payments"),
                    " lost its default deny: policy ",
                    name("allow-all-for-debugging"),
                    " allows ingress from everywhere to all of its 214 pods.",
                ),
                "payments-allow-all",
            ),
            First(
                (
                    "An egress rule of ",
                    name("billing/allow-out"),
                    " opens 0.0.0.0/0 on all ports to 18 pods.",
                ),
                "egress-cidrs-are-narrow",
            ),
            First(
                ("Nine namespaces have pods and no policy at all, among them ", name("ci"), " with 96 pods."),
                "namespaces-have-policies",
            ),
            First(
                (
                    "Rule ",
                    code("ingress[0].from[1]"),
                    " of ",
                    name("shop/allow-monitoring"),
                    " selects no pod: the label is ",
                    code("app: prometeus"),
                    ".",
                ),
                "policies-select-something",
            ),
        ),
        not_assessed=(("2 checks in namespace ", name("legacy"), " (Cilium policies, not evaluated)."),),
        looked_at=(
            (
                "9,310 pods, 61 namespaces, 388 services, 412 policies; read as "
                "system:serviceaccount:segaudit:segaudit; everything was readable."
            ),
        ),
    )


def pods(count: int) -> Dataset:
    names = (*HOSTILE, *(f"web-{i}" for i in range(count - len(HOSTILE))))[:count]
    return Dataset(
        "pods",
        "Pods that count",
        (
            DataColumn("namespace", "string", "namespace"),
            DataColumn("pod", "string", "name"),
            DataColumn("policies", "integer", "number of policies that select it"),
            DataColumn("share", "number", "share of pods that may connect"),
            DataColumn("ingress_isolated", "boolean", "some policy selects it for ingress; empty if unknown"),
            DataColumn("note", "text", "justification, as annotated"),
        ),
        pd.DataFrame(
            {
                "namespace": pd.Categorical(["shop"] * count),
                "pod": pd.Series(names, dtype="str"),
                "policies": pd.array([None if i % 7 == 3 else i for i in range(count)], dtype="Int64"),
                "share": [0.5 * i if i % 2 else None for i in range(count)],
                "ingress_isolated": pd.array(
                    [(True, False, None)[i % 3] for i in range(count)], dtype="boolean"
                ),
                "note": pd.Series(names, dtype="str"),
            }
        ),
    )


def report(**changes: object) -> Report:
    fields: dict[str, object] = {
        "title": "segaudit · Network policy audit",
        "subject": "prod-eu-1",
        "date": "23 November 2026, 02:00 UTC",
        "created": "2026-11-23T02:00:00Z",
        "identifier": SHA,
        "generator": "segaudit 0.1.0",
        "classification": "CONFIDENTIAL",
        "cover": (("Period", "This snapshot alone"), ("SHA-256", (code(SHA),))),
        "page_one": page_one(),
        "sections": (findings(), namespaces(), trend(), hostile(), method(), pictures()),
        "data": (pods(12), msgspec.structs.replace(pods(12), name="findings")),
    }
    return Report(**(fields | changes))  # type: ignore[arg-type] # the fields above, changed
