"""Ingresses, Routes and the routes of Gateways -> the Services that they publish.

Nothing here raises: what an object has that the API server would not take publishes nothing.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from audit.exposure import balancers
from audit.policy.kinds import group_of
from audit.snapshot import Snapshot


class Via(StrEnum):
    """How connections from outside come in."""

    LOAD_BALANCER = "LoadBalancer"
    NODE_PORT = "NodePort"
    EXTERNAL_IP = "ExternalIP"
    HOST_PORT = "HostPort"
    HOST_NETWORK = "HostNetwork"
    INGRESS = "Ingress"
    GATEWAY = "Gateway"


class Backend(NamedTuple):
    """A Service that an object publishes, or one port of it."""

    via: Via
    object: str
    """The object: `namespace/Kind/name`."""
    namespace: str
    service: str
    port: int | str | None
    """Number or name of the Service's port; None for all of them."""
    target: int | None = None
    """The pods' port, where that is what the object names."""
    protocol: str = "TCP"
    """Of the connections that are sent on."""
    sources: tuple[str, ...] = ()
    """The ranges of addresses that the object lets in; none stand for every address."""
    internal: bool = False
    """Whether it has addresses of the cloud's own network only, as an annotation says."""
    addresses: tuple[str, ...] = ()
    """Addresses and names at which what publishes it listens, as its status says."""
    gateways: tuple[tuple[str, str], ...] = ()
    """Namespace and name of the Gateways of a route."""


class Gateway(NamedTuple):
    """What a Gateway says of itself."""

    addresses: tuple[str, ...]
    """Those that its status has."""
    internal: bool
    """Whether it is of the cloud's own network, or of a mesh: nothing comes in from outside by it."""
    for_others: bool
    """Whether routes of other namespaces may be attached to one of its listeners."""


Gateways = Mapping[tuple[str, str], Gateway]
"""By namespace and name."""
Tree = Mapping[str, object]

_GATEWAY_API: Final = "gateway.networking.k8s.io"
_INTERNAL_CLASSES: Final = ("gke-l7-rilb", "gke-l7-cross-regional-internal", "istio-waypoint")
"""Beginnings of GatewayClasses without an address outside: GKE's internal ones, and that of Istio's mesh."""


def backends(snapshot: Snapshot, known: Gateways) -> Iterator[Backend]:
    """All that the objects of a snapshot publish; `known` are its Gateways."""
    yield from _of(snapshot, "ingresses", known)
    yield from _of(snapshot, "routes", known)


def gateways(snapshot: Snapshot) -> Gateways:
    """The Gateways by namespace and name."""
    rows = snapshot["gateways"]
    columns = (rows[c].astype("str").tolist() for c in ("namespace", "name", "object"))
    return {
        (namespace, name): _gateway(_decoded(text)) for namespace, name, text in zip(*columns, strict=True)
    }


def _gateway(tree: Tree) -> Gateway:
    spec = _mapping(tree.get("spec"))
    told = _mapping(_mapping(spec.get("infrastructure")).get("annotations"))
    annotations = {key: value for key, value in told.items() if isinstance(value, str)}
    # Gateway API, AllowedRoutes: only routes of the Gateway's own namespace, unless a listener says more
    allowed = [_mapping(one.get("allowedRoutes")) for one in _mappings(spec.get("listeners"))]
    return Gateway(
        addresses=_texts(_mapping(tree.get("status")).get("addresses"), "value"),
        internal=str(spec.get("gatewayClassName", "")).startswith(_INTERNAL_CLASSES)
        or balancers.is_internal(annotations),
        for_others=any(_mapping(one.get("namespaces")).get("from", "Same") != "Same" for one in allowed),
    )


def _of(snapshot: Snapshot, table: str, known: Gateways) -> Iterator[Backend]:
    rows = snapshot[table]
    columns = (rows[c].astype("str").tolist() for c in ("api_version", "kind", "namespace", "name", "object"))
    for api_version, kind, namespace, name, text in zip(*columns, strict=True):
        tree = _decoded(text)
        spec = _mapping(tree.get("spec"))
        where = f"{namespace}/{kind}/{name}"
        if table != "ingresses" and group_of(api_version) == _GATEWAY_API:
            protocol = "UDP" if kind == "UDPRoute" else "TCP"
            for backend in _of_gateway_route(spec, where, namespace, known):
                yield backend._replace(protocol=protocol)
            continue
        told = _mapping(_mapping(tree.get("metadata")).get("annotations"))
        annotations = {key: value for key, value in told.items() if isinstance(value, str)}
        of_class = spec.get("ingressClassName")
        sources = balancers.of_ingress(annotations)
        internal = balancers.is_internal(annotations, of_class if isinstance(of_class, str) else "")
        if table == "ingresses":
            status = _mapping(_mapping(tree.get("status")).get("loadBalancer")).get("ingress")
            addresses = (*_texts(status, "ip"), *_texts(status, "hostname"))
            for backend in _of_ingress(spec, where, namespace):
                yield backend._replace(sources=sources, internal=internal, addresses=addresses)
        else:
            for backend in _of_openshift_route(spec, where, namespace):
                yield backend._replace(sources=sources, internal=internal)


def _of_ingress(spec: Tree, where: str, namespace: str) -> Iterator[Backend]:
    paths = (
        path
        for rule in _mappings(spec.get("rules"))
        for path in _mappings(_mapping(rule.get("http")).get("paths"))
    )
    # `backend`, `serviceName` and `servicePort` are those of the beta APIs, which old manifests still have
    found = [spec.get("defaultBackend"), spec.get("backend"), *(path.get("backend") for path in paths)]
    for backend in map(_mapping, found):
        service = _mapping(backend.get("service"))
        name = service.get("name", backend.get("serviceName"))
        port = _mapping(service.get("port"))
        given = port.get("name") or port.get("number") or backend.get("servicePort")
        if isinstance(name, str) and isinstance(given, int | str):
            yield Backend(Via.INGRESS, where, namespace, name, given)


def _of_openshift_route(spec: Tree, where: str, namespace: str) -> Iterator[Backend]:
    # A number is the pods' own port; a text names the Service's
    given = _mapping(spec.get("port")).get("targetPort")
    target = given if isinstance(given, int) else None
    for to in map(_mapping, (spec.get("to"), *_items(spec.get("alternateBackends")))):
        name = to.get("name")
        if to.get("kind", "Service") == "Service" and isinstance(name, str):
            yield Backend(
                Via.INGRESS, where, namespace, name, given if isinstance(given, str) else None, target
            )


def _of_gateway_route(spec: Tree, where: str, namespace: str, known: Gateways) -> Iterator[Backend]:
    # A route whose parent is a Service is of a mesh: nothing comes in from outside by it
    parents = [p for p in _mappings(spec.get("parentRefs")) if p.get("kind", "Gateway") == "Gateway"]
    if not parents:
        return
    places = dict.fromkeys((p.get("namespace") or namespace, p.get("name")) for p in parents)
    of_gateways = tuple(
        (space, name)
        for space, name in places
        if isinstance(space, str) and isinstance(name, str)
        if space == namespace or (space, name) not in known or known[space, name].for_others
    )
    if not of_gateways:
        return
    internal = all(key in known and known[key].internal for key in of_gateways)
    for rule in _mappings(spec.get("rules")):
        mirrored = (
            _mapping(one.get("requestMirror")).get("backendRef") for one in _mappings(rule.get("filters"))
        )
        for ref in map(_mapping, (*_items(rule.get("backendRefs")), *mirrored)):
            name, port = ref.get("name"), ref.get("port")
            of = ref.get("namespace") or namespace
            is_service = (ref.get("group") or "", ref.get("kind", "Service")) == ("", "Service")
            if ref.get("weight") == 0:
                continue
            if is_service and isinstance(name, str) and isinstance(of, str) and isinstance(port, int):
                yield Backend(Via.GATEWAY, where, of, name, port, internal=internal, gateways=of_gateways)


def _decoded(text: str) -> Tree:
    try:
        return _mapping(msgspec.json.decode(text))
    except (msgspec.MsgspecError, RecursionError):  # whoever wrote it, the run goes on
        return {}


def _mapping(value: object) -> Tree:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _texts(value: object, key: str) -> tuple[str, ...]:
    """What each of some mappings has under a key, as far as it is text."""
    return tuple(text for each in _mappings(value) if isinstance(text := each.get(key), str) and text)


def _mappings(value: object) -> Iterator[Tree]:
    return map(_mapping, _items(value))
