"""Waivers that do not count, or accept nothing."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import EXCEPTIONS
from audit.checks._subjects import subjects
from audit.facts import Facts
from audit.severity import Severity


@check(title="Waivers are current", severity=Severity.MEDIUM, subject="waiver", needs=(), controls=EXCEPTIONS)
def waivers_are_current(facts: Facts) -> pd.DataFrame:  # noqa: ARG001  # a Judge is given them
    """A waiver accepts findings for a time, with a reason and somebody who answers for it.

    One that has ended, or does not say why, who, or until when, accepts nothing: its findings count again.
    One that matches nothing is an exception that nobody needs, and would accept the finding on the day when
    it comes back; where what it names is there and is no finding today, it is graded low.
    """
    # The waivers are no part of the facts: `waivers.apply` judges them when all other checks have run.
    return subjects({}, 0)
