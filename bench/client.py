"""The official client reads pods: `python -m bench.client HOW KUBECONFIG PODS` measures it, prints JSON.

It reads the pages one after another and keeps nothing of them. Imports and the reading of the kubeconfig are
not counted. HOW is a function of this module; it ends when it has read so many pods, or all.
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


def typed(client: "ApiClient", pods: int) -> None:
    """Lists of models, as its documentation shows them."""
    from kubernetes.client import CoreV1Api

    api, token, read = CoreV1Api(client), None, 0
    while read < pods:
        page = api.list_pod_for_all_namespaces(limit=LIMIT, _continue=token, _request_timeout=_SECONDS)
        read += len(page.items)
        token = page.metadata._continue  # noqa: SLF001  # so the client names it
        if not token:
            return


def raw(client: "ApiClient", pods: int) -> None:
    """Bytes, through its connection."""
    token = ""
    for _ in range(0, pods, LIMIT):
        query = [("limit", str(LIMIT)), *([("continue", token)] if token else [])]
        request = client.param_serialize(
            "GET", "/api/v1/pods", query_params=query, auth_settings=["BearerToken"]
        )
        body = client.call_api(*request, _request_timeout=_SECONDS).read()
        found = _TOKEN.search(body, 0, _HEAD)
        if not found:
            return
        token = found[1].decode()


def main() -> None:
    """Measure what the command line names."""
    from kubernetes.config import new_client_from_config

    how, kubeconfig, pods = sys.argv[1:]
    with new_client_from_config(kubeconfig) as client:
        wall, cpu = time.perf_counter(), time.process_time()
        {"typed": typed, "raw": raw}[how](client, int(pods))
        print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
