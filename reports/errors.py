"""What can go wrong in rendering."""


class RenderFailure(Exception):  # noqa: N818 - what happened, as its callers call it
    """A report could not be rendered; the message is one line: which output, and why."""
