"""Objects, whatever they are written in, to rows: each by its group and kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
import pyarrow as pa

from audit import frames
from audit.collect import agents, custom_resources, fit, kinds, objects
from audit.collect.columns import Subject
from audit.collect.endpoint_slices import Endpoints, EndpointSlice
from audit.collect.items import Item
from audit.collect.names import label_misfits
from audit.collect.origins import Place
from audit.collect.parts import REDACTED
from audit.collect.policies import read_policy, verbatim
from audit.collect.rows import Rows
from audit.collect.sets import annotations
from audit.documents import DocumentError, Plain
from audit.policy import kinds as policy_kinds

BETA_ANNOTATION: Final = "net.beta.kubernetes.io/network-policy"
_ALL_KINDS: Final = (*policy_kinds.KINDS, *kinds.KINDS, *kinds.KEPT_KINDS)


class Collector:
    """Takes objects one by one, and has the tables in the end."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.rows = Rows()
        self.found: Counter[str] = Counter()
        """Objects by plural name, of the kinds that are kept."""
        self.others: Counter[str] = Counter()
        """Objects of all other kinds, by kind; with the group where the kind alone would mislead."""
        self.unread: set[str] = set()
        """Kinds of which an object could not be read, by plural name."""
        self.gaps: set[tuple[str, str]] = set()
        self.cluster_uid = ""
        """The uid of the namespace kube-system, which is taken for that of the cluster."""

    def gap(self, subject: str, reason: str) -> None:
        """A part of the input that could not be read."""
        self.gaps.add((subject, reason))

    def drop(self, origin: int) -> None:
        """What came from that origin does not count."""
        self.rows.origins.dropped.add(origin)

    def add(self, api_version: str, kind: str, item: Item, place: Place) -> str:
        """An object; returns its plural name, or its kind if that is not kept. Unreadable ones are a gap."""
        group = policy_kinds.group_of(api_version)
        subject = Subject(api_version, kind, place)
        try:
            plural = self._add(group, subject, item)
        except DocumentError as error:
            self.gap(self.rows.origins.where(place), f"{kind}: {error.reason}")
            self.unread.update({plural_of(api_version, kind)} - {""})
            return ""
        if plural:
            self.found[plural] += 1
            return plural
        known = any(kind == other for _, other in _ALL_KINDS)
        other = f"{kind}.{group}" if known and group else kind
        self.others[other] += 1
        return other

    def _add(self, group: str, subject: Subject, item: Item) -> str:
        policy = policy_kinds.KINDS.get((group, subject.kind))
        if policy:
            row = read_policy(subject, policy, item)
            self.rows.add_policy(subject, policy.plural, row)
            return policy.plural
        read = kinds.KINDS.get((group, subject.kind))
        if read:
            obj, misfits = item.read(read.type)
            subject.misfits.extend(misfits)
            if isinstance(obj, objects.Namespace):
                self._look_at_namespace(subject, obj)
            self.rows.add(subject, obj)
            if isinstance(obj, objects.DaemonSet):
                labels = (obj.metadata and obj.metadata.labels) or {}
                self.rows.add_kept(_once(subject), "daemonsets", agents.daemon_set_text(obj, labels))
            elif text := self._agent_text(obj, item):
                self.rows.add_kept(_once(subject), "agents", text)
            return read.plural
        if (group, subject.kind) == ("", "ConfigMap"):
            return self._add_config_map(subject, item)
        if look := agents.LOOKED_AT.get((group, subject.kind)):
            self._look_at(subject, item, *look)
            return ""
        if kept := kinds.KEPT_KINDS.get((group, subject.kind)):
            return self._add_kept(subject, kept, item)
        if custom_resources.is_custom(group):
            self._look_at_custom(subject, item)
        return ""

    @staticmethod
    def _agent_text(obj: objects.Readable, item: Item) -> str | None:
        """What is kept of an object that shows a network plug-in; None of all others."""
        if isinstance(obj, objects.Deployment):
            return agents.deployment_text(obj)
        if isinstance(obj, objects.Node):
            return agents.node_text(obj)
        if isinstance(obj, objects.Pod) and agents.may_be_agent(obj):
            pod, _ = item.read(agents.AgentPod)
            # of what a cluster lists no more is known than `obj` has
            return agents.pod_text(pod) if isinstance(pod, agents.AgentPod) else None
        return None

    def _look_at(
        self, subject: Subject, item: Item, wanted: type[agents.Looked], text_of: Callable[[Any], str | None]
    ) -> None:
        """An object of a kind that is not kept, unless it shows a network plug-in."""
        obj, _ = item.read(wanted)
        if text := text_of(obj):
            subject.named(obj.metadata, namespaced=False)
            self.rows.add_kept(subject, "agents", text)

    def _look_at_custom(self, subject: Subject, item: Item) -> None:
        """A custom resource: its labels may be those of pods that a controller makes of it."""
        with suppress(DocumentError):  # nobody counts on it
            tree = item.tree()
            if custom_resources.describes_pods(tree):
                metadata, _ = fit.fit(tree.get("metadata") or {}, objects.Metadata)
                subject.named(metadata)
                self.rows.add_custom(subject, metadata)

    def _look_at_namespace(self, subject: Subject, namespace: objects.Namespace) -> None:
        metadata = namespace.metadata or objects.NamespaceMetadata()
        if BETA_ANNOTATION in (metadata.annotations or {}):
            subject.refuse(
                f"metadata.annotations.{BETA_ANNOTATION}",
                "has no effect since Kubernetes 1.7, where NetworkPolicy objects took its place",
            )
        if metadata.name == "kube-system":
            self.cluster_uid = metadata.uid or ""

    def _add_config_map(self, subject: Subject, item: Item) -> str:
        config_map, _ = item.read(objects.ConfigMap)
        text = agents.config_map_text(config_map)
        if text is None:
            return ""
        subject.named(config_map.metadata)
        self.rows.add_kept(subject, "configmaps", text)
        return "configmaps"

    def _add_kept(self, subject: Subject, kept: kinds.KeptKind, item: Item) -> str:
        if kept.reduced_to is not None:
            obj, misfits = item.read(kept.reduced_to)
            subject.misfits.extend(misfits)
            subject.named(obj.metadata, namespaced=kept.namespaced)
            self.rows.add_kept(subject, kept.table, _reduced_text(obj))
            return kept.plural
        tree = item.tree()
        subject.misfits.extend(fit.repeats(tree))
        metadata, _ = fit.fit(tree.get("metadata") or {}, objects.Metadata)
        subject.named(metadata, namespaced=kept.namespaced)
        subject.misfits.extend(label_misfits(metadata.labels, "metadata.labels"))
        self.rows.add_kept(subject, kept.table, _kept_text(kept, tree, metadata))
        return kept.plural

    def finish(self, *, templates: bool) -> Iterator[tuple[str, Iterable[pa.Table]]]:
        """All tables of the snapshot but `kinds` and `parts`, as `Rows.finish` has them."""
        yield from self.rows.finish(templates=templates)
        for kind, number in self.rows.redacted.items():
            objects = "1 object" if number == 1 else f"{number:,} objects"
            reason = f"are redacted ({REDACTED}) in {objects}: no ipBlock can be compared with them"
            self.gap(f"addresses of kind {kind}", reason)
        yield "gaps", [self._gap_table()]

    def _gap_table(self) -> pa.Table:
        gaps = sorted(self.gaps)
        return frames.GAPS.table({"subject": [gap[0] for gap in gaps], "reason": [gap[1] for gap in gaps]})


def _kept_text(kept: kinds.KeptKind, tree: Mapping[str, object], metadata: objects.Metadata) -> str:
    fields = {name: tree[name] for name in kept.fields if tree.get(name) is not None}
    told = annotations(
        {key: text for key, text in (metadata.annotations or {}).items() if key in kept.annotations}
    )
    whole = {
        "metadata": {"labels": dict(metadata.labels or {}), **({"annotations": told} if told else {})},
        **fields,
    }
    return verbatim(whole, Subject("", "", Place(0, 0)), texts=False)


def _reduced_text(obj: EndpointSlice | Endpoints | agents.Network) -> str:
    labels = (obj.metadata and obj.metadata.labels) or {}
    fields = {
        field.encode_name: value
        for field in msgspec.structs.fields(obj)
        if field.name != "metadata" and (value := getattr(obj, field.name)) is not None
    }
    return msgspec.json.encode({"metadata": {"labels": labels}, **fields}).decode()


def _once(subject: Subject) -> Subject:
    """The same object for a second table: what is wrong with it is said already."""
    again = Subject(subject.api_version, subject.kind, subject.place)
    again.namespace, again.name, again.unnamed = subject.namespace, subject.name, subject.unnamed
    return again


def kind_of(tree: Mapping[str, object]) -> tuple[str, str]:
    """Return apiVersion and kind of an object, empty where it has none."""
    return _text(tree.get("apiVersion")), _text(tree.get("kind"))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) and not isinstance(value, Plain) else ""


def plural_of(api_version: str, kind: str) -> str:
    """The plural name of a kind that is kept, or nothing."""
    key = (policy_kinds.group_of(api_version), kind)
    known = policy_kinds.KINDS.get(key) or kinds.KINDS.get(key) or kinds.KEPT_KINDS.get(key)
    return known.plural if known else ""
