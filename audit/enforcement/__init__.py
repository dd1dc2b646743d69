"""Which network plug-in runs, does it enforce, and what does it ignore: a file a plug-in, found by walking.

A NetworkPolicy is a wish: a plug-in that does not implement it ignores it without a word, and the API has no
status that would tell. So this is inferred from what runs on the nodes, pool by pool, with the object that
shows it. Three rules hold. Custom resource definitions prove nothing, and their absence disproves nothing.
What merely exists does not enforce: its pods have to be ready on the node. What cannot be told is said.

A file has a function `find` that takes the evidence and says what it found. One plug-in that enforces is
enough, whatever lies beneath it: `_combine` has the rest. Modules that begin with an underscore are helpers.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Final

from audit.enforcement import _combine
from audit.enforcement._combine import ALL, Pool, Verdict
from audit.enforcement._evidence import gather
from audit.enforcement._model import Abilities, Answer, Feature, Find
from audit.enforcement._pools import FARGATE, VIRTUAL, WINDOWS
from audit.enforcement._table import table
from audit.snapshot import Snapshot

__all__ = [
    "ALL",
    "FARGATE",
    "VIRTUAL",
    "WINDOWS",
    "Abilities",
    "Answer",
    "Feature",
    "Pool",
    "Verdict",
    "load",
    "pools",
    "table",
]

_FIND: Final = "find"


def pools(snapshot: Snapshot) -> list[Pool]:
    """The node pools of a snapshot, each with its verdict; one, `all`, where no node is known."""
    evidence = gather(snapshot)
    return _combine.combined(evidence, [finding for find in load() for finding in find(evidence)])


def load() -> Iterator[Find]:
    """What every file finds; ImportError names a module that finds nothing."""
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        if name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{name}")
        find = getattr(module, _FIND, None)
        if not callable(find) or not module.__doc__:
            raise ImportError(f"{module.__name__}: has no function {_FIND}, or no docstring")
        yield find
