"""Reports of single namespaces beside the whole."""

from datetime import UTC, datetime
from functools import partial

import pytest

from audit import checks
from audit.compose import compose, split
from audit.compose.split import Beside
from audit.facts import evaluate
from audit.settings import Settings
from reports.model import Paragraph
from reports.text import plain
from tests.compose.objects import CLOSED, pod

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OPEN = pod("web") + CLOSED + pod("db", "data") + pod("x", "more") + pod("y", "more")


@pytest.fixture
def judged(snapshot):
    def make(manifests):
        facts = evaluate(snapshot(manifests), Settings())
        return facts, checks.run(facts, None)

    return make


def test_those_with_the_gravest_findings_come_first(judged):
    _, results = judged(OPEN)
    known = ["shop", "data", "more"]
    assert split.beside(results, known, None, 200) == Beside(("more", "data"), 0)
    assert split.beside(results, known, None, 1) == Beside(("more",), 1)
    assert split.beside(results, known, ["more", "shop"], 200) == Beside(("more",), 0)
    # as the namespace of a waiver with a slip in it
    assert split.beside(results, ["shop", "data"], None, 200) == Beside(("data",), 0)


def test_a_part_is_the_report_of_that_namespace_alone(judged):
    facts, results = judged(OPEN)
    composed = partial(compose, facts, as_of=AS_OF, generator="segaudit")
    parts = dict(split.parts(results, Beside(("data", "more"), 0), composed))
    assert list(parts) == ["namespaces/data", "namespaces/more"]
    whole = composed(results, only=["data"])
    kept = [section for section in whole.sections if section.anchor != "complete-tables"]
    assert list(parts["namespaces/data"].sections) == kept
    assert parts["namespaces/data"].part
    assert parts["namespaces/data"].page_one == whole.page_one
    assert dict(split.parts(results, None, composed)) == {}


def test_a_name_that_no_server_takes_leads_nowhere_else():
    ((name, path),) = Beside(("../x",), 0).paths()
    assert name == "../x"
    assert path.startswith("namespaces/.")
    assert "/" not in path.removeprefix("namespaces/")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, []),
        (Beside((), 0), ["No namespace has a finding, so that none has a report of its own."]),
        (Beside(("a",), 0), ["1 namespace has a report of its own, in namespaces/."]),
        (
            Beside(("a", "b"), 3),
            ["2 namespaces have reports of their own, in namespaces/; 3 more with findings have none."],
        ),
    ],
)
def test_what_the_whole_says_of_them(judged, made, words):
    assert [plain(block.text) for block in split.told(made)] == words
    facts, results = judged(OPEN)
    report = compose(facts, results, as_of=AS_OF, generator="segaudit", beside=made)
    (section,) = [section for section in report.sections if section.anchor == "namespaces"]
    told = [plain(block.text) for block in section.blocks if isinstance(block, Paragraph)]
    assert set(words) <= set(told)
