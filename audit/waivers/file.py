"""waivers.yaml: what it says, and where it says something that cannot be meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import msgspec

from audit import checks
from audit.documents import Mapping
from audit.documents.typed import InvalidError, json_schema, read_tree, typed
from audit.errors import UsageError
from audit.label_selectors import LabelSelector
from audit.policy.words import selector_words
from audit.waivers.model import Terms, Text, Waiver

OWN: Final = "waivers-are-current"
"""The check that judges waivers; nobody accepts its findings but by mending them."""
_NOT_YET: Final = ("annotations", "kind", "labels", "rule")
"""Keys that this version does nothing with; refused, not ignored."""
_NAMED: Final = re.compile(r"[A-Za-z0-9][-_.A-Za-z0-9]*\.ya?ml")
"""Names of the files of a folder that are read: what a key of a ConfigMap may be called."""
_TERMS: Final = ("reason", "owner", "approved_by", "ticket", "created", "expires")
_BYTES_MAX: Final = 8 * 1024 * 1024
"""Some 20,000 waivers."""


class Entry(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One waiver. Which subjects of the check it names, at least one of namespace, name and selector says."""

    namespace: Text = ""
    name: Text = ""
    selector: LabelSelector | None = None


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file waivers.yaml: findings that somebody accepts, each for a time and with a reason."""

    waivers: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Waivers:
    """What a file of waivers says."""

    waivers: tuple[Waiver, ...] = ()
    data: bytes | None = None
    """The file's bytes, or those of all files of the folder, if there is one."""


def read(path: Path | None) -> Waivers:
    """The waivers of a file, or of all files of a folder; none without one.

    UsageError with file, line and what is allowed there.
    """
    if path is None:
        return Waivers()
    if not path.is_dir():
        return _read(path)
    try:
        names = sorted(f.name for f in path.iterdir() if _NAMED.fullmatch(f.name) and f.is_file())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"cannot read the folder of waivers {path}: {reason}; name another") from None
    each = [_read(path / name) for name in names]
    # one document a file, as they are kept with a run
    data = b"".join(
        b"--- # %s\n%s\n" % (name.encode(), (one.data or b"").rstrip())
        for name, one in zip(names, each, strict=True)
    )
    return Waivers(tuple(waiver for one in each for waiver in one.waivers), data)


def _read(path: Path) -> Waivers:
    tree, data = read_tree(path, "file of waivers", _BYTES_MAX)
    _leave_out_nulls(tree)
    try:
        return Waivers(tuple(_waivers(typed(tree, File, _NOT_YET), tree, path.name)), data)
    except InvalidError as error:
        raise error.at(path, data) from None


def _leave_out_nulls(tree: object) -> None:
    """Take away terms with nothing behind them: what is left empty is as what is left out.

    A waiver without owner or end is a finding then, and no error for which there would be no report. Whom it
    names stays as it is written: less of that would be more that it accepts.
    """
    if not isinstance(tree, dict):
        return
    if tree.get("waivers", ()) is None:
        del tree["waivers"]
    entries = tree.get("waivers")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            for key in [key for key in _TERMS if entry.get(key, "") is None]:
                del entry[key]


def acceptable() -> list[str]:
    """The checks whose findings can be accepted."""
    return [check.id for check in checks.load() if check.id != OWN]


def schema() -> bytes:
    """The JSON Schema of a file of waivers, as it is shipped in waivers.schema.json."""
    known = {"properties": {"check": {"enum": acceptable()}}}
    whom = [{"required": [one]} for one in ("namespace", "name", "selector")]
    return json_schema(File, "waivers.yaml", Entry={"allOf": [known], "anyOf": whom})


def _waivers(file: File, tree: object, called: str) -> Iterator[Waiver]:
    known = acceptable()
    written = cast("list[Mapping]", cast("Mapping", tree).get("waivers") or [])  # it could be read as a File
    for place, entry in enumerate(file.waivers):
        where = ("waivers", place)
        if entry.check not in known:
            kept = f"what {OWN} finds cannot be waived" if entry.check == OWN else "there is no such check"
            raise InvalidError((*where, "check"), f"{kept}; allowed are {', '.join(known)}")
        selector = None if entry.selector is None else entry.selector.meant((*where, "selector"))
        if not (entry.namespace or entry.name or (selector and selector.requirements)):
            raise InvalidError(where, "one at least of namespace, name and selector is missing")
        yield Waiver(
            terms=entry,
            namespace=entry.namespace,
            name=entry.name,
            selector=selector,
            labels=selector_words(selector) if selector else "",
            source=f"{called}:{written[place].line}",
        )
