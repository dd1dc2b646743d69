"""The official client reads a list: `python -m bench.client HOW KUBECONFIG OBJECTS [PATH]`, prints JSON.

It reads the pages one after another and keeps nothing of them. Imports and the reading of the kubeconfig are
not counted. HOW is a function of this module; it ends when it has read so many objects, or all. PATH is that
of the list, by default of the pods.
"""

import json
import re
import sys
import time
from typing import TYPE_CHECKING, Final

from bench.pages import LIMIT

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

_SECONDS: Final = (10, 60)
_TOKEN: Final = re.compile(rb'"continue":"([^"]+)"')
_HEAD: Final = 2048
PODS: Final = "/api/v1/pods"
_METHODS: Final = {
    PODS: ("CoreV1Api", "list_pod_for_all_namespaces"),
    "/api/v1/namespaces": ("CoreV1Api", "list_namespace"),
    "/api/v1/nodes": ("CoreV1Api", "list_node"),
    "/api/v1/services": ("CoreV1Api", "list_service_for_all_namespaces"),
    "/apis/networking.k8s.io/v1/networkpolicies": (
        "NetworkingV1Api",
        "list_network_policy_for_all_namespaces",
    ),
}
"""What reads each list that `bench.pages` makes: a class of the client, and its method."""


def typed(client: "ApiClient", objects: int, path: str = PODS) -> None:
    """Lists of models, as its documentation shows them."""
    import kubernetes.client

    group, method = _METHODS[path]
    read_page = getattr(getattr(kubernetes.client, group)(client), method)
    token, read = None, 0
    while read < objects:
        page = read_page(limit=LIMIT, _continue=token, _request_timeout=_SECONDS)
        read += len(page.items)
        token = page.metadata._continue  # noqa: SLF001  # so the client names it
        if not token:
            return


def raw(client: "ApiClient", objects: int, path: str = PODS) -> None:
    """Bytes, through its connection."""
    token = ""
    for _ in range(0, objects, LIMIT):
        query = [("limit", str(LIMIT)), *([("continue", token)] if token else [])]
        request = client.param_serialize("GET", path, query_params=query, auth_settings=["BearerToken"])
        body = client.call_api(*request, _request_timeout=_SECONDS).read()
        found = _TOKEN.search(body, 0, _HEAD)
        if not found:
            return
        token = found[1].decode()


def main() -> None:
    """Measure what the command line names."""
    from kubernetes.config import new_client_from_config

    how, kubeconfig, objects, *path = sys.argv[1:]
    with new_client_from_config(kubeconfig) as client:
        wall, cpu = time.perf_counter(), time.process_time()
        {"typed": typed, "raw": raw}[how](client, int(objects), *path)
        print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
