"""A whole cluster, of canned answers."""

import pytest

from audit.collect.cluster.messages import Connect
from audit.collect.cluster.read import collect_cluster
from tests.collect.cluster.canned import Answer, page

PATH = "/api/v1/namespaces/kube-system/configmaps/cilium-config"
POD = {"metadata": {"name": "p", "namespace": "a"}, "spec": {"containers": [{"name": "c"}]}, "status": {}}


@pytest.fixture
def config_maps(api, tmp_path):
    """The row of ConfigMaps where one of them is answered like this."""
    api.routes["/version"] = Answer(200, {"gitVersion": "v1.36.0"})
    api.groups({})
    for kind in ("namespaces", "nodes", "services", "replicationcontrollers"):
        api.routes[f"/api/v1/{kind}"] = page()
    api.routes["/api/v1/pods"] = page(POD)

    def read(body):
        api.routes[PATH] = Answer(200, body)
        wanted = Connect((str(api.kubeconfig(tmp_path / "config")),), None, "text", quiet=True, verbose=False)
        snapshot = collect_cluster(wanted, tool_version="test")
        (row,) = (row for row in snapshot.table("kinds").to_pylist() if row["kind"] == "configmaps")
        return row["state"], row["objects"]

    return read


def test_a_config_map_that_is_there(config_maps):
    found = {"kind": "ConfigMap", "metadata": {"name": "cilium-config", "namespace": "kube-system"}}
    assert config_maps(found) == ("listed", 1)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        [1],
        {},
        {"kind": "Secret", "metadata": {"name": "cilium-config"}},
        {"kind": "ConfigMap", "metadata": {"name": "other"}},
    ],
)
def test_another_answer_than_was_asked_for_is_not_read(config_maps, body):
    assert config_maps(body) == ("partial", 0)
