"""Stores of runs on a generated cluster that changes from night to night; no two records are equal.

    python -m bench.history --runs 90 --pods 150000 --namespaces 10000 --policies 50000 runs/
    python -m bench.history --stores 500 --pods 10000 fleet/

The first is one store, the second a folder of stores with one run each. Other options are those of
`bench.generate`. The cluster is evaluated once; the nights are made of its record.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pandas as pd

from audit import checks
from audit.config import rfc3339
from audit.facts import evaluate
from audit.frames import STORED_TABLES
from audit.history.record import FILE, Head, encode, load, pack
from audit.manifest import NAME, Digest, Manifest
from audit.settings import Settings
from bench.generate import Options, cluster

_FIRST: Final = datetime(2025, 10, 15, 8, tzinfo=UTC)
_OPENED, _GONE, _RENAMED, _CHANGED = 0.01, 0.005, 0.005, 0.004
"""Shares of workloads that are open for a night, absent or new, and of policies that are edited."""

Frames = Mapping[str, pd.DataFrame]


def nights(options: Options, number: int) -> Iterator[tuple[datetime, bytes]]:
    """The records of so many nights, each with its time."""
    facts = evaluate(cluster(options), Settings())
    first = load(pack(facts, checks.run(facts), _FIRST), "first")
    frames = {name: first.table(name) for name in STORED_TABLES}
    for night in range(number):
        moment = _FIRST + timedelta(days=night)
        yield moment, encode(_head(first.head, moment, night), _changed(frames, night))


def _head(head: Head, moment: datetime, night: int) -> Head:
    time = rfc3339(moment)
    return msgspec.structs.replace(head, taken=time, as_of=time, snapshot=f"{night:064x}")


def _changed(frames: Frames, night: int) -> dict[str, pd.DataFrame]:
    """The tables of a night: some workloads open, absent or new, some policies edited or absent."""
    rng = np.random.default_rng(night)
    workloads, policies = frames["workloads"], frames["policies"]
    opened, gone, renamed = (rng.random(len(workloads)) < share for share in (_OPENED, _GONE, _RENAMED))
    edited, deleted = (rng.random(len(policies)) < _CHANGED for _ in range(2))
    names = workloads["workload"].where(~renamed, workloads["workload"] + f"-{night}")
    states = workloads["ingress"].astype("str").where(~opened, "open")
    digests = policies["digest"].to_numpy() + (edited * (night + 1)).astype(np.uint64)
    return {
        **frames,
        "workloads": workloads.assign(workload=names, ingress=states)[~gone],
        "policies": policies.assign(digest=digests, generation=policies["generation"] + edited)[~deleted],
    }


def _write(store: Path, moment: datetime, data: bytes) -> None:
    """A run with the record and what makes it one."""
    folder = store / f"{moment:%Y%m%dT%H%M%SZ}-nightly-{moment:%Y%m%d}"  # a Job is stored once
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(data)
    time = rfc3339(moment)
    manifest = Manifest(
        version="bench",
        cluster="bench",
        cluster_uid="",
        source="bench",
        taken=time,
        as_of=time,
        started=time,
        durations={},
        complete=True,
        configuration=Digest.of(b""),
        waivers=None,
        catalogue=Digest.of(b""),
        not_rendered={},
        files={FILE: Digest.of(data)},
    )
    (folder / NAME).write_bytes(manifest.encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the stores that the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--runs", type=int, default=0, metavar="N", help="runs of one store")
    what.add_argument("--stores", type=int, default=0, metavar="N", help="stores with a run each")
    for option in fields(Options):
        if not isinstance(option.default, bool):
            flag = f"--{option.name.replace('_', '-')}"
            parser.add_argument(flag, type=int, default=option.default, metavar="N")
    chosen = vars(parser.parse_args(arguments))
    folder, runs, stores = (chosen.pop(name) for name in ("folder", "runs", "stores"))
    made = nights(Options(**chosen), max(runs, stores))
    for place, (moment, data) in enumerate(made):
        _write(folder / f"cluster-{place:03}" if stores else folder, moment, data)


if __name__ == "__main__":
    main()
