"""The same questions put to the oracle and to the product, so that one test holds both to one answer."""

import contextlib
import csv
import functools
import io
import ipaddress
import sys
from collections import defaultdict
from pathlib import Path

from tests.oracle import PROTOCOLS, Cluster, End
from tests.oracle_metrics import DIRECTIONS, default_deny, nullified, reach_external, reach_pods
from tests.oracle_services import service_mistakes
from tests.oracle_values import Object, address

REACH = ("ingress_pods", "egress_pods", "ingress_external", "egress_external")
_WAYS = {(True, True): "both", (True, False): "ingress", (False, True): "egress", (False, False): "no"}
_MISTAKES = {
    "policies-select-pods-not-services": "selector",
    "ip-blocks-are-not-cluster-ips": "cluster-ip",
    "rules-use-pod-ports-not-service-ports": "service-port",
}


class OracleAnswers:
    """What the oracle says of a cluster."""

    def __init__(self, objects: list[Object]):
        self.cluster = Cluster(objects)

    def _end(self, written: str) -> End:
        return address(written) or self.cluster.pod(written)

    def pods(self) -> set[str]:
        return {pod.id for pod in self.cluster.pods}

    def namespaces(self) -> set[str]:
        return set(self.cluster.namespaces)

    def isolated(self, pod: str) -> str:
        found = self.cluster.pod(pod)
        ways = (self.cluster.isolated(found, "Ingress"), self.cluster.isolated(found, "Egress"))
        return "host" if found.host_network else _WAYS[ways]

    def connected(self, source: str, destination: str, protocol: str, port: int) -> bool:
        """By policies alone, as the rows of `connections` are: without the exemption for the own node."""
        return self.cluster.allowed(self._end(source), self._end(destination), protocol, port, own_node=False)

    def explained(self, source: str, destination: str, protocol: str, port: int) -> bool:
        return self.cluster.allowed(self._end(source), self._end(destination), protocol, port)

    def default_deny(self, ns: str) -> dict[str, str]:
        return {d.lower(): default_deny(self.cluster, ns, d) for d in DIRECTIONS}

    def nullified(self, ns: str) -> list[str]:
        return [d.lower() for d in DIRECTIONS if nullified(self.cluster, ns, d)]

    def reach(self, pod: str) -> dict[str, str]:
        found = self.cluster.pod(pod)
        if found.host_network:
            return dict.fromkeys(REACH, "")
        ends = [reach_pods(self.cluster, found, d) for d in DIRECTIONS]
        outside = [reach_external(self.cluster, found, d) for d in DIRECTIONS]
        return dict(zip(REACH, ends + outside, strict=True))

    def findings(self, check: str) -> set[str] | None:
        """Subjects that fail a check; None where the oracle does not know the check."""
        if check in _MISTAKES:
            found = [m for m in service_mistakes(self.cluster) if m["kind"] == _MISTAKES[check]]
            return {m["policy"] for m in found if m.get("how") != "within"}
        return None


def segaudit(*arguments: str) -> tuple[int, str]:
    """Exit status and standard output of the product's command line, run in this process."""
    from audit.cli import main  # the tests of the oracle alone need no product

    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    before, sys.argv = sys.argv, ["segaudit", *arguments]
    try:
        with contextlib.redirect_stdout(out):
            status = main()
    except SystemExit as end:
        status = end.code
    finally:
        sys.argv = before
    return (status if isinstance(status, int) else 0), out.buffer.getvalue().decode()


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _spans(written: str) -> dict[str, list[tuple[int, int]]]:
    """`TCP 80,8080-8090;UDP 53` -> the ranges of each protocol."""
    if written == "All":
        return {protocol: [(1, 65535)] for protocol in PROTOCOLS}
    found: dict[str, list[tuple[int, int]]] = {}
    for part in written.split(";"):
        protocol, _, ports = part.partition(" ")
        pieces = [piece.partition("-") for piece in ports.split(",")] if ports else [("1", "-", "65535")]
        found[protocol] = [(int(first), int(last or first)) for first, _, last in pieces]
    return found


def _range(written: str) -> tuple[int, int, int] | None:
    """An end that is a range of addresses: its family, first and last."""
    first, _, last = written.partition("-")
    with contextlib.suppress(ValueError):
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last or first)
        return low.version, int(low), int(high)
    return None


class ProductAnswers:
    """What `segaudit run` and `segaudit connections` say of a directory of manifests."""

    def __init__(self, source: Path, work: Path):
        self.source = source
        self.status, _ = segaudit(
            "run", "--from", str(source), "--out", str(work), "--format", "csv", "--quiet", "--no-progress"
        )
        self._work = work
        self.pod_rows = {f"{r['namespace']}/{r['pod']}": r for r in self.table("pods")}
        self.namespace_rows = {r["namespace"]: r for r in self.table("namespaces")}

    def table(self, name: str) -> list[dict[str, str]]:
        return _rows((self._work / "csv" / f"{name}.csv").read_text("utf-8"))

    @functools.cached_property
    def connections_text(self) -> str:
        asked = ("--from", str(self.source), "--level", "pod", "--format", "csv", "--no-progress")
        status, text = segaudit("connections", *asked)
        assert status in {0, 6}
        return text

    @functools.cached_property
    def connections(self):
        pairs, ranges = {}, defaultdict(list)
        for row in _rows(self.connections_text):
            source, destination, spans = row["source"], row["destination"], _spans(row["connections"])
            assert row["scope"] == "all"
            if span := _range(source):
                ranges["from", destination].append((span, spans))
            elif span := _range(destination):
                ranges["to", source].append((span, spans))
            else:
                assert (source, destination) not in pairs
                assert source != destination
                pairs[source, destination] = spans
        return pairs, ranges

    def pods(self) -> set[str]:
        return set(self.pod_rows)

    def namespaces(self) -> set[str]:
        return set(self.namespace_rows)

    def isolated(self, pod: str) -> str:
        row = self.pod_rows[pod]
        if row["host_network"] == "true":
            assert row["ingress_isolated"] == row["egress_isolated"] == ""
            return "host"
        return _WAYS[row["ingress_isolated"] == "true", row["egress_isolated"] == "true"]

    def connected(self, source: str, destination: str, protocol: str, port: int) -> bool:
        pairs, ranges = self.connections
        outside = address(source) or address(destination)
        if outside is None:
            spans = [pairs.get((source, destination), {})]
        else:
            end = ("from", destination) if address(source) else ("to", source)
            spans = [
                spans
                for (version, first, last), spans in ranges[end]
                if version == outside.version and first <= int(outside) <= last
            ]
        return any(first <= port <= last for s in spans for first, last in s.get(protocol, ()))

    def explained(self, source: str, destination: str, protocol: str, port: int) -> bool:
        status, text = segaudit(
            "explain",
            source,
            destination,
            "--port",
            str(port),
            "--protocol",
            protocol,
            "--from",
            str(self.source),
        )
        assert status in {0, 6}
        verdict = text.split("\n", 1)[0].lower()
        assert ("allowed" in verdict) != ("denied" in verdict), text
        return "allowed" in verdict

    def default_deny(self, ns: str) -> dict[str, str]:
        return {d: self.namespace_rows[ns][f"default_deny_{d}"] for d in ("ingress", "egress")}

    def nullified(self, ns: str) -> list[str]:
        return [d for d in ("ingress", "egress") if self.namespace_rows[ns][f"nullified_{d}"] == "true"]

    def reach(self, pod: str) -> dict[str, str]:
        return {column: self.pod_rows[pod][column] for column in REACH}

    def findings(self, check: str) -> set[str]:
        """Subjects that fail a check: `namespace/name`, a namespace's name, and `policy rule`."""
        found = set()
        for row in self.table("findings"):
            if row["check"] == check:
                subject = row["name"] if row["kind"] == "Namespace" else f"{row['namespace']}/{row['name']}"
                found |= {subject, f"{subject} {row['rule']}"}
        return found
