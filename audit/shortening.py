"""Texts that are cut, and say so."""


def shortened(text: str, most: int) -> str:
    """At most so many characters of it; where there are more, the last is an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"
