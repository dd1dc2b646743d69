"""Manifests name others by their hash, so that none can be changed, or taken away, without one noticing.

A new manifest names the newest run, and all that no other names yet: those that were written at the same time
as it, or that tell of an older snapshot than one that was stored before. To find them it is enough to look at
the runs that were written last, for a manifest names all that its writer found unnamed.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from audit import manifest
from audit.errors import CollectError
from audit.manifest import Digest, Manifest

if TYPE_CHECKING:
    from audit.store.store import Run

_LOOKED_AT: Final = 16
"""Runs that are read to find those that none has named: no more are written at one time."""


def unnamed(runs: Sequence["Run"]) -> dict[str, Digest]:
    """The runs, of these whole ones in the order of their names, that no other names; by folder, in order.

    The last written are looked at, and the newest by name, which they are too as a rule, unless the store was
    copied and the times of its files lost.
    """
    last = sorted(runs, key=_written)[-_LOOKED_AT:]
    looked_at = sorted({run.name: run for run in (*last, *runs[-_LOOKED_AT:])}.values(), key=lambda r: r.name)
    told = {run.name: data for run in looked_at if (data := _if_there(run)) is not None}
    named = {digest.sha256 for data in told.values() for _, digest in _named(data)}
    digests = {name: Digest.of(data) for name, data in told.items()}
    return {name: digest for name, digest in digests.items() if digest.sha256 not in named}


def before(record: Manifest) -> Iterator[tuple[str, Digest]]:
    """The manifests that a manifest names, each with its run's folder; empty where that is not told."""
    if record.previous is not None:
        yield "", record.previous
    yield from record.beside.items()


def _written(run: "Run") -> tuple[float, str]:
    changed = run.files[manifest.NAME].changed
    return changed.timestamp() if changed else 0.0, run.name


def _if_there(run: "Run") -> bytes | None:
    try:
        return run.manifest_bytes()
    except CollectError:  # removed meanwhile, or damaged, which `verify` says
        return None


def _named(data: bytes) -> Iterator[tuple[str, Digest]]:
    found = manifest.decode(data)
    return iter(()) if found is None else before(found)
