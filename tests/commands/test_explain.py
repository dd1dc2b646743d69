import json

import pytest


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        (("shop/web", "data/db", "--port", "3306"), "shop/web to data/db, TCP 3306: allowed"),
        (("shop/web", "data/db", "--port", "80"), "shop/web to data/db, TCP 80: denied"),
        (
            ("shop/web", "data/db", "--port", "3306", "--protocol", "udp"),
            "shop/web to data/db, UDP 3306: denied",
        ),
        (("shop/web", "data/db"), "shop/web to data/db, all connections: partly allowed, namely TCP 3306"),
        (
            ("shop/web", "data/db", "--protocol", "TCP"),
            "shop/web to data/db, TCP 1-65535: partly allowed, namely TCP 3306",
        ),
        (("data/Pod/db", "shop/Pod/web"), "data/db to shop/web, all connections: allowed"),
        (("203.0.113.7", "data/db"), "203.0.113.7 to data/db, all connections: denied"),
        (("shop/web", "203.0.113.7"), "shop/web to 203.0.113.7, all connections: allowed"),
    ],
)
def test_the_first_line_is_the_answer(call, arguments, verdict):
    status, out, err = call("explain", *arguments)
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == verdict


def test_policies_and_rules_that_decide_are_named_in_both_directions(call):
    lines = call("explain", "shop/web", "data/db", "--port", "3306")[1].splitlines()
    assert lines[1] == "  Egress of shop/web: allowed; no policy selects it."
    assert lines[2] == "  Ingress of data/db: isolated (by data/db)."
    assert lines[3].startswith("    data/db ingress[0].from[0] allows TCP 3306: ")
    denied = call("explain", "shop/web", "data/db", "--port", "80")[1].splitlines()
    assert denied[2] == "  Ingress of data/db: denied; isolated, and no rule allows it (by data/db)."


def test_a_pod_reaches_itself(call):
    lines = call("explain", "data/db", "data/db")[1].splitlines()
    assert lines[0] == "data/db to data/db, all connections: allowed"
    assert lines[2] == "  Ingress of data/db: allowed; a pod always reaches itself."


def test_json_has_all_of_it(call):
    [answer] = json.loads(call("explain", "shop/web", "data/db", "--port", "3306", "--format", "json")[1])
    assert answer["verdict"] == "allowed"
    assert answer["allowed"] == answer["asked"] == "TCP 3306"
    assert answer["egress"] == {
        "isolated": False,
        "policies": [],
        "exempt": "",
        "allowed": "TCP 3306",
        "rules": [],
    }
    [rule] = answer["ingress"]["rules"]
    assert (rule["policy"], rule["rule"]) == ("data/db", "ingress[0].from[0]")


@pytest.mark.parametrize("end", ["shop/absent", "shop", "shop/Deployment/web", "a/b/c/d"])
def test_an_end_that_is_not_there_is_a_usage_error(call, end):
    status, out, err = call("explain", end, "data/db")
    assert (status, out) == (2, "")
    assert err.startswith("segaudit: ")
    assert end in err


BALANCER = """
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data}
spec:
  type: LoadBalancer
  selector: {app: db}
  loadBalancerSourceRanges: [203.0.113.0/24]
  ports: [{port: 80, targetPort: 3306}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: data}
spec: {defaultBackend: {service: {name: db, port: {number: 80}}}}
"""


def test_what_leads_from_an_address_outside_to_a_pod_is_told(call, source):
    with (source / "all.yaml").open("a", encoding="utf-8") as file:
        file.write(BALANCER)
    lines = call("explain", "203.0.113.7", "data/db")[1].splitlines()
    outside = "  From outside to data/db: "
    assert lines[3] == (
        f"{outside}LoadBalancer Service data/db (TCP 3306) leads to it, and policies keep it out."
    )
    assert lines[4] == (
        f"{outside}Ingress data/front (TCP 3306) sends on through pods that are not known: ask from these."
    )
    assert lines[5] == (
        "  At data/db: whether policies are enforced cannot be told. Neither a node nor a network plug-in is "
        "in what was read."
    )
    lines = call("explain", "198.51.100.1", "data/db")[1].splitlines()
    assert lines[3].endswith("(TCP 3306) does not let 198.51.100.1 in: only 203.0.113.0/24.")


def test_where_nothing_leads_from_outside_that_is_said(call):
    lines = call("explain", "203.0.113.7", "shop/web")[1].splitlines()
    assert lines[3].startswith(
        "  From outside to shop/web: no Service, Ingress, Gateway or hostPort that was read"
    )
    [answer] = json.loads(call("explain", "203.0.113.7", "shop/web", "--format", "json")[1])
    assert answer["ways"] == []
    [answer] = json.loads(call("explain", "data/db", "shop/web", "--format", "json")[1])
    assert answer["ways"] is None
    assert list(answer["enforced"]) == ["data/db", "shop/web"]
