"""`segaudit explain`: may one end connect to another, and which policy and rule decides."""

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence

from audit import pipeline
from audit.config import Config
from audit.deliver import stdout
from audit.policy import ports
from audit.policy.ports import ALL, NONE, Connections
from audit.queries.explain import Explanation, Side, explain


def run(config: Config, options: Namespace) -> int:
    """Print the answer for each pair of ends that policies can tell apart."""
    asked = _asked(options.port, options.protocol)
    facts = pipeline.evaluated(config)
    answers = explain(facts, options.from_end, options.to_end)
    if options.format == "json":
        stdout.write([json.dumps([_fields(answer, asked) for answer in answers], indent=2).encode() + b"\n"])
    else:
        stdout.say(_lines(answers, asked))
    pipeline.require_complete(config, facts.snapshot)
    return 0


def _asked(port: int | None, protocol: str | None) -> Connections:
    """The connections of the question; a port without a protocol is one of TCP, as Kubernetes has it."""
    if port is not None:
        return ports.of([(protocol or "TCP", port, port)])
    if protocol is not None:
        return ports.of([(protocol, ports.FIRST_PORT, ports.LAST_PORT)])
    return ALL


def _verdict(answer: Explanation, asked: Connections) -> tuple[str, Connections]:
    """`allowed`, `denied` or `partly allowed`, and what of the question is allowed."""
    allowed = ports.intersection(answer.allowed, asked)
    if allowed == asked:
        return "allowed", allowed
    return ("denied" if allowed == NONE else "partly allowed"), allowed


def _fields(answer: Explanation, asked: Connections) -> dict[str, object]:
    verdict, allowed = _verdict(answer, asked)
    return {
        "source": answer.source,
        "destination": answer.destination,
        "asked": str(asked),
        "verdict": verdict,
        "allowed": str(allowed),
        **{
            str(side.direction): {
                "isolated": bool(side.policies),
                "policies": side.policies,
                "exempt": side.exempt,
                "allowed": str(ports.intersection(side.allowed, asked)),
                "rules": [{**hit._asdict(), "connections": str(hit.connections)} for hit in side.hits],
            }
            for side in (answer.egress, answer.ingress)
        },
        "notes": answer.notes,
        "ways": None if answer.ways is None else [way._asdict() for way in answer.ways],
        "enforced": dict(answer.enforced),
    }


def _lines(answers: Sequence[Explanation], asked: Connections) -> Iterator[str]:
    for answer in answers:
        verdict, allowed = _verdict(answer, asked)
        what = "all connections" if asked == ALL else str(asked)
        only = f", namely {allowed}" if verdict == "partly allowed" else ""
        yield f"{answer.source} to {answer.destination}, {what}: {verdict}{only}"
        yield from _side_lines(answer.egress, answer.source, asked)
        yield from _side_lines(answer.ingress, answer.destination, asked)
        yield from _ways_lines(answer)
        for told in dict.fromkeys(told for _, told in answer.enforced):
            ends = " and ".join(end for end, same in answer.enforced if same == told)
            yield f"  At {ends}: {told}."
        yield from (f"  Note: {note}." for note in answer.notes)


def _ways_lines(answer: Explanation) -> Iterator[str]:
    """What leads from an address outside to a pod."""
    if answer.ways is None:
        return
    if not answer.ways:
        yield (
            f"  From outside to {answer.destination}: no Service, Ingress, Gateway or hostPort that was read "
            "leads there; its own address may still be routed."
        )
    for way in answer.ways:
        yield f"  From outside to {answer.destination}: {way.way} ({way.connections}) {way.verdict}."


def _side_lines(side: Side, end: str, asked: Connections) -> Iterator[str]:
    head = f"  {side.direction.capitalize()} of {end}"
    if side.exempt:
        yield f"{head}: allowed; {side.exempt}."
    elif not side.policies:
        yield f"{head}: allowed; no policy selects it."
    else:
        hits = [hit for hit in side.hits if ports.intersection(hit.connections, asked) != NONE]
        verdict = "isolated" if hits else "denied; isolated, and no rule allows it"
        yield f"{head}: {verdict} (by {', '.join(side.policies)})."
        for hit in hits:
            yield f"    {hit.policy} {hit.rule} allows {hit.connections}: {hit.words}"
