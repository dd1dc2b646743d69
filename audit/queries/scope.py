"""Which namespaces a report is narrowed to (`--namespace`, `--namespace-selector`)."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from audit.errors import UsageError
from audit.facts import Facts
from audit.policy.model import Operator, Requirement, Selector

_COMMA: Final = re.compile(r",(?![^()]*\))")
_KEY: Final = r"(?P<key>[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?)"
_VALUE: Final = r"[-A-Za-z0-9_.]*"
_FORMS: Final = (
    (Operator.EXISTS, re.compile(_KEY)),
    (Operator.DOES_NOT_EXIST, re.compile(rf"!\s*{_KEY}")),
    (Operator.NOT_IN, re.compile(rf"{_KEY}\s*!=\s*(?P<values>{_VALUE})")),
    (Operator.IN, re.compile(rf"{_KEY}\s*==?\s*(?P<values>{_VALUE})")),
    (Operator.NOT_IN, re.compile(rf"{_KEY}\s+notin\s*\((?P<values>[^()]*)\)")),
    (Operator.IN, re.compile(rf"{_KEY}\s+in\s*\((?P<values>[^()]*)\)")),
)


def chosen(facts: Facts, names: tuple[str, ...], selector: str | None) -> list[str] | None:
    """The namespaces of `names` and those that `selector` (as kubectl has it) selects; None for all.

    A name need not be in the input: of such a namespace there is nothing to report, which the report says.
    UsageError if the selector cannot be read, or selects nothing.
    """
    if selector is None:
        return sorted(names) or None
    index = facts.cluster.engine.ends.namespace_labels
    selected = index.matches(parse(selector), np.arange(len(facts.cluster.namespaces)))
    found = [facts.cluster.namespaces[number] for number in np.flatnonzero(selected)]
    if not found:
        raise UsageError(f"--namespace-selector {selector}: no namespace of the input has such labels")
    return sorted({*names, *found})


def parse(text: str) -> Selector:
    """Read `a=b,c!=d,e in (f,g),h notin (i),j,!k`; UsageError says which part is not understood."""
    return Selector(tuple(_requirements(text)))


def _requirements(text: str) -> Iterator[Requirement]:
    for part in _COMMA.split(text):
        for operator, form in _FORMS:
            if found := form.fullmatch(part.strip()):
                values = found.groupdict().get("values")
                listed = () if values is None else tuple(value.strip() for value in values.split(","))
                yield Requirement(found["key"], operator, listed)
                break
        else:
            raise UsageError(
                f"--namespace-selector: {part.strip()!r} is not understood; "
                "allowed are a=b, a!=b, a in (b,c), a notin (b,c), a and !a"
            )
