"""What reading files feeds: objects to the Collector, and what their lists say about what is missing."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from audit.collect.collector import Collector, plural_of
from audit.collect.items import Item
from audit.collect.origins import Place

LISTS_MAX: Final = 32
"""Lists within lists."""
TOO_MANY_LISTS: Final = f"lists within lists, over {LISTS_MAX} deep"

Buffer: TypeAlias = bytes | memoryview


class TypeMeta(NamedTuple):
    """What an object is; `kind` is empty where that is not known."""

    api_version: str = ""
    kind: str = ""

    @property
    def is_list(self) -> bool:
        """Whether objects of this kind are lists, if they have items; an unknown kind may be."""
        return self.kind.endswith("List") or not self.kind

    def items(self, bare: "TypeMeta") -> "TypeMeta":
        """What items without kind are in a list of this type; `bare` where it has none itself."""
        if not self.kind:
            return bare
        return UNKNOWN if self.kind == "List" else TypeMeta(self.api_version, self.kind.removesuffix("List"))

    def within(self, bare: "TypeMeta") -> "TypeMeta":
        """This type, or `bare` where the object does not say."""
        return self if self.kind else bare


UNKNOWN: Final = TypeMeta()


class ListEnd(NamedTuple):
    """What a list says of itself."""

    resource_version: str = ""
    breaks_off: bool = False


@dataclass
class Form:
    """What an input looks like: by it is judged whether it answers for kinds that it does not have."""

    documents: int = 0
    """Documents; a list is one, with all that is in it."""
    lists: list[set[str]] = field(default_factory=list)
    """Of these, those that are lists: the kinds in each."""
    objects: int = 0
    from_server: bool = False
    """Some object has a uid, which only an API server gives."""
    versions: dict[str, list[str]] = field(default_factory=dict)
    """The resourceVersion of each list of a kind, by plural name."""
    partial: set[str] = field(default_factory=set)
    """Kinds of which a list breaks off; empty for a list that does not say of what it is."""


class Sink:
    """Takes what the readers of files find."""

    def __init__(self, collector: Collector) -> None:
        """Nothing yet."""
        self.form = Form()
        self._collector = collector

    def add(self, meta: TypeMeta, item: Item, place: Place, *, from_server: bool) -> str:
        """An object; returns its plural name, or its kind if that is not kept, or nothing."""
        if not meta.kind:
            self._collector.others["without kind"] += 1
            return ""
        self.form.objects += 1
        self.form.from_server |= from_server
        return self._collector.add(meta.api_version, meta.kind, item, place)

    def end_list(self, inside: TypeMeta, found: set[str], end: ListEnd, *, nested: bool) -> None:
        """A list has been read: of type `inside` if it says so; `found` are plural names."""
        plural = plural_of(inside.api_version, inside.kind)
        told = {plural or inside.kind} if inside.kind else found
        if plural:
            self.form.versions.setdefault(plural, []).append(end.resource_version)
        if not nested:
            self.form.lists.append(told)
        if end.breaks_off:
            self.form.partial |= told or {""}

    def gap(self, place: Place, reason: str) -> None:
        """A part of the input that could not be read."""
        self._collector.gap(self._collector.rows.origins.where(place), reason)
