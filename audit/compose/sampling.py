"""On how many snapshots a statement about a period rests, and how far apart they are."""

from collections.abc import Callable, Iterator
from datetime import datetime

from audit.compose import words
from audit.durations import written
from audit.history.sampling import Sampling


def sentences(sampling: Sampling, told: Callable[[datetime], str]) -> Iterator[str]:
    """How many snapshots, how far apart, and what is left out: all that is known of the period.

    `told` writes a time.
    """
    if sampling.first is None or sampling.last is None:
        yield "There is no snapshot in this period."
        return
    if sampling.spacing is None or sampling.longest is None or sampling.longest_after is None:
        yield f"1 snapshot, of {told(sampling.last)}: what was before or after it is not known."
    else:
        yield (
            f"{words.counted(sampling.snapshots, 'snapshot')} from {told(sampling.first)} to "
            f"{told(sampling.last)}, {written(sampling.spacing)} apart (median), at most "
            f"{written(sampling.longest)} (after {told(sampling.longest_after)}). What was between two of "
            "them is not known."
        )
    if sampling.incomplete:
        yield f"For {words.number(sampling.incomplete)} of them not everything could be read."
    if sampling.others:
        yield f"Left out: {words.counted(sampling.others, 'run')} on another cluster than the newest."
