"""policyreports.yaml in a real API server, as `kubectl apply` sends it: taken, and replaced by the next."""

import json
from pathlib import Path

import msgspec
import pytest
import yaml

from reports.to_policyreport import render_policyreport
from tests.apiserver.crds import crd
from tests.reports import audited

pytestmark = pytest.mark.apiserver

FIELDS = json.loads(
    (Path(__file__).parents[1] / "reports" / "schemas" / "openreports.json").read_text("utf-8")
)
KINDS = (("Report", "reports"), ("ClusterReport", "clusterreports"))


def structural(schema):
    """The same as a server wants it: nothing referred to, a type everywhere, nothing said of metadata."""
    if "$ref" in schema:
        return structural(FIELDS["$defs"][schema["$ref"].rpartition("/")[2]])
    known = {name: schema[name] for name in ("required", "enum", "minimum", "maximum") if name in schema}
    known["type"] = schema.get("type", "string")
    if "properties" in schema:
        known["properties"] = {name: structural(each) for name, each in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        known["additionalProperties"] = structural(schema["additionalProperties"])
    if "items" in schema:
        known["items"] = structural(schema["items"])
    return known


@pytest.fixture(scope="module")
def server(apiserver):
    schema = structural(FIELDS)
    schema["properties"] |= {
        "metadata": {"type": "object"},
        "kind": {"type": "string"},
        "apiVersion": {"type": "string"},
    }
    for kind, plural in KINDS:
        definition = crd("openreports.io", "v1alpha1", kind, plural, namespaced=kind == "Report")
        definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema
        apiserver.kubectl("apply", "-f", "-", input=json.dumps(definition))
    for _, plural in KINDS:
        apiserver.kubectl("wait", "--for=condition=established", f"crd/{plural}.openreports.io")
    for namespace in ("shop", "payments", "quiet"):
        apiserver.kubectl("create", "namespace", namespace)
    return apiserver


def apply(server, report):
    data = render_policyreport(report).decode()
    said = server.kubectl("apply", "--validate=strict", "--warnings-as-errors", "-f", "-", input=data)
    assert len(said.splitlines()) == len(list(yaml.safe_load_all(data)))
    return said


def stored(server, namespace):
    found = msgspec.json.decode(server.kubectl("get", "reports", "--namespace", namespace, "--output=json"))
    return {each["metadata"]["name"]: each for each in found["items"]}


def test_it_is_taken_as_it_is_and_replaced_by_the_next(server):
    assert "unchanged" not in apply(server, audited.report())
    assert stored(server, "shop")["segaudit"]["summary"]["fail"] == 2
    apply(server, audited.report(()))
    assert stored(server, "shop")["segaudit"]["results"] == []


def test_the_largest_fits_what_kubectl_keeps_of_it(server):
    rows = [audited.finding(f"w{number}", number, message='"' * 1000) for number in range(600)]
    apply(server, audited.report(rows))
    found = stored(server, "shop")
    assert sum(len(each["results"]) for each in found.values()) == 600
    assert len(found) > 3


def test_hostile_texts_are_taken(server):
    rows = list(
        next(each for each in audited.hostile().data if each.name == "findings").frame.itertuples(
            index=False, name=None
        )
    )
    shop = [(*row[:4], "shop", *row[5:]) for row in rows]
    apply(server, audited.report(shop))
    found = stored(server, "shop")["segaudit"]["results"]
    assert len(found) == len(rows)
