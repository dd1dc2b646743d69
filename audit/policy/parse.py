"""A NetworkPolicy object -> `model.Policy`, with every defect named.

Decoding follows Go's JSON decoding (null is the zero value), defaulting
`defaults.go`, refusal `validation.go`, all of networking/v1. Nothing here
raises: whatever a manifest holds gives a policy.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import msgspec

from audit.policy.addresses import Block, Range, parse_cidr
from audit.policy.model import (
    NO_PORT,
    NOTHING,
    Defect,
    DefectivePeer,
    Direction,
    NamedPort,
    Operator,
    Peer,
    PodPeer,
    Policy,
    Port,
    PortSpan,
    Requirement,
    Rule,
    Selector,
)
from audit.policy.ports import FIRST_PORT, LAST_PORT, PROTOCOLS

_NAME: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_PORT_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_OPERATORS: Final = {operator.value: operator for operator in Operator}
_VALUED: Final = (Operator.IN, Operator.NOT_IN)

T = TypeVar("T")


class Spec(NamedTuple):
    """What a NetworkPolicySpec says."""

    selector: Selector
    types: frozenset[Direction]
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


def parse(obj: Mapping[str, object]) -> Policy:
    """The policy that `obj`, a NetworkPolicy as decoded JSON, means."""
    parser = _Parser()
    metadata = parser.mapping(obj.get("metadata"), "metadata") or {}
    spec = parser.part(_spec, obj.get("spec"), "spec")
    return Policy(
        str(metadata.get("namespace") or "default"),
        str(metadata.get("name") or ""),
        *spec,
        tuple(parser.defects),
    )


def selector_of(value: object) -> tuple[Selector, tuple[Defect, ...]]:
    """The label selector that `value`, decoded JSON, means, and what the API server would refuse in it."""
    return _selector(msgspec.json.encode(value))


class _Parser:
    """Collects the defects of one part while it is read; paths are relative to that part."""

    def __init__(self) -> None:
        self.defects: list[Defect] = []

    def part(self, read: Callable[[bytes], tuple[T, tuple[Defect, ...]]], value: object, path: str) -> T:
        """What `read` makes of `value`: equal parts of many policies are read once."""
        result, defects = read(msgspec.json.encode(value))
        if defects:
            self.defects.extend(Defect(path + defect.path, defect.reason) for defect in defects)
        return result

    def spec(self, value: object) -> Spec:
        fields = self.mapping(value, "", ("podSelector", "policyTypes", "ingress", "egress"))
        if fields is None:
            return Spec(NOTHING, frozenset(), (), ())
        selector = self.part(_selector, fields.get("podSelector"), ".podSelector")
        ingress = tuple(self.rules(fields, Direction.INGRESS))
        egress = tuple(self.rules(fields, Direction.EGRESS))
        return Spec(selector, self.types(fields, has_egress=bool(egress)), ingress, egress)

    # -- shapes ----------------------------------------------------------------------------------

    def defect(self, path: str, reason: str) -> None:
        self.defects.append(Defect(path, reason))

    def mapping(
        self, value: object, path: str, fields: tuple[str, ...] | None = None
    ) -> Mapping[str, object] | None:
        """`value` as a mapping, None if it is no mapping; null is an empty one. Unknown fields are named."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.defect(path, "must be a mapping")
            return None
        for key in value if fields is not None else ():
            if key not in (fields or ()):
                self.defect(f"{path}.{key}", "is no field of the API: it is dropped, or the object refused")
        return value

    def sequence(self, value: object, path: str) -> list[object] | None:
        """`value` as a list, None if it is none; null is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.defect(path, "must be a list")
            return None
        return value

    def text(self, value: object, path: str) -> str:
        """`value` as the text that was written, null as the empty one."""
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        self.defect(path, "must be a string")
        return str(value).lower() if isinstance(value, bool) else str(value)

    # -- policyTypes -----------------------------------------------------------------------------

    def types(self, spec: Mapping[str, object], *, has_egress: bool) -> frozenset[Direction]:
        """The directions that the policy applies to.

        defaults.go: with no policyTypes (length 0), Ingress, and Egress too if there is an egress rule.
        """
        path = ".policyTypes"
        given = self.sequence(spec.get("policyTypes"), path)
        if given is None:
            return frozenset()
        if not given:
            return frozenset(Direction) if has_egress else frozenset({Direction.INGRESS})
        names = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
        if len(given) > len(names):
            self.defect(path, "may have two entries at most")
        known = set()
        for index, entry in enumerate(given):
            if isinstance(entry, str) and entry in names:
                known.add(names[entry])
            else:
                self.defect(f"{path}[{index}]", "must be Ingress or Egress")
        return frozenset(known)

    # -- selectors -------------------------------------------------------------------------------

    def selector(self, value: object, path: str) -> Selector:
        """The selector; one with a defect that the API server refuses selects nothing."""
        fields = self.mapping(value, path, ("matchLabels", "matchExpressions"))
        if fields is None:
            return NOTHING
        labels = self.mapping(fields.get("matchLabels"), f"{path}.matchLabels")
        expressions = self.sequence(fields.get("matchExpressions"), f"{path}.matchExpressions")
        if labels is None or expressions is None:
            return NOTHING
        requirements = [
            self.requirement(
                key, Operator.IN, [self.text(wanted, f"{path}.matchLabels.{key}")], f"{path}.matchLabels"
            )
            for key, wanted in labels.items()
        ]
        requirements += [
            self.expression(entry, f"{path}.matchExpressions[{index}]")
            for index, entry in enumerate(expressions)
        ]
        valid = [r for r in requirements if r is not None]
        return Selector(tuple(sorted(set(valid), key=_order))) if len(valid) == len(requirements) else NOTHING

    def expression(self, value: object, path: str) -> Requirement | None:
        fields = self.mapping(value, path, ("key", "operator", "values"))
        if fields is None:
            return None
        written = self.sequence(fields.get("values"), f"{path}.values")
        operator = fields.get("operator")
        if not isinstance(operator, str) or operator not in _OPERATORS:
            self.defect(f"{path}.operator", f"must be one of {', '.join(Operator)}")
            return None
        if written is None:
            return None
        values = [self.text(value, f"{path}.values[{i}]") for i, value in enumerate(written)]
        key = self.text(fields.get("key"), f"{path}.key")
        return self.requirement(key, _OPERATORS[operator], values, path)

    def requirement(self, key: str, operator: Operator, values: list[str], path: str) -> Requirement | None:
        if operator in _VALUED and not values:
            self.defect(f"{path}.values", "must be given with In and NotIn")
        elif operator not in _VALUED and values:
            self.defect(f"{path}.values", "may not be given with Exists and DoesNotExist")
        elif not is_label_key(key):
            self.defect(path, "has a key that is no label name")
        elif not all(is_label_value(value) for value in values):
            self.defect(path, f"has a value that no label can have, at {_shown(key)}")
        else:
            return Requirement(key, operator, tuple(sorted(set(values))))
        return None

    # -- rules -----------------------------------------------------------------------------------

    def rules(self, spec: Mapping[str, object], direction: Direction) -> Iterator[Rule]:
        """The rules of a section. A null rule decodes as an empty one: it allows everything."""
        section = self.sequence(spec.get(direction), f".{direction}")
        for index, entry in enumerate(section or []):
            path = f".{direction}[{index}]"
            fields = self.mapping(entry, path, ("ports", direction.peers))
            if fields is None:
                yield Rule(peers=(), ports=())
                continue
            # types.go: "If this field is empty or missing, this rule matches all sources", and so for ports
            yield Rule(
                self.parts(_peer, fields.get(direction.peers), f"{path}.{direction.peers}"),
                self.parts(_port, fields.get("ports"), f"{path}.ports"),
            )

    def parts(
        self, read: Callable[[bytes], tuple[T, tuple[Defect, ...]]], value: object, path: str
    ) -> tuple[T, ...] | None:
        """The entries of a list; None if it is absent, null or empty, and no entry if it is no list."""
        entries = self.sequence(value, path)
        if entries is None:
            return ()
        return tuple(self.part(read, e, f"{path}[{i}]") for i, e in enumerate(entries)) or None

    def peer(self, value: object) -> Peer:
        """A peer. validation.go: "must specify a peer", and an ipBlock may not stand beside a selector."""
        fields = self.mapping(value, "", ("podSelector", "namespaceSelector", "ipBlock"))
        if fields is None:
            return DefectivePeer()
        pods, namespaces, block = (fields.get(f) for f in ("podSelector", "namespaceSelector", "ipBlock"))
        if block is not None:
            if pods is not None or namespaces is not None:
                self.defect("", "has an ipBlock beside a selector: only one may be given")
                return DefectivePeer()
            return self.block(block, ".ipBlock")
        if pods is None and namespaces is None:
            self.defect("", "names no peer: it matches nothing, not everybody")
            return DefectivePeer()
        return PodPeer(
            self.selector(pods, ".podSelector"),
            None if namespaces is None else self.selector(namespaces, ".namespaceSelector"),
        )

    def block(self, value: object, path: str) -> Peer:
        fields = self.mapping(value, path, ("cidr", "except"))
        if fields is None:
            return DefectivePeer()
        text = self.text(fields.get("cidr"), f"{path}.cidr")
        cidr = self.cidr(text, f"{path}.cidr")
        written = self.sequence(fields.get("except"), f"{path}.except")
        texts = [self.text(t, f"{path}.except[{i}]") for i, t in enumerate(written or [])]
        excepts = [self.cidr(t, f"{path}.except[{i}]") for i, t in enumerate(texts)]
        if cidr is None or written is None or None in excepts:
            return DefectivePeer()
        block, prefix = cidr
        holes = [hole for hole in excepts if hole is not None]
        for index, (hole, hole_prefix) in enumerate(holes):
            inside = hole.family == block.family and block.first <= hole.first and hole.last <= block.last
            if not inside or hole_prefix <= prefix:
                self.defect(f"{path}.except[{index}]", "must lie within cidr and be smaller")
        return Block(block, prefix, tuple(hole for hole, _ in holes), text, tuple(texts))

    def cidr(self, text: str, path: str) -> tuple[Range, int] | None:
        """The range of a CIDR. Servers from 1.36 on refuse non-canonical text in new objects; it counts."""
        parsed = parse_cidr(text)
        if parsed is None:
            self.defect(path, "must be a CIDR, an address, / and a prefix length")
        elif not _is_canonical(text):
            self.defect(
                path, "has host bits set, leading zeros or an IPv4-mapped address: it counts by its value"
            )
        return parsed

    def port(self, value: object) -> Port:
        """A port entry. Null decodes as an empty one: TCP on every port."""
        fields = self.mapping(value, "", ("protocol", "port", "endPort"))
        if fields is None:
            return NO_PORT
        protocol = "TCP" if fields.get("protocol") is None else self.text(fields["protocol"], ".protocol")
        if protocol not in PROTOCOLS:
            self.defect(".protocol", f"must be one of {', '.join(PROTOCOLS)}, in capitals")
            return NO_PORT
        port, end = fields.get("port"), fields.get("endPort")
        if port is None and end is not None:
            self.defect(".endPort", "may be given only with port")
        elif port is None:
            return PortSpan(protocol)
        elif isinstance(port, str):
            if not _PORT_NAME.fullmatch(port) or len(port) > 15:
                self.defect(".port", f"{_shown(port)} is a string and so a name, and no valid one")
            elif end is not None:
                self.defect(".endPort", "may not be given with a named port")
            else:
                return NamedPort(protocol, port)
        else:
            return self.span(protocol, port, port if end is None else end)
        return NO_PORT

    def span(self, protocol: str, port: object, end: object) -> Port:
        for value, field in ((port, "port"), (end, "endPort")):
            if not isinstance(value, int) or isinstance(value, bool) or not FIRST_PORT <= value <= LAST_PORT:
                self.defect(f".{field}", f"must be a number from {FIRST_PORT} to {LAST_PORT}")
                return NO_PORT
        if end < port:  # type: ignore[operator]  # both are integers: the loop has seen to it
            self.defect(".endPort", "must not be smaller than port")
        return PortSpan(protocol, port, end)  # type: ignore[arg-type]


@lru_cache(maxsize=1 << 16)
def _spec(encoded: bytes) -> tuple[Spec, tuple[Defect, ...]]:
    parser = _Parser()
    return parser.spec(msgspec.json.decode(encoded)), tuple(parser.defects)


@lru_cache(maxsize=1 << 16)
def _selector(encoded: bytes) -> tuple[Selector, tuple[Defect, ...]]:
    parser = _Parser()
    return parser.selector(msgspec.json.decode(encoded), ""), tuple(parser.defects)


@lru_cache(maxsize=1 << 16)
def _peer(encoded: bytes) -> tuple[Peer, tuple[Defect, ...]]:
    parser = _Parser()
    return parser.peer(msgspec.json.decode(encoded)), tuple(parser.defects)


@lru_cache(maxsize=1 << 16)
def _port(encoded: bytes) -> tuple[Port, tuple[Defect, ...]]:
    parser = _Parser()
    return parser.port(msgspec.json.decode(encoded)), tuple(parser.defects)


def _order(requirement: Requirement) -> tuple[str, str, tuple[str, ...]]:
    return requirement.key, requirement.operator, requirement.values


def _shown(text: str) -> str:
    return repr(text if len(text) <= 63 else f"{text[:60]}...")


@lru_cache(maxsize=1 << 14)
def is_label_key(key: str) -> bool:
    """Whether the API takes `key` for the name of a label."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= 63 and _NAME.fullmatch(name) is not None


@lru_cache(maxsize=1 << 14)
def is_label_value(value: str) -> bool:
    """Whether the API takes `value` for the value of a label."""
    return not value or (len(value) <= 63 and _NAME.fullmatch(value) is not None)


@lru_cache(maxsize=1 << 14)
def _is_canonical(text: str) -> bool:
    parsed = parse_cidr(text)
    if parsed is None:
        return False
    first, _, _ = str(parsed[0]).partition("-")
    return text.lower() == f"{first}/{parsed[1]}"
