"""Objects, whatever they are written in, to rows: each by its group and kind."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pandas as pd

from audit.collect import fit, kinds
from audit.collect.columns import Place, Subject
from audit.collect.items import Item
from audit.collect.names import label_misfits
from audit.collect.policies import read_policy, verbatim
from audit.collect.rows import REDACTED, Rows
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

    def gap(self, subject: str, reason: str) -> None:
        """A part of the input that could not be read."""
        self.gaps.add((subject, reason))

    def add(self, api_version: str, kind: str, item: Item, place: Place) -> str:
        """An object; returns its plural name, or its kind if that is not kept. Unreadable ones are a gap."""
        group = policy_kinds.group_of(api_version)
        subject = Subject(api_version, kind, place)
        try:
            plural = self._add(group, subject, item)
        except DocumentError as error:
            self.gap(self.rows.files.where(place), f"{kind}: {error.reason}")
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
            if isinstance(obj, kinds.Namespace):
                _tell_beta_annotation(subject, obj)
            self.rows.add(subject, obj)
            return read.plural
        kept = kinds.KEPT_KINDS.get((group, subject.kind))
        if not kept:
            return ""
        tree = item.tree()
        subject.misfits.extend(fit.repeats(tree))
        metadata, _ = fit.fit(tree.get("metadata") or {}, kinds.Described)
        subject.named(metadata, namespaced=kept.namespaced)
        subject.misfits.extend(label_misfits(metadata.labels, "metadata.labels"))
        self.rows.add_kept(subject, kept.table, _kept_text(kept, tree, metadata))
        return kept.plural

    def finish(self, *, templates: bool) -> dict[str, pd.DataFrame]:
        """All tables of the snapshot but `kinds` and `gaps`."""
        tables = self.rows.finish(templates=templates)
        for kind, number in self.rows.redacted.items():
            objects = "1 object" if number == 1 else f"{number:,} objects"
            reason = f"are redacted ({REDACTED}) in {objects}: no ipBlock can be compared with them"
            self.gap(f"addresses of kind {kind}", reason)
        return tables


def _kept_text(kept: kinds.KeptKind, tree: Mapping[str, object], metadata: kinds.Described) -> str:
    fields = {name: tree[name] for name in kept.fields if tree.get(name) is not None}
    whole = {"metadata": {"labels": dict(metadata.labels or {})}, **fields}
    return verbatim(whole, Subject("", "", Place(0, 0)), texts=False)


def _tell_beta_annotation(subject: Subject, namespace: kinds.Namespace) -> None:
    if namespace.metadata and BETA_ANNOTATION in (namespace.metadata.annotations or {}):
        subject.refuse(
            f"metadata.annotations.{BETA_ANNOTATION}",
            "has no effect since Kubernetes 1.7, where NetworkPolicy objects took its place",
        )


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
