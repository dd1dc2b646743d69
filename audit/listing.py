"""Names in a text, those beyond a number counted."""

from collections.abc import Sequence

from audit.language import number


def listed(texts: Sequence[str], most: int = 5) -> str:
    """The texts in their order, divided by commas, those beyond `most` counted."""
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown} and {number(len(texts) - most)} more"
