"""`segaudit verify`: whether what is stored is what was written."""

from argparse import Namespace

import msgspec

from audit.compose.words import counted
from audit.config import Config
from audit.deliver import stdout
from audit.errors import CollectError
from audit.progress import progress
from audit.store import open_place
from audit.store.verify import Verdict, verify


def run(_config: Config, options: Namespace) -> int:
    """Print a line for all that is not as it was written; 1 if one of them is a break."""
    place = open_place(options.place)
    if not place.exists():
        raise CollectError(
            f"cannot verify {options.place}: there is no such folder; name one that a run wrote"
        )
    with progress("verifying") as tick:
        verdict = verify(place, tick)
    if not (verdict.runs or verdict.found):
        raise CollectError(f"cannot verify {options.place}: no run is there; name a folder that a run wrote")
    if options.format == "json":
        stdout.write([msgspec.json.format(msgspec.json.encode(verdict)), b"\n"])
    else:
        stdout.say(_text(verdict))
    return int(verdict.broken)


def _text(verdict: Verdict) -> list[str]:
    lines = [f"{'BREAK' if one.broken else 'note '}  {one.where}: {one.what}" for one in verdict.found]
    breaks = sum(one.broken for one in verdict.found)
    told = counted(breaks, "break") if breaks else "all is as it was written"
    unnamed = [
        f"note   {path}: nothing else here names it, so compare it with a hash noted elsewhere: {sha256}"
        for path, sha256 in verdict.unnamed.items()
    ]
    return [*lines, *unnamed, f"{counted(verdict.runs, 'run')}, {counted(verdict.files, 'file')}: {told}."]
