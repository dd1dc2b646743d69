"""What is read of a cluster, and so the rights that it takes."""

from audit.collect import kinds
from audit.collect.cluster.resources import CONFIG_MAPS, RESOURCES, SAME, permissions
from audit.policy import kinds as policy_kinds


def test_nothing_but_lists_and_config_maps_by_name():
    for right in permissions():
        if right.resource == "configmaps":
            assert (right.group, right.verb) == ("", "get")
            assert right.name
        else:
            assert (right.verb, right.name) == ("list", "")


def test_no_secrets():
    assert not [one for one in permissions() if "secret" in one.resource.lower()]
    assert not [one for one in RESOURCES if one.kind in ("Secret", "ConfigMap")]


def test_no_subresources_and_no_wildcards():
    for right in permissions():
        assert right.resource.replace("-", "").isalnum()
        assert "*" not in right.group + right.verb


def test_every_kind_that_is_known_is_listed():
    listed = {(one.group, one.kind): one for one in RESOURCES}
    assert len(listed) == len(RESOURCES)
    for known in (*kinds.KINDS.values(), *kinds.KEPT_KINDS.values()):
        if isinstance(known, kinds.Kind) or known.listed:
            assert listed[known.groups[0], known.kind].plural == known.plural
    for (group, _), policy in policy_kinds.KINDS.items():
        if group != "extensions":
            one = listed[group, policy.kind]
            assert (one.plural, one.namespaced) == (policy.plural, policy.scope == "namespaced")


def test_plural_names_tell_resources_apart():
    assert len({one.plural for one in RESOURCES if one.kind != "Route"}) == len(RESOURCES) - 1


def test_the_name_in_a_path_is_without_the_group():
    assert not [one for one in RESOURCES if "." in one.path_name]


def test_what_is_cluster_wide():
    found = {one.kind for one in RESOURCES if not one.namespaced}
    assert {"Namespace", "Node", "ServiceCIDR"} <= found
    assert not found & {"Pod", "Service", "NetworkPolicy", "Deployment", "Ingress"}


def test_no_group_that_is_gone_and_both_of_calico():
    groups = {one.group for one in RESOURCES}
    assert "extensions" not in groups
    assert set(SAME) | set(SAME.values()) <= groups


def test_config_maps_are_got_where_plugins_have_them():
    assert ("kube-system", "cilium-config") in CONFIG_MAPS
    assert len(set(CONFIG_MAPS)) == len(CONFIG_MAPS)
    named = {right.name for right in permissions() if right.resource == "configmaps"}
    assert named == {one.name for one in CONFIG_MAPS}
