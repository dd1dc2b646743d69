"""How far each kind could be read."""

import pytest

from audit import frames
from audit.collect.cluster import outcomes
from audit.collect.cluster.api.discovery import Served
from audit.collect.cluster.outcomes import Outcome, require_pods
from audit.collect.cluster.resources import CONFIG_MAPS, RESOURCES, SAME, Resource
from audit.errors import CollectError

PODS = next(one for one in RESOURCES if one.plural == "pods")
CONFIG_MAP = Resource("", "ConfigMap", "configmaps", namespaced=True)
FORBIDDEN = "the server answered 403 (no)"


def outcome(objects=0, namespace="", status=200, failed="", **more):
    return Outcome(namespace, objects, "1", "2", status, failed, **more)


def forbidden(**more):
    return outcome(status=403, failed=FORBIDDEN, **more)


def rows_of(found, served=None, unread=()):
    kinds, parts = outcomes.rows(found, served or Served(), unread)
    return {row.kind: row for row in kinds}, parts


def pods_of(*found, unread=()):
    kinds, parts = rows_of({PODS: found}, unread=unread)
    return kinds["pods"], parts


@pytest.mark.parametrize(
    ("one", "state", "reason"),
    [
        (outcome(3), "listed", ""),
        (outcome(0), "listed", ""),
        (outcome(3, inconsistent="of two moments"), "inconsistent", "of two moments"),
        (forbidden(), "forbidden", FORBIDDEN),
        (forbidden(objects=1500), "partial", f"broke off after 1,500 objects: {FORBIDDEN}"),
        (outcome(status=500, failed="x"), "partial", "x"),
        (outcome(2, status=0, failed="x"), "partial", "broke off after 2 objects: x"),
        (outcome(2, status=500, failed="x", inconsistent="y"), "partial", "broke off after 2 objects: x"),
        (
            outcome(status=404, failed="x"),
            "partial",
            "served when the run began, and gone when it was listed: x",
        ),
    ],
)
def test_states_of_a_list(one, state, reason):
    row, parts = pods_of(one)
    assert (row.state, row.reason, row.objects, parts) == (state, reason, one.objects, [])
    assert (row.started, row.ended) == ("1", "2")


def test_resource_version():
    assert pods_of(outcome(1, resource_version="7"))[0].resource_version == "7"


def test_an_object_that_could_not_be_read_makes_the_kind_partial():
    row, _ = pods_of(outcome(3), unread={"pods"})
    assert (row.state, row.reason) == ("partial", "an object of this kind could not be read")
    assert pods_of(forbidden(), unread={"pods"})[0].state == "forbidden"


def test_what_is_not_served():
    kinds, _ = rows_of({PODS: [outcome()]})
    assert kinds["services"].state == "not served"
    assert {row.state for row in kinds.values()} == {"listed", "not served"}
    twins = {one.plural for one in RESOURCES if one.group in SAME}
    assert set(kinds) == {one.plural for one in RESOURCES} - twins


def test_what_is_not_known_to_be_served():
    services = next(one for one in RESOURCES if one.plural == "services")
    kinds, _ = rows_of({PODS: [outcome()]}, Served(unknown={services: "x"}))
    assert kinds["services"][2:] == ("partial", 0, "", "", "", "whether there are any is not known: x")


# -- in some namespaces only -------------------------------------------------------------------------


def test_namespaces_that_could_be_listed():
    row, parts = pods_of(forbidden(), outcome(2, "b"), outcome(1, "a"))
    assert (row.state, row.objects) == ("partial", 3)
    assert row.reason == f"read in b, a only: {FORBIDDEN}"
    assert [(p.namespace, p.state, p.objects) for p in parts] == [("a", "listed", 1), ("b", "listed", 2)]


def test_namespaces_some_of_which_could_not():
    row, parts = pods_of(forbidden(), outcome(2, "a"), forbidden(namespace="b"))
    assert row.state == "partial"
    assert row.reason == f"read in a only: {FORBIDDEN}; not in b: {FORBIDDEN}"
    assert [p.state for p in parts] == ["listed", "forbidden"]


def test_namespaces_none_of_which_could():
    row, parts = pods_of(forbidden(), forbidden(namespace="a"))
    assert (row.state, len(parts)) == ("forbidden", 1)


def test_many_namespaces_are_not_all_named():
    row, _ = pods_of(forbidden(), *(outcome(1, f"n{i}") for i in range(8)))
    assert row.reason.startswith("read in n0, n1, n2, n3, n4 and 3 more only: ")


def test_a_namespace_that_broke_off_is_partial():
    row, parts = pods_of(forbidden(), outcome(2, "a", status=500, failed="x"))
    assert (row.state, row.objects, parts[0].state) == ("partial", 2, "partial")


# -- ConfigMaps --------------------------------------------------------------------------------------


def config_maps(*failed, objects=0):
    found = [outcome(objects, one.namespace) for one in CONFIG_MAPS]
    for place in failed:
        found[place] = forbidden(namespace=CONFIG_MAPS[place].namespace)
    kinds, parts = rows_of({PODS: [outcome(1)], CONFIG_MAP: found})
    assert parts == []
    return kinds["configmaps"]


def test_config_maps():
    assert config_maps(objects=1)[2:4] == ("listed", len(CONFIG_MAPS))
    assert config_maps()[2:4] == ("listed", 0)


def test_config_maps_some_of_which_could_not_be_got():
    row = config_maps(0, 1)
    first, second = (f"{one.namespace}/{one.name}" for one in CONFIG_MAPS[:2])
    assert (row.state, row.reason) == ("partial", f"{first}, {second}: {FORBIDDEN}")
    assert config_maps(*range(len(CONFIG_MAPS))).state == "forbidden"


# -- nothing to audit --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([forbidden()], "the pods of c cannot be read: .*403.*rbac.yaml.*--namespace"),
        ([forbidden(), forbidden(namespace="a")], "the pods of c cannot be read: .*not in a"),
        ([outcome(status=500, failed="x")], "the pods of c cannot be read: x; try again later"),
        ([forbidden(), outcome(0, "a", status=500, failed="x")], "the pods of c cannot be read"),
        ([outcome()], "c has no pods: there is nothing to audit"),
        ([outcome(inconsistent="x")], "c has no pods"),
    ],
)
def test_without_pods_there_is_nothing_to_audit(found, told):
    row, parts = pods_of(*found)
    with pytest.raises(CollectError, match=told):
        require_pods([row], parts, "c")


@pytest.mark.parametrize(
    "found",
    [
        [outcome(1)],
        [outcome(1, status=500, failed="x")],
        [forbidden(), outcome(1, "a")],
        [forbidden(), outcome(0, "a")],
        [forbidden(), outcome(0, "a"), forbidden(namespace="b")],
    ],
)
def test_some_pods_or_a_namespace_without_any_are_enough(found):
    row, parts = pods_of(*found)
    require_pods([row], parts, "c")


def test_tables():
    kinds, parts = outcomes.rows({PODS: [forbidden(), outcome(2, "a")]}, Served(), ())
    assert outcomes.table(kinds, frames.KINDS).num_rows == len(kinds)
    (row,) = outcomes.table(parts, frames.PARTS).to_pylist()
    assert (row["kind"], row["namespace"], row["state"], row["objects"]) == ("pods", "a", "listed", 2)
