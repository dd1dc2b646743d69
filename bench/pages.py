"""The lists of a generated cluster as an API server sends them, in pages of 500; kept on disk.

A folder of pages holds a file for each list, its pages one after another, and `index.json`: the path of each
list, the name of its file and where its pages end.
"""

import hashlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from audit.snapshot import Snapshot

LIMIT: Final = 500
INDEX: Final = "index.json"
DEFAULT_CACHE: Final = Path.home() / ".cache" / "segaudit-bench"
_TABLES: Final = {
    "Namespace": ("/api/v1/namespaces", "namespaces"),
    "Node": ("/api/v1/nodes", "nodes"),
    "Service": ("/api/v1/services", "services"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1/networkpolicies", "policies"),
    "Pod": ("/api/v1/pods", "pods"),
}
"""Of each kind that the generator makes: the list's path, and its table in the snapshot."""
_KEYS: Final = ("name", "type", "ip", "key", "uid")
_NODE_INFO: Final = (
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
)
_MANAGERS: Final = (
    ("kube-controller-manager", "metadata", ""),
    ("kube-controller-manager", "spec", ""),
    ("kubelet", "status", "status"),
)


def cached(pods: int, cache: Path) -> Path:
    """The folder of the pages of a cluster of so many pods, in Kubernetes' own proportions.

    It is made if the cache has none that this very code made; others of the same size are removed then.
    """
    folder = cache / f"{pods}-{_version()}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{pods}-*"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(dir=cache) as staged:
            write(_cluster(pods), Path(staged) / "pages")
            (Path(staged) / "pages").rename(folder)
    return folder


def write(snapshot: "Snapshot", folder: Path) -> None:
    """The pages of a snapshot, into a new folder."""
    from bench.manifests import texts

    folder.mkdir()
    index = {}
    for kind, lines in itertools.groupby(texts(snapshot, _text), lambda text: text.partition(" ")[0]):
        path, table = _TABLES[kind]
        name = f"{kind.lower()}.pages"
        items = (line.partition(" ")[2].encode() for line in lines)
        ends = []
        with (folder / name).open("wb") as file:
            for page in _pages(kind, path, items, len(snapshot[table])):
                file.write(page)
                ends.append(file.tell())
        index[path] = {"file": name, "ends": ends}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")


def token(path: str, page: int) -> str:
    """What asks for that page (0 is the first) of a list; empty for the first."""
    return hashlib.sha256(f"{path} {page}".encode()).hexdigest() if page else ""


def urls(folder: Path) -> Iterator[str]:
    """Path and query of every page, list by list."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    for path, pages in index.items():
        for page in range(len(pages["ends"])):
            proceed = f"&continue={token(path, page)}" if page else ""
            yield f"{path}?limit={LIMIT}{proceed}"


def _pages(kind: str, path: str, items: Iterator[bytes], total: int) -> Iterator[bytes]:
    """As an API server writes them: the next token is in the first bytes, objects do not tell their kind."""
    api_version = path.removesuffix(path[path.rindex("/") :]).removeprefix("/apis/").removeprefix("/api/")
    for page in itertools.count():
        some = list(itertools.islice(items, LIMIT))
        if not some:
            return
        rest = total - page * LIMIT - len(some)
        metadata: dict[str, Any] = {"resourceVersion": "1"}
        if rest:
            metadata |= {"continue": token(path, page + 1), "remainingItemCount": rest}
        head = {"kind": f"{kind}List", "apiVersion": api_version, "metadata": metadata}
        start = json.dumps(head, separators=(",", ":")).removesuffix("}")
        yield b'%b,"items":[%b]}\n' % (start.encode(), b",".join(some))


def _text(obj: dict[str, Any]) -> str:
    """Kind and JSON of an object, with what a server adds: all of a nodeInfo, the managedFields of a pod."""
    import msgspec

    kind = obj.pop("kind")
    del obj["apiVersion"]
    if kind == "Node":
        obj["status"]["nodeInfo"] = {**dict.fromkeys(_NODE_INFO, ""), **obj["status"]["nodeInfo"]}
    if kind == "Pod":
        obj["metadata"]["managedFields"] = [
            {
                "manager": manager,
                "operation": "Update",
                "apiVersion": "v1",
                "time": obj["metadata"]["creationTimestamp"],
                "fieldsType": "FieldsV1",
                "fieldsV1": {f"f:{part}": _fields(obj[part])},
                **({"subresource": subresource} if subresource else {}),
            }
            for manager, part, subresource in _MANAGERS
        ]
    return f"{kind} {msgspec.json.encode(obj).decode()}"


def _fields(value: object) -> dict[str, Any]:
    """The set of fields of a value, written as FieldsV1."""
    if isinstance(value, dict):
        return {f"f:{name}": _fields(part) for name, part in value.items() if name != "managedFields"}
    found: dict[str, Any] = {}
    if isinstance(value, list):
        for part in value:
            key = next((key for key in _KEYS if isinstance(part, dict) and key in part), None)
            if key is not None:
                found[f"k:{json.dumps({key: part[key]}, separators=(',', ':'))}"] = {".": {}, **_fields(part)}
    return found


def _cluster(pods: int) -> "Snapshot":
    from bench.generate import Options, cluster

    return cluster(
        Options(
            pods=pods,
            namespaces=max(10, pods // 15),
            policies=max(10, pods // 3),
            services=max(10, pods // 15),
            nodes=max(10, pods // 30),
        )
    )


def _version() -> str:
    """Of the code that makes pages."""
    here = Path(__file__).parent
    names = ("generate.py", "manifests.py", "policies.py", "pages.py")
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in names)).hexdigest()[:12]
