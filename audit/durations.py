"""Lengths of time as people write and read them: 90m, 24h, 8d."""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,5})([dhm])")


def parse(text: str) -> timedelta:
    """The length of time that a number of days, hours or minutes is; ValueError if it is none."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no length of time such as 24h or 8d")
    return int(found[1]) * _UNITS[found[2]]


def written(length: timedelta) -> str:
    """In the two largest units that it has, rounded down to minutes: 8 d, 1 d 4 h, 1 h 30 min."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "min"))
    told = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(told) or "0 min"
