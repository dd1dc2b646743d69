"""What the server is and serves: its version, its API groups, and the resources of those that are read."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, TypeVar

import msgspec

from audit.background import each
from audit.collect.cluster.api.transport import ApiError, Transport
from audit.collect.cluster.messages import Served
from audit.collect.cluster.resources import SAME, Resource
from audit.collect.fit import NOT_JSON

_FIRST_ATTEMPTS: Final = 3
"""Of the first request of all: with an address that is wrong nobody should wait for long."""
_AT_ONCE: Final = 4
_VERSION: Final = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class _GroupVersion(msgspec.Struct, rename="camel"):
    group_version: str = ""


class _Group(msgspec.Struct):
    name: str = ""
    versions: list[_GroupVersion] = []


class _Groups(msgspec.Struct):
    groups: list[_Group]


class _ApiResource(msgspec.Struct):
    name: str = ""
    verbs: list[str] = []


class _ApiResources(msgspec.Struct):
    resources: list[_ApiResource]


T = TypeVar("T", bound=msgspec.Struct)


def discover(transport: Transport, resources: Iterable[Resource]) -> Served:
    """Ask the server. What it does not answer is a gap; ApiError if it cannot be reached at all."""
    served = Served()
    try:
        served.version = _read(transport, "/version", _Version, _FIRST_ATTEMPTS).git_version
    except ApiError as error:
        if error.status in (0, 401):
            raise
        served.gaps.append(("the server's version", f"could not be read: {error.reason}"))
    wanted = list(resources)
    for resource in wanted:
        if not resource.group:
            served.paths[resource] = f"/api/v1/{resource.path_name}"
    try:
        groups = {group.name: group for group in _read(transport, "/apis", _Groups).groups}
    except ApiError as error:
        served.gaps.append(
            ("the API groups", f"could not be read: {error.reason}; built-in kinds were tried")
        )
        _assume(served, wanted)
        return served
    served.group_versions = tuple(
        version.group_version for name in sorted(groups) for version in groups[name].versions
    )
    _resources(transport, served, groups, wanted)
    return served


def _resources(
    transport: Transport, served: Served, groups: Mapping[str, _Group], wanted: list[Resource]
) -> None:
    """Find the wanted resources in the groups that have them, each in the version that the server prefers."""
    asked = [
        version.group_version
        for name in sorted({resource.group for resource in wanted} & groups.keys() - {""})
        for version in groups[name].versions
        if _is_version(name, version.group_version)
    ]
    answers = dict(zip(asked, each(asked, partial(_names, transport), _AT_ONCE), strict=True))
    for resource in wanted:
        if not resource.group or resource.group not in groups:
            continue
        for version in (v.group_version for v in groups[resource.group].versions):
            names = answers.get(version, "the server names a version of it that is none")
            if isinstance(names, str):
                served.unknown[resource] = names
            elif resource.path_name in names:
                served.unknown.pop(resource, None)
                served.paths[resource] = f"/apis/{version}/{resource.path_name}"
                break
    for resource in wanted:
        stored = resource._replace(
            group=SAME.get(resource.group, ""),
            plural=f"{resource.path_name}.{SAME.get(resource.group, '')}",
        )
        if stored in served.paths:
            served.paths.pop(resource, None)
            served.unknown.pop(resource, None)


def _is_version(group: str, group_version: str) -> bool:
    """Whether it is one of that group: it becomes part of a path."""
    return _VERSION.fullmatch(group_version.removeprefix(f"{group}/")) is not None


def _assume(served: Served, wanted: Iterable[Resource]) -> None:
    """Without the server's word: Kubernetes' own stable groups are there; of others nothing is known."""
    for resource in wanted:
        if resource.group in ("apps", "batch", "discovery.k8s.io", "networking.k8s.io"):
            served.paths[resource] = f"/apis/{resource.group}/v1/{resource.path_name}"
        elif resource.group:
            served.unknown[resource] = "the server's API groups could not be read"


def _names(transport: Transport, version: str) -> frozenset[str] | str:
    """The resources of a group's version that can be listed; why that is not known."""
    try:
        found = _read(transport, f"/apis/{version}", _ApiResources).resources
    except ApiError as error:
        return f"{version} could not be discovered: {error.reason}"
    return frozenset(resource.name for resource in found if "list" in resource.verbs)


def _read(transport: Transport, path: str, wanted: type[T], attempts: int = 0) -> T:
    """The decoded answer; ApiError also where it is not what it should be."""
    body = transport.get(path, attempts=attempts) if attempts else transport.get(path)
    try:
        return msgspec.json.decode(body, type=wanted)
    except NOT_JSON:
        raise ApiError(
            200, f"what the server answers at {path} is not what a Kubernetes API answers"
        ) from None
