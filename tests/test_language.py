"""Numbers and dates, each language's own; the expected texts are those of CLDR's charts."""

import threading
from datetime import UTC, datetime

import pytest

from audit import language
from audit.errors import UsageError

MOMENT = datetime(2026, 9, 3, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "number", "decimal", "date", "short", "time"),
    [
        ("en-GB", "150,000", "-12.5", "3 September 2026", "3 Sept", "14:00 UTC"),
        ("en-US", "150,000", "-12.5", "September 3, 2026", "Sep 3", "2:00\u00a0PM UTC"),
        ("de", "150.000", "-12,5", "3. September 2026", "3. Sept.", "14:00 UTC"),
        ("fr-FR", "150\u00a0000", "-12,5", "3 septembre 2026", "3 sept.", "14:00 UTC"),
        ("hi-IN", "1,50,000", "-12.5", "3 सितंबर 2026", "3 सित॰", "2:00 pm UTC"),
        ("zh-Hans-CN", "150,000", "-12.5", "2026年9月3日", "9月3日", "14:00 UTC"),
    ],
)
def test_each_language_has_its_own(tag, number, decimal, date, short, time):  # noqa: PLR0913, PLR0917
    with language.written_in(tag, any_script=True):
        assert language.number(150_000) == number
        assert language.number(999) == "999"
        assert language.decimal(-12.5) == language.decimal(-12.5, signed=True) == decimal
        assert language.decimal(0.1, signed=True).startswith("+")
        assert language.date(MOMENT) == date
        assert language.date(MOMENT, "MMMd") == short
        assert language.time(MOMENT) == time
    assert language.number(150_000) == "150,000"


@pytest.mark.parametrize(("tag", "fonts"), [("ja", False), ("th", False), ("ar", True), ("he", True)])
def test_dates_that_cannot_be_printed_are_those_of_iso_8601(tag, fonts):
    with language.written_in(tag, any_script=fonts):
        assert language.date(MOMENT) == language.date(MOMENT, "MMMd") == "2026-09-03"
        assert language.time(MOMENT) == "14:00 UTC"


def test_it_holds_in_every_thread():
    found = []
    with language.written_in("de"):
        thread = threading.Thread(target=lambda: found.append(language.number(1204)))
        thread.start()
        thread.join()
    assert found == ["1.204"]


@pytest.mark.parametrize("tag", ["xx", "de-XX", "en_GB", "", "C"])
def test_an_unknown_language_is_named(tag):
    reason = f"language: there are no formats for {tag}; write a tag"
    with pytest.raises(UsageError, match=reason), language.written_in(tag):
        pass
