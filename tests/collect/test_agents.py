"""What is kept of network plug-ins, and of what else may hold secrets."""

import json

import pyarrow as pa
import pytest

from audit.collect.agents import CONFIG_MAPS
from audit.collect.collector import Collector
from audit.collect.items import JsonItem
from audit.collect.origins import Place

FAKE = "fake-secret-of-a-test"


def collected(table, api_version, kind, obj):
    """The one object of that table, and all tables as text."""
    collector = Collector()
    origin = collector.rows.origins.add_list("/x")
    collector.add(api_version, kind, JsonItem(json.dumps(obj).encode()), Place(origin, 0))
    tables = {name: pa.concat_tables(pieces) for name, pieces in collector.finish(templates=False)}
    everything = "".join(str(found.to_pylist()) for found in tables.values())
    rows = tables[table].to_pylist()
    return (json.loads(rows[0]["object"]) if rows else None), everything


def daemon_set(**container):
    spec = {"nodeSelector": {"os": "linux"}, "containers": [{"name": "c", "image": "i:1", **container}]}
    obj = {
        "metadata": {"name": "agent", "namespace": "kube-system", "labels": {"k8s-app": "agent"}},
        "spec": {"template": {"spec": spec}},
        "status": {"desiredNumberScheduled": 3, "numberReady": 2, "other": FAKE},
    }
    kept, everything = collected("daemonsets", "apps/v1", "DaemonSet", obj)
    assert FAKE not in everything
    return kept


def settings(**container):
    return daemon_set(**container)["spec"]["template"]["spec"]["containers"][0]["settings"]


def test_what_a_daemon_set_is_told_by():
    kept = daemon_set()
    assert kept["metadata"] == {"labels": {"k8s-app": "agent"}}
    assert kept["status"] == {"desiredNumberScheduled": 3, "numberReady": 2}
    pod = kept["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"os": "linux"}
    assert pod["containers"] == [{"name": "c", "image": "i:1", "settings": {}}]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--enable-network-policy=true"], {"--enable-network-policy": "true"}),
        (["--run-firewall", "false"], {"--run-firewall": "true"}),
        (["--enable-policy", "never"], {"--enable-policy": "never"}),
        (["--enable-policy", FAKE], {"--enable-policy": ""}),
        (["--run-firewall", "--other"], {"--run-firewall": "true"}),
        (["--run-firewall", FAKE], {"--run-firewall": "true"}),
        (["--run-firewall"], {"--run-firewall": "true"}),
        (["-enable-np=false"], {"--enable-np": "false"}),
        (["--network-policy-enforcing-mode=strict"], {"--network-policy-enforcing-mode": "strict"}),
        (["--enable-np="], {"--enable-np": ""}),
        ([f"--token={FAKE}", "--token", FAKE, FAKE], {}),
        ([f"--enable-np={FAKE} {FAKE}"], {}),
        ([f"--enable-np={FAKE}={FAKE}"], {}),
        ([f"--enable-np=a\n{FAKE}"], {}),
        ([f"--enable-np={'x' * 33}"], {}),
        ([None, "", "--", "--enable-np"], {"--enable-np": "true"}),
    ],
)
@pytest.mark.parametrize("field", ["args", "command"])
def test_words_of_the_command_line(words, kept, field):
    assert settings(**{field: words}) == kept


@pytest.mark.parametrize(
    ("variable", "kept"),
    [
        ({"name": "NETWORK_POLICY_ENFORCING_MODE", "value": "standard"}, True),
        ({"name": "EXPECT_NPC", "value": "1"}, True),
        ({"name": "EXPECT_NPC", "value": f"{FAKE}\n"}, False),
        ({"name": "EXPECT_NPC", "value": f"{FAKE} x"}, False),
        ({"name": "EXPECT_NPC", "value": f"https://{FAKE}"}, False),
        ({"name": "EXPECT_NPC", "valueFrom": {"secretKeyRef": {"name": FAKE}}}, False),
        ({"name": "PASSWORD", "value": FAKE}, False),
        ({"name": FAKE, "value": "x"}, False),
        ({"name": None, "value": FAKE}, False),
        (None, False),
    ],
)
def test_environment(variable, kept):
    assert settings(env=[variable]) == ({variable["name"]: variable["value"]} if kept else {})


def test_nothing_else_of_a_container_is_kept():
    daemon_set(
        envFrom=[{"secretRef": {"name": FAKE}}],
        lifecycle={"postStart": {"exec": {"command": [FAKE]}}},
        livenessProbe={"exec": {"command": [FAKE]}},
        volumeMounts=[{"name": FAKE, "mountPath": FAKE}],
    )


@pytest.mark.parametrize("spec", [None, {}, {"template": None}, {"template": {"spec": None}}])
def test_a_daemon_set_without_containers(spec):
    kept, _ = collected("daemonsets", "apps/v1", "DaemonSet", {"metadata": {"name": "a"}, "spec": spec})
    assert kept["spec"]["template"]["spec"]["containers"] == []


def config_map(name, namespace, data):
    metadata = {"name": name, "namespace": namespace, "annotations": {"a": FAKE}}
    kept, everything = collected("configmaps", "v1", "ConfigMap", {"metadata": metadata, "data": data})
    assert FAKE not in everything
    return kept


def test_settings_of_a_config_map():
    data = {"enable-policy": "default", "policy-audit-mode": "false", "other": FAKE, "enable-sctp": None}
    kept = config_map("cilium-config", "kube-system", data)
    assert kept == {
        "metadata": {"labels": {}},
        "data": {"enable-policy": "default", "policy-audit-mode": "false"},
    }


@pytest.mark.parametrize("value", [f"{FAKE}\n", f"{FAKE}: x", f'{{"token": "{FAKE}"}}', FAKE + "x" * 32, ""])
def test_values_of_a_config_map_that_are_no_word(value):
    assert config_map("cilium-config", "cilium", {"enable-policy": value})["data"] == {}


def test_of_flannel_only_that_it_is_there():
    assert config_map("kube-flannel-cfg", "kube-flannel", {"cni-conf.json": FAKE})["data"] == {}


@pytest.mark.parametrize(("name", "namespace"), [("cilium-config", "x"), (FAKE, "kube-system"), (FAKE, "x")])
def test_other_config_maps_are_not_kept(name, namespace):
    assert config_map(name, namespace, {"enable-policy": FAKE}) is None


def agent(api_version, kind, obj):
    kept, everything = collected("agents", api_version, kind, obj)
    assert FAKE not in everything.replace(f"{FAKE}-node", "")
    return kept


def pod(owner="DaemonSet", **container):
    spec = {"hostNetwork": True, "nodeName": "n1", "containers": [{"name": "c", "image": "i:1", **container}]}
    owners = [{"kind": owner, "name": "agent"}]
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "message": FAKE}]}
    metadata = {"name": "p", "namespace": "kube-system", "ownerReferences": owners}
    return {"metadata": metadata, "spec": spec, "status": status}


def test_a_pod_of_a_daemon_set_in_its_nodes_network():
    kept = agent("v1", "Pod", pod(args=["--run-firewall=false", FAKE], env=[{"name": "X", "value": FAKE}]))
    containers = [{"name": "c", "image": "i:1", "settings": {"--run-firewall": "false"}}]
    assert kept == {"owner": "agent", "labels": {}, "node": "n1", "ready": True, "containers": containers}


def test_other_pods_are_no_agents():
    assert agent("v1", "Pod", pod(owner="ReplicaSet")) is None
    own = pod()
    own["spec"]["hostNetwork"] = False
    assert agent("v1", "Pod", own) is None
    lean = pod(name=None)
    assert agent("v1", "Pod", lean) is None


def test_a_deployment_by_its_name():
    spec = {
        "template": {
            "spec": {"containers": [{"name": "c", "image": "i", "args": ["--enable-np=false", FAKE]}]}
        }
    }
    controller = {"metadata": {"name": "kube-ovn-controller", "namespace": "kube-system"}, "spec": spec}
    settings = {"--enable-np": "false"}
    assert agent("apps/v1", "Deployment", controller) == {
        "containers": [{"name": "c", "image": "i", "settings": settings}]
    }
    assert agent("apps/v1", "Deployment", {"metadata": {"name": "web"}, "spec": spec}) is None


def test_of_nodes_that_nothing_is_to_start_there():
    assert agent("v1", "Node", {"metadata": {"name": "n"}, "spec": {"unschedulable": True}}) == {
        "unschedulable": True
    }
    assert agent("v1", "Node", {"metadata": {"name": "n"}, "spec": {}}) is None


def test_what_a_role_may_read():
    rules = [{"resources": ["pods", "networkpolicies"]}, None]
    role = {"metadata": {"name": "kindnet"}, "rules": rules}
    assert agent("rbac.authorization.k8s.io/v1", "ClusterRole", role) == {"networkpolicies": True}
    assert (
        agent("rbac.authorization.k8s.io/v1", "ClusterRole", {"metadata": {"name": "x"}, "rules": rules})
        is None
    )


def test_definitions_of_groups_that_prove_nothing():
    version = "apiextensions.k8s.io/v1"
    obj = {"metadata": {"name": "a.b"}, "spec": {"group": "crd.projectcalico.org", "names": FAKE}}
    assert agent(version, "CustomResourceDefinition", obj) == {"group": "crd.projectcalico.org"}
    assert (
        agent(version, "CustomResourceDefinition", {"metadata": {"name": "a.b"}, "spec": {"group": "x.org"}})
        is None
    )
    installation = {"metadata": {"name": "default"}, "spec": {"registry": FAKE}}
    assert agent("operator.tigera.io/v1", "Installation", installation) == {}


def test_the_plug_in_that_openshift_names():
    spec = {"networkType": "OpenShiftSDN", "clusterNetwork": [{"cidr": FAKE}], "externalIP": {"policy": FAKE}}
    assert agent("config.openshift.io/v1", "Network", {"metadata": {"name": "cluster"}, "spec": spec}) == {
        "metadata": {"labels": {}},
        "spec": {"networkType": "OpenShiftSDN"},
    }
    config = {"type": "OpenShiftSDN", "openshiftSDNConfig": {"mode": "Subnet", "mtu": 1450}}
    spec = {"defaultNetwork": config, "additionalNetworks": [{"rawCNIConfig": FAKE}]}
    kept = agent("operator.openshift.io/v1", "Network", {"metadata": {"name": "cluster"}, "spec": spec})
    assert kept["spec"]["defaultNetwork"] == {
        "type": "OpenShiftSDN",
        "openshiftSDNConfig": {"mode": "Subnet"},
    }


def test_a_config_map_without_data():
    for name, (namespaces, _) in CONFIG_MAPS.items():
        assert config_map(name, namespaces[0], None)["data"] == {}


def test_endpoint_slices_are_reduced():
    endpoint = {
        "addresses": ["10.0.0.1"],
        "conditions": {"ready": True, "serving": None},
        "targetRef": {"kind": "Pod", "namespace": "x", "name": "p", "uid": FAKE, "resourceVersion": FAKE},
        "hostname": FAKE,
        "nodeName": FAKE,
        "zone": FAKE,
        "deprecatedTopology": {"a": FAKE},
    }
    obj = {
        "metadata": {"name": "s", "namespace": "x", "labels": {"a": "b"}, "annotations": {"a": FAKE}},
        "addressType": "IPv4",
        "endpoints": [endpoint, None, {}],
        "ports": [{"name": "web", "protocol": "TCP", "port": 80, "appProtocol": FAKE}, None],
    }
    kept, everything = collected("endpointslices", "discovery.k8s.io/v1", "EndpointSlice", obj)
    assert FAKE not in everything
    assert kept == {
        "metadata": {"labels": {"a": "b"}},
        "addressType": "IPv4",
        "endpoints": [
            {
                "addresses": ["10.0.0.1"],
                "conditions": {"ready": True},
                "targetRef": {"kind": "Pod", "namespace": "x", "name": "p"},
            },
            None,
            {},
        ],
        "ports": [{"name": "web", "protocol": "TCP", "port": 80}, None],
    }
