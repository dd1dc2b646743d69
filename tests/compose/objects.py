"""Manifests of single objects as text, each with the line that ends its document; snapshots read in part."""

from collections.abc import Mapping

from audit.frames import KINDS, PARTS, SNAPSHOT_TABLES
from audit.snapshot import Snapshot


def pod(name, namespace="shop", labels="", spec="", status="phase: Running"):
    return (
        "apiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}\n"
        f"spec: {{containers: [{{name: a, image: a}}], {spec}}}\nstatus: {{{status}}}\n---\n"
    )


def policy(name, spec, namespace="shop"):
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n---\n"
    )


def service(name="web", kind="LoadBalancer", more=""):
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{type: {kind}, selector: {{app: web}}, ports: [{{port: 80}}, {{port: 443}}]{more}}}\n---\n"
    )


CLOSED = policy("deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}")
CALICO = (
    "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\n"
    "metadata: {name: g}\nspec: {selector: all()}\n---\n"
)


def answer(kind):
    """What a server says to somebody who may not list a kind."""
    return (
        f'the server answered 403 ({kind} is forbidden: User "system:serviceaccount:audit:segaudit" cannot '
        f'list resource "{kind.partition(".")[0]}" in API group "" at the cluster scope)'
    )


def read_in_part(
    snapshot: Snapshot,
    states: Mapping[str, str | tuple[str, str]],
    parts: Mapping[str, Mapping[str, str]] | None = None,
    objects: int = 0,
) -> Snapshot:
    """The snapshot with other states, or states and reasons, of kinds; and of kinds in single namespaces."""
    kinds = snapshot["kinds"].astype({"state": "str"})
    rows = kinds[~kinds["kind"].isin(states)].to_dict("records")
    for kind, told in states.items():
        state, reason = (told, answer(kind)) if isinstance(told, str) else told
        rows.append({"kind": kind, "state": state, "objects": objects, "reason": reason})
    split = [
        {"kind": kind, "namespace": namespace, "state": state, "objects": 0}
        for kind, states_of in (parts or {}).items()
        for namespace, state in states_of.items()
    ]
    tables = {name: snapshot[name] for name in SNAPSHOT_TABLES if name not in {"kinds", "parts"}}
    for schema, found in ((KINDS, rows), (PARTS, split)):
        columns = {name: [row.get(name, "") for row in found] for name in schema.names}
        tables[schema.name] = schema.frame(columns)
    return Snapshot(snapshot.provenance, tables)


def read_only_in(snapshot: Snapshot, namespaces, *kinds, refused=()) -> Snapshot:
    """The snapshot of somebody who may list these kinds in some namespaces only."""
    reason = f"read in {', '.join(namespaces)} only: "
    return read_in_part(
        snapshot,
        {kind: ("partial", reason + answer(kind)) for kind in kinds},
        {kind: dict.fromkeys(namespaces, "listed") | dict.fromkeys(refused, "forbidden") for kind in kinds},
        objects=1,
    )
