"""Fills an API server: any objects, fast, in an order in which they are accepted."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any, Final, NamedTuple

from tests.apiserver.accepted import accepted, single, status_of
from tests.apiserver.client import CONNECTIONS, MERGE_PATCH, Client, Resource, discover
from tests.apiserver.crds import crd, crd_for, policy_crds
from tests.apiserver.server import ApiServer

__all__ = ["Refused", "crd", "fill", "key_of", "policy_crds"]

Document = dict[str, Any]

CRD_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_FIRST: Final = frozenset(("PriorityClass", "RuntimeClass", "IngressClass", "Node"))
"""Objects that others name, and without which the server refuses those."""
_LATE: Final = frozenset(("LimitRange", "ResourceQuota"))
"""Objects that decide about others."""
_LAST: Final = frozenset(
    (
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    )
)
"""Objects that may refuse everything from then on."""


class Refused(NamedTuple):
    """An object that the server did not take, or whose status it did not take."""

    key: str
    """As `key_of` has it; of a status with `#status` behind it."""
    reason: str
    """The server's message."""


def key_of(document: Document) -> str:
    """APIVERSION/KIND NAMESPACE/NAME, without the namespace where the object has none."""
    metadata = document.get("metadata") or {}
    name = metadata.get("name") or metadata.get("generateName")
    within = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{document.get('apiVersion')}/{document.get('kind')} {within}{name}"


def fill(server: ApiServer, documents: Iterable[Document | None]) -> list[Refused]:
    """Create the objects, lists of objects included, with their statuses; gives what was refused, sorted.

    Namespaces that objects are in come with them; to one that exists the labels and annotations are added. A
    kind that the server does not serve in any version gets a definition. What there is already is refused.
    """
    with server.client() as client:
        return _Filling(client).run(list(single(documents)))


class _Filling:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._served: dict[tuple[str, str], Resource] = {}

    def run(self, documents: list[Document]) -> list[Refused]:
        refused = [
            Refused(key_of(one), "it has no apiVersion or kind") for one in documents if not _typed(one)
        ]
        namespaces, definitions, rest = _parted([one for one in documents if _typed(one)])
        refused += self._all(self._create_namespace, namespaces)
        known = discover(self._client)
        made = {}
        kinds = {(spec["group"], spec["names"]["kind"]) for spec in (one["spec"] for one in definitions)}
        kinds |= {(_group(api_version), kind) for api_version, kind in known}
        for document in rest:
            of = _group(document["apiVersion"]), document["kind"]
            if of not in kinds and of not in made and "." in of[0]:  # else it is one that Kubernetes had once
                made[of] = crd_for(document)
        refused += self._define([*definitions, *made.values()])
        self._served = discover(self._client)
        for _, wave in groupby(sorted(rest, key=_rank), key=_rank):
            refused += self._all(self._create, wave)
        return sorted(refused)

    def _all(
        self, action: Callable[[Document], list[Refused]], documents: Iterable[Document]
    ) -> list[Refused]:
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            return [refused for each in threads.map(action, documents) for refused in each]

    def _create_namespace(self, document: Document) -> list[Refused]:
        root = "/api/v1/namespaces"
        answer = self._client.request("POST", root, accepted(document))
        metadata = document["metadata"]
        if answer.code == 409:
            patch = {"metadata": {key: metadata.get(key) or {} for key in ("labels", "annotations")}}
            answer = self._client.request("PATCH", f"{root}/{metadata['name']}", patch, sends=MERGE_PATCH)
        return [] if answer.code in (200, 201) else [Refused(key_of(document), answer.reason)]

    def _define(self, definitions: list[Document]) -> list[Refused]:
        """Create CustomResourceDefinitions; those that are taken are served afterwards."""
        refused = []
        names = set()
        for definition in definitions:
            whole = {key: value for key, value in definition.items() if key != "status"}
            answer = self._client.request("POST", _CRDS, accepted(whole))
            if answer.code == 201:
                names.add(definition["metadata"]["name"])
            else:
                refused.append(Refused(key_of(definition), answer.reason))
        if names:
            refused += self._wait_until_served(names)
        return refused

    def _wait_until_served(self, names: set[str]) -> list[Refused]:
        deadline = time.monotonic() + CRD_SECONDS
        refused = []
        waiting = set(names)
        while waiting:
            assert time.monotonic() < deadline, f"these are not served: {', '.join(sorted(waiting))}"
            time.sleep(_POLL_SECONDS)
            served = discover(self._client)
            for definition in self._client.get(_CRDS).body["items"]:
                name = definition["metadata"]["name"]
                if name not in waiting:
                    continue
                conditions = {one["type"]: one for one in definition["status"].get("conditions") or ()}
                accepts = conditions.get("NamesAccepted", {})
                if accepts.get("status") == "False":
                    key = f"apiextensions.k8s.io/v1/CustomResourceDefinition {name}"
                    refused.append(Refused(key, accepts["message"]))
                    waiting.discard(name)
                elif conditions.get("Established", {}).get("status") == "True" and all(
                    self._answers(served.get(of)) for of in _kinds(definition)
                ):
                    waiting.discard(name)
        return refused

    def _answers(self, resource: Resource | None) -> bool:
        return resource is not None and self._client.get(f"{resource.path()}?limit=1").code == 200

    def _create(self, document: Document) -> list[Refused]:
        resource = self._served.get((document["apiVersion"], document["kind"]))
        if resource is None:
            reason = f"the server has no {document['kind']} of {document['apiVersion']}"
            return [Refused(key_of(document), reason)]
        new = accepted(document)
        status = status_of(document) if resource.has_status else None
        if resource.has_status:
            new.pop("status", None)
        path = resource.path(new["metadata"].get("namespace", "default"))
        answer = self._client.request("POST", path, new)
        if answer.code != 201:
            return [Refused(key_of(document), answer.reason)]
        if status:
            made = answer.body  # PUT of it, for PATCH costs the server a third more
            made["status"] = {**made.get("status", {}), **status}
            answer = self._client.request("PUT", f"{path}/{made['metadata']['name']}/status", made)
            if answer.code != 200:
                return [Refused(f"{key_of(document)}#status", answer.reason)]
        return []


def _typed(document: Document) -> bool:
    return bool(document.get("apiVersion") and document.get("kind"))


def _parted(documents: list[Document]) -> tuple[list[Document], list[Document], list[Document]]:
    """Namespaces, with those that others are in; CustomResourceDefinitions; the rest."""
    namespaces: dict[str, Document] = {}
    definitions = []
    rest = []
    for document in documents:
        of = document["apiVersion"], document["kind"]
        if of == ("v1", "Namespace"):
            namespaces[document["metadata"]["name"]] = document
        elif of == ("apiextensions.k8s.io/v1", "CustomResourceDefinition"):
            definitions.append(document)
        else:
            rest.append(document)
    for document in rest:
        if name := (document.get("metadata") or {}).get("namespace"):
            implied = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            namespaces.setdefault(name, implied)
    return list(namespaces.values()), definitions, rest


def _rank(document: Document) -> int:
    """Objects of a lower one come first."""
    kind = document["kind"]
    if kind == "Service":
        spec = document.get("spec") or {}
        ports = spec.get("ports") or ()
        chosen = spec.get("clusterIP") or any(port.get("nodePort") for port in ports)
        return 0 if chosen else 1  # else the server may have given away what is asked for
    if kind in _FIRST:
        return 0
    return 2 if kind in _LATE else 3 if kind in _LAST else 1


def _group(api_version: str) -> str:
    return api_version.rpartition("/")[0]


def _kinds(definition: Document) -> list[tuple[str, str]]:
    """apiVersion and kind of each version that is served."""
    spec = definition["spec"]
    versions = (version["name"] for version in spec["versions"] if version["served"])
    return [(f"{spec['group']}/{version}", spec["names"]["kind"]) for version in versions]
