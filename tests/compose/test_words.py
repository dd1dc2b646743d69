from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from audit.compose import words
from reports.model import code
from reports.text import plain


def test_numbers_have_thousands_separators():
    assert words.number(1204) == "1,204"
    assert words.counted(12000, "pod") == "12,000 pods"


@pytest.mark.parametrize(
    ("noun", "many"),
    [("pod", "pods"), ("policy", "policies"), ("namespace with pods", "namespaces with pods")],
)
def test_plurals(noun, many):
    assert words.counted(1, noun) == f"1 {noun}"
    assert words.counted(0, noun) == f"0 {many}"


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (8106, 9310, "87.1 %"),
        (1, 100_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
        (1, 2, "50.0 %"),
    ],
)
def test_all_and_none_are_meant_where_they_are_written(part, total, text):
    assert words.percent(part, total) == text


def test_dates_have_their_zone():
    moment = datetime(2026, 11, 23, 3, 5, tzinfo=timezone(timedelta(hours=1)))
    assert words.day(moment) == "23 November 2026, 02:05 UTC"
    assert words.iso(moment) == "2026-11-23T02:05:00Z"
    assert words.written("2026-11-23T02:05:00Z") == words.day(moment.astimezone(UTC))
    assert words.written("some day") == "some day"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("", ""),
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcd", "a, b, c and d"),
        ("abcdef", "a, b, c and 3 more"),
    ],
)
def test_lists_of_names_count_a_long_rest(names, text):
    assert plain(words.named(tuple(names))) == text


def test_every_one_of_a_few():
    assert [words.every(count, "pod") for count in (1, 2, 1204)] == [
        "the only pod",
        "both pods",
        "all 1,204 pods",
    ]
    assert words.begun("both pods") == "Both pods"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("it has no `from`, so", ("it has no ", code("from"), ", so")),
        ("`a` and `b`", (code("a"), " and ", code("b"))),
        ("none", ("none",)),
        ("one ` alone", "one ` alone"),
    ],
)
def test_between_backticks_is_code(written, shown):
    assert words.in_code(written) == shown


@pytest.mark.parametrize(
    ("length", "total", "shown"),
    [(20, 300, 100), (20, 150, 150), (80, 300, 100), (253, 300, 37), (253, 30, 30), (100_000, 5, 1)],
)
def test_long_names_take_the_room_of_several_rows(length, total, shown):
    rows = pd.DataFrame({"name": ["x" * length] * total})
    assert len(words.head(rows, 100, "name")) == shown
