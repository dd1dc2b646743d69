"""What the server is and serves."""

import pytest

from audit.collect.cluster.api.discovery import discover
from audit.collect.cluster.api.transport import ApiError, Transport
from audit.collect.cluster.resources import RESOURCES, Resource
from tests.collect.cluster.canned import Answer, status

PODS = Resource("", "Pod", "pods", namespaced=True)
POLICIES = Resource("networking.k8s.io", "NetworkPolicy", "networkpolicies", namespaced=True)
CALICO = Resource("projectcalico.org", "NetworkPolicy", "networkpolicies.projectcalico.org", namespaced=True)
STORED = Resource(
    "crd.projectcalico.org", "NetworkPolicy", "networkpolicies.crd.projectcalico.org", namespaced=True
)
CRD = Resource("x.example", "Thing", "things", namespaced=True)


@pytest.fixture
def ask(api):
    api.routes["/version"] = Answer(200, {"gitVersion": "v1.35.0"})
    return lambda *resources: discover(Transport(api.access()), resources)


def test_version_and_paths(api, ask):
    api.groups({"networking.k8s.io": {"v1": ["networkpolicies", "ingresses"]}, "apps": {"v1": []}})
    served = ask(PODS, POLICIES, CRD)
    assert served.version == "v1.35.0"
    assert served.group_versions == ("apps/v1", "networking.k8s.io/v1")
    assert served.paths == {PODS: "/api/v1/pods", POLICIES: "/apis/networking.k8s.io/v1/networkpolicies"}
    assert (served.unknown, served.gaps) == ({}, [])


def test_groups_that_nobody_asks_for_are_not_asked_for(api, ask):
    api.groups({"apps": {"v1": []}, "metrics.k8s.io": {"v1beta1": []}})
    ask(PODS, POLICIES)
    assert [request.path for request in api.log] == ["/version", "/apis"]


def test_the_version_that_the_server_prefers(api, ask):
    api.groups({"x.example": {"v2": ["things"], "v1": ["things"], "v1beta1": ["things"]}})
    assert ask(CRD).paths == {CRD: "/apis/x.example/v2/things"}


def test_a_later_version_if_the_preferred_one_has_no_such_resource(api, ask):
    api.groups({"x.example": {"v2": ["others"], "v1": ["things"]}})
    assert ask(CRD).paths == {CRD: "/apis/x.example/v1/things"}


def test_a_group_without_the_resource(api, ask):
    api.groups({"x.example": {"v1": ["others", "things/status"]}})
    served = ask(CRD)
    assert (served.paths, served.unknown) == ({}, {})


def test_a_resource_that_cannot_be_listed_is_not_served(api, ask):
    api.groups({"x.example": {"v1": ["things"]}})
    api.routes["/apis/x.example/v1"] = Answer(
        200, {"resources": [{"name": "things", "verbs": ["create", "get"]}]}
    )
    served = ask(CRD)
    assert (served.paths, served.unknown) == ({}, {})


@pytest.mark.parametrize(
    "answer", [status(503, "no endpoints"), status(404), Answer(200, b"<html>"), Answer(200, [])]
)
def test_a_version_that_does_not_answer_is_unknown(api, ask, answer):
    api.groups({"x.example": {"v1": ["things"]}})
    api.routes["/apis/x.example/v1"] = answer
    served = ask(PODS, CRD)
    assert served.paths == {PODS: "/api/v1/pods"}
    assert served.gaps == []
    assert "x.example/v1" in served.unknown[CRD]


def test_a_later_version_does_for_one_that_does_not_answer(api, ask):
    api.groups({"x.example": {"v2": ["things"], "v1": ["things"]}})
    api.routes["/apis/x.example/v2"] = status(503)
    served = ask(CRD)
    assert (served.paths, served.unknown) == ({CRD: "/apis/x.example/v1/things"}, {})


def test_a_later_version_without_the_resource_does_not(api, ask):
    api.groups({"x.example": {"v2": ["things"], "v1": ["others"]}})
    api.routes["/apis/x.example/v2"] = status(503)
    assert list(ask(CRD).unknown) == [CRD]


@pytest.mark.parametrize(
    "answer", [status(403, "no"), status(500), Answer(200, b"{"), Answer(200, {"groups": [1]})]
)
def test_without_the_groups_the_built_in_ones_are_tried(api, ask, answer):
    api.routes["/apis"] = answer
    served = ask(PODS, POLICIES, CRD)
    assert served.paths == {PODS: "/api/v1/pods", POLICIES: "/apis/networking.k8s.io/v1/networkpolicies"}
    assert list(served.unknown) == [CRD]
    ((subject, reason),) = served.gaps
    assert subject == "the API groups"
    assert "built-in kinds were tried" in reason


def test_without_the_groups_calico_is_unknown_in_both(api, ask):
    api.routes["/apis"] = status(503)
    served = ask(*RESOURCES)
    assert {CALICO.group, STORED.group} <= {one.group for one in served.unknown}
    assert not served.paths.keys() & served.unknown.keys()
    assert served.paths.keys() | served.unknown.keys() == set(RESOURCES)


@pytest.mark.parametrize(
    "answer", [status(403), status(500), Answer(200, b"<html>"), Answer(200, {"gitVersion": 1})]
)
def test_a_server_that_hides_its_version_has_a_gap(api, ask, answer):
    api.routes["/version"] = answer
    api.groups({})
    served = ask(PODS)
    assert (served.version, list(served.paths)) == ("", [PODS])
    assert [subject for subject, _ in served.gaps] == ["the server's version"]


def test_a_server_that_lets_nobody_in_ends_it(api, ask):
    api.routes["/version"] = status(401)
    with pytest.raises(ApiError, match="401"):
        ask(PODS)


def test_no_server_ends_it_after_a_few_attempts(api, ask):
    api.routes["/version"] = Answer(fault="reset")
    with pytest.raises(ApiError, match="broke off"):
        ask(PODS)
    assert len(api.log) == 3


# -- Calico shows the same objects in two groups -----------------------------------------------------


def test_calico_is_read_where_it_is_stored(api, ask):
    api.groups(
        {
            "projectcalico.org": {"v3": ["networkpolicies"]},
            "crd.projectcalico.org": {"v1": ["networkpolicies"]},
        }
    )
    served = ask(CALICO, STORED)
    assert (served.paths, served.unknown) == ({STORED: "/apis/crd.projectcalico.org/v1/networkpolicies"}, {})


def test_calico_is_read_through_its_api_server_if_that_is_all_there_is(api, ask):
    api.groups({"projectcalico.org": {"v3": ["networkpolicies"]}})
    assert ask(CALICO, STORED).paths == {CALICO: "/apis/projectcalico.org/v3/networkpolicies"}


def test_calicos_api_server_may_fail_where_what_is_stored_is_served(api, ask):
    api.groups(
        {
            "projectcalico.org": {"v3": ["networkpolicies"]},
            "crd.projectcalico.org": {"v1": ["networkpolicies"]},
        }
    )
    api.routes["/apis/projectcalico.org/v3"] = status(503)
    served = ask(CALICO, STORED)
    assert (list(served.paths), served.unknown) == ([STORED], {})


def test_calicos_api_server_does_for_what_is_stored_elsewhere(api, ask):
    api.groups(
        {"projectcalico.org": {"v3": ["networkpolicies"]}, "crd.projectcalico.org": {"v1": ["ippools"]}}
    )
    assert list(ask(CALICO, STORED).paths) == [CALICO]


@pytest.mark.parametrize("body", [{}, {"kind": "List", "items": []}, {"resources": None}])
def test_what_is_no_discovery_is_not_taken_for_nothing_served(api, ask, body):
    api.groups({"x.example": {"v1": ["things"]}})
    api.routes["/apis/x.example/v1"] = Answer(200, body)
    served = ask(CRD)
    assert (served.paths, list(served.unknown)) == ({}, [CRD])
    api.routes["/apis"] = Answer(200, body)
    assert (list(ask(CRD).unknown), len(ask(CRD).gaps)) == ([CRD], 1)


@pytest.mark.parametrize("version", ["", "../../evil", "y.example/v1", "x.example/v1/../v2"])
def test_a_version_that_is_none_is_in_no_path(api, ask, version):
    group = {"name": "x.example", "versions": [{"groupVersion": version}]}
    api.routes["/apis"] = Answer(200, {"groups": [group]})
    assert list(ask(CRD).unknown) == [CRD]
    assert [request.path for request in api.log] == ["/version", "/apis"]
