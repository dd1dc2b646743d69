from datetime import timedelta

import pytest

from audit.durations import parse, written


@pytest.mark.parametrize(
    ("text", "length"),
    [("90m", timedelta(minutes=90)), ("24h", timedelta(days=1)), ("8d", timedelta(days=8))],
)
def test_lengths_are_read(text, length):
    assert parse(text) == length


@pytest.mark.parametrize("text", ["", "24", "0d", "1.5h", "-1d", "24 h", "٣d", "1w", "9999999d"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ValueError, match="is no length of time"):
        parse(text)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=8), "8 d"),
        (timedelta(days=1, hours=4, minutes=59), "1 d 4 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=2, minutes=3), "2 d 3 min"),
        (timedelta(seconds=59), "0 min"),
    ],
)
def test_lengths_are_written_in_two_units(length, text):
    assert written(length) == text
