"""The section Waivers."""

import pytest

from audit import checks, waivers
from audit.compose import compose
from audit.facts import evaluate
from audit.settings import Settings
from reports.text import plain
from tests.compose.conftest import AS_OF
from tests.compose.objects import pod

CHECK = "namespaces-have-policies"
TERMS = "reason: r, owner: o, approved_by: a, expires: 2026-12-31"


@pytest.fixture
def section(snapshot, tmp_path):
    def make(*entries, only=None):
        path = tmp_path / "waivers.yaml"
        path.write_text("waivers:\n" + "".join(f"- {{{e}}}\n" for e in entries) if entries else "", "utf-8")
        facts = evaluate(snapshot(pod("a") + pod("b", "bank")), Settings())
        applied = waivers.apply(checks.run(facts, only), waivers.read(path), facts, AS_OF, only)
        report = compose(
            facts, applied.results, as_of=AS_OF, generator="g", only=only, waivers=applied.waivers
        )
        return next(section for section in report.sections if section.anchor == "waivers")

    return make


def test_that_there_is_none_is_said(section):
    made = section()
    assert plain(made.lead).startswith("No finding is waived: there are no waivers.")
    assert not made.blocks


def test_reason_owner_approver_and_end_stand_there_what_does_not_count_first(section):
    good, bad = (
        f"check: {CHECK}, namespace: shop, {TERMS}, ticket: T-1",
        f"check: {CHECK}, name: gone, {TERMS}",
    )
    made = section(good, bad)
    assert plain(made.lead) == (
        "1 finding is waived, by 1 waiver in force. 1 waiver does not count or accepts nothing, which is a "
        "finding. All waivers are in csv/waivers.csv."
    )
    (table,) = made.blocks
    assert [group.title for group in table.groups] == ["Do not count, or accept nothing", "In force"]
    rows = [[plain(cell) for cell in row] for group in table.groups for row in group.rows]
    assert rows[1] == [
        "Namespaces have policies: all in shop (waivers.yaml:2)",
        "1",
        "r (T-1)",
        "o",
        "a",
        "",
        "2026-12-31",
    ]
    assert "matches nothing" in rows[0][2]


def test_it_is_narrowed_as_the_report_is(section):
    made = section(
        f"check: {CHECK}, namespace: shop, {TERMS}", f"check: {CHECK}, name: bank, {TERMS}", only=["shop"]
    )
    assert len([row for group in made.blocks[0].groups for row in group.rows]) == 2
    made = section(
        f"check: {CHECK}, namespace: shop, {TERMS}",
        f"check: {CHECK}, namespace: bank, {TERMS}",
        only=["shop"],
    )
    assert len([row for group in made.blocks[0].groups for row in group.rows]) == 1


def test_of_many_the_first_are_shown_and_the_rest_counted(section):
    made = section(*(f"check: {CHECK}, name: gone-{number}, {TERMS}" for number in range(100)))
    (table,) = made.blocks
    assert sum(len(group.rows) for group in table.groups) == 40
    assert plain(table.more) == "and 60 more, see csv/waivers.csv."
