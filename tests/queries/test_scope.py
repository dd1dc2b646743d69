import pytest

from audit.collect.files import collect_files
from audit.errors import UsageError
from audit.facts import evaluate
from audit.queries.scope import chosen
from audit.settings import Settings

NAMESPACES = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop, env: prod}}
---
apiVersion: v1
kind: Namespace
metadata: {name: pay, labels: {team: pay}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bare}
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    path = tmp_path_factory.mktemp("in") / "all.yaml"
    path.write_text(NAMESPACES, "utf-8")
    return evaluate(collect_files(path, taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("team=shop", ["shop"]),
        ("team==shop", ["shop"]),
        ("team!=shop", ["bare", "pay"]),
        ("team in (shop, pay)", ["pay", "shop"]),
        ("team notin (shop,pay)", ["bare"]),
        ("team", ["pay", "shop"]),
        ("!team", ["bare"]),
        ("! team", ["bare"]),
        ("team in (shop,pay),!env", ["pay"]),
        ("team=shop , env=prod", ["shop"]),
        ("kubernetes.io/metadata.name=bare", ["bare"]),
        ("env!=", ["bare", "pay", "shop"]),
    ],
)
def test_a_selector_is_read_as_kubectl_does(facts, selector, names):
    assert chosen(facts, (), selector) == names


@pytest.mark.parametrize("selector", ["", ",", "a b", "a in b", "a=b=c", "a in (b", "=b", "a>1", "é=b"])
def test_what_is_no_selector_is_refused(facts, selector):
    with pytest.raises(UsageError, match="is not understood"):
        chosen(facts, (), selector)


def test_names_are_taken_as_they_are(facts):
    assert chosen(facts, (), None) is None
    assert chosen(facts, ("shop", "absent"), None) == ["absent", "shop"]
    assert chosen(facts, ("absent",), "team=pay") == ["absent", "pay"]


def test_a_selector_that_selects_nothing_is_an_error(facts):
    with pytest.raises(UsageError, match="no namespace"):
        chosen(facts, (), "team=nobody")
