"""NetworkPolicies in all shapes that are met in clusters, for the generator of clusters."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Final

Object = dict[str, Any]
Shape = Callable[[Random, Sequence[str]], Object]

APPS: Final = tuple(
    f"{noun}-{part}"
    for noun in ("cart", "checkout", "orders", "payments", "catalog", "search", "users", "billing", "ledger")
    for part in ("api", "web", "db", "cache", "worker", "gateway", "events")
)
TEAMS: Final = tuple(f"team-{number:02}" for number in range(40))
TIERS: Final = ("frontend", "backend", "data", "platform")
ENVIRONMENTS: Final = ("production", "staging", "development")
PORT_NAMES: Final = ("http", "metrics", "grpc", "postgres", "mysql", "dns")
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_METADATA: Final = "169.254.169.254/32"
_DNS: Final = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]


def policies(
    random: Random, homes: Sequence[int], names: Sequence[str], apps: Sequence[list[str]]
) -> Iterator[Object]:
    """A policy for each of `homes`, numbers of namespaces in order; `apps` has those that run in each.

    The first of a namespace is a default deny, the second lets DNS out, more are of any shape.
    """
    last, place = -1, 0
    for number, home in enumerate(homes):
        place = place + 1 if home == last else 0
        last = home
        shape = _FIRST[place] if place < len(_FIRST) else random.choices(*_LATER)[0]
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {
                "name": f"{shape.__name__.strip('_').replace('_', '-')}-{number}",
                "namespace": names[home],
                "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "creationTimestamp": "2026-01-15T08:00:00Z",
                "generation": 1,
                "uid": f"00000000-0000-4000-8000-{number:012}",
            },
            "spec": shape(random, apps[home] or list(APPS[:1])),
        }


def _default_deny(random: Random, _apps: Sequence[str]) -> Object:
    return {"podSelector": {}, "policyTypes": random.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"]))}


def _dns_egress(_random: Random, _apps: Sequence[str]) -> Object:
    peer = {"namespaceSelector": _named("kube-system"), "podSelector": _labels(k8s_app="kube-dns")}
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [peer], "ports": _DNS}]}


def _app_to_app(random: Random, apps: Sequence[str]) -> Object:
    rule = {"from": [{"podSelector": _labels(app=random.choice(apps))}], "ports": [_port(random)]}
    return {
        "podSelector": _labels(app=random.choice(apps)),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [rule],
        "egress": [{"to": rule["from"], "ports": rule["ports"]}],
    }


def _from_namespace(random: Random, apps: Sequence[str]) -> Object:
    name = f"ns-{random.randrange(100):05}"
    return _ingress(random, apps, {"namespaceSelector": _named(name)})


def _from_team(random: Random, apps: Sequence[str]) -> Object:
    peer = {
        "namespaceSelector": _labels(team=random.choice(TEAMS)),
        "podSelector": _labels(app=random.choice(APPS)),
    }
    return _ingress(random, apps, peer)


def _expressions(random: Random, apps: Sequence[str]) -> Object:
    tiers = sorted(random.sample(TIERS, 2))
    expressions = [
        {"key": "tier", "operator": random.choice(("In", "NotIn")), "values": tiers},
        {"key": "app.kubernetes.io/version", "operator": random.choice(("Exists", "DoesNotExist"))},
    ]
    peer = {
        "namespaceSelector": {
            "matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["development"]}]
        },
        "podSelector": {"matchExpressions": expressions},
    }
    spec = _ingress(random, apps, peer)
    spec["podSelector"] = {"matchExpressions": [{"key": "app", "operator": "In", "values": sorted(apps[:3])}]}
    return spec


def _to_internet(random: Random, apps: Sequence[str]) -> Object:
    whole = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [*_PRIVATE, _METADATA]}}
    peers = [whole, {"ipBlock": {"cidr": "::/0", "except": ["fd00::/8"]}}]
    rule = {"to": peers[: random.choice((1, 2))], "ports": [{"protocol": "TCP", "port": 443}]}
    return {"podSelector": _labels(app=random.choice(apps)), "policyTypes": ["Egress"], "egress": [rule]}


def _to_partner(random: Random, apps: Sequence[str]) -> Object:
    blocks = [
        {"ipBlock": {"cidr": f"203.0.{random.randrange(100)}.0/24"}},
        {"ipBlock": {"cidr": f"2001:db8:{random.randrange(100):x}::/48"}},
    ]
    rule = {
        "to": blocks,
        "ports": [{"protocol": "TCP", "port": 8000, "endPort": 8000 + random.randrange(100)}],
    }
    return {"podSelector": _labels(app=random.choice(apps)), "policyTypes": ["Egress"], "egress": [rule]}


def _from_monitoring(_random: Random, _apps: Sequence[str]) -> Object:
    rule = {"from": [{"namespaceSelector": _named("monitoring")}], "ports": [{"port": "metrics"}]}
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule]}


def _allow_same_namespace(_random: Random, _apps: Sequence[str]) -> Object:
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}


def _allow_all(random: Random, _apps: Sequence[str]) -> Object:
    direction = random.choice(("Ingress", "Egress"))
    return {"podSelector": {}, "policyTypes": [direction], direction.lower(): [{}]}


_FIRST: Final[tuple[Shape, ...]] = (_default_deny, _dns_egress)
_LATER: Final[tuple[tuple[Shape, ...], tuple[int, ...]]] = (
    (
        _app_to_app,
        _from_namespace,
        _from_team,
        _expressions,
        _to_internet,
        _to_partner,
        _from_monitoring,
        _allow_same_namespace,
        _allow_all,
    ),
    (40, 10, 10, 8, 10, 8, 6, 6, 2),
)


def _ingress(random: Random, apps: Sequence[str], peer: Object) -> Object:
    rule = {"from": [peer], "ports": [_port(random), _port(random)]}
    return {"podSelector": _labels(app=random.choice(apps)), "policyTypes": ["Ingress"], "ingress": [rule]}


def _port(random: Random) -> Object:
    shapes: tuple[Object, ...] = (
        {"protocol": "TCP", "port": random.choice((80, 443, 3306, 5432, 8080, 9090))},
        {"protocol": "TCP", "port": random.choice(PORT_NAMES)},
        {"protocol": "TCP", "port": 30000, "endPort": random.choice((30100, 32767))},
        {"protocol": "UDP", "port": 53},
    )
    return random.choices(shapes, (70, 20, 5, 5))[0]


def _named(namespace: str) -> Object:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def _labels(**labels: str) -> Object:
    return {"matchLabels": {key.replace("_", "-"): value for key, value in labels.items()}}
