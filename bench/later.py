"""Two snapshots of one cluster, a week apart: pods are others, a few policies are gone or say something else.

    python -m bench.later --pods 150000 --namespaces 10000 --policies 50000 folder

writes old.zip and new.zip into the folder. The options are those of `bench.generate`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import msgspec
import pandas as pd

from audit.frames import SNAPSHOT_TABLES
from audit.snapshot import Snapshot, save
from bench.generate import Options, cluster

_PARTS: Final = 10
"""One policy of each tenth of them is gone, and one lets in everybody."""


def later(snapshot: Snapshot) -> Snapshot:
    """The same cluster a week later."""
    tables = {name: snapshot[name] for name in SNAPSHOT_TABLES}
    pods, policies = tables["pods"], tables["policies"]
    part = max(2, len(policies) // _PARTS)
    kept = policies[[number % part != 0 for number in range(len(policies))]].reset_index(drop=True)
    objects = kept["object"].tolist()
    for number in range(part // 2, len(objects), part):
        content = msgspec.json.decode(objects[number])
        content["spec"] |= {"ingress": [{}], "policyTypes": ["Ingress"]}
        objects[number] = msgspec.json.encode(content).decode()
    tables["pods"] = pods.assign(name=pods["name"] + "-later")
    tables["policies"] = kept.assign(object=pd.Series(objects, dtype="str"))
    return Snapshot(snapshot.provenance, tables)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both into a new folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    numbers = [option for option in fields(Options) if not isinstance(option.default, bool)]
    for option in numbers:
        parser.add_argument(f"--{option.name}", type=int, default=option.default, metavar="N")
    chosen = vars(parser.parse_args(arguments))
    folder: Path = chosen.pop("folder")
    folder.mkdir()
    old = cluster(Options(**chosen))
    save(old, folder / "old.zip")
    save(later(old), folder / "new.zip")


if __name__ == "__main__":
    main()
