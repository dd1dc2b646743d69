"""How grave a finding is where it stands: exposed to outside, in a sensitive scope, in a system namespace.

One step up for each of the first two, one down for the third, and one step in all at most.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from audit.checks._subjects import places
from audit.facts import Facts
from audit.severity import Severity

_STEPS: Final = {1: "one step higher", -1: "one step lower"}


def graded(facts: Facts, rows: pd.DataFrame, base: Sequence[int]) -> list[tuple[Severity, str]]:
    """The severity of each finding of a Judge's frame, `base` before context, and the reason of a change.

    The reason is a sentence; empty where the context changes nothing.
    """
    system = places(rows).isin(facts.settings.systems).tolist()
    keys = zip(*(rows[c].astype("str").tolist() for c in ("kind", "namespace", "name")), strict=True)
    return [
        _graded(Severity(of), facts.exposed.get(key, ""), facts.sensitive.get(key, ""), lowered=lowered)
        for key, of, lowered in zip(keys, base, system, strict=True)
    ]


def _graded(base: Severity, exposed: str, scope: str, *, lowered: bool) -> tuple[Severity, str]:
    raising = [f"as it is exposed by {exposed}"] * bool(exposed) + [f"in scope {scope}"] * bool(scope)
    steps = min(1, max(-1, len(raising) - lowered))
    grade = base.shifted(steps)
    if grade is base:
        return base, ""
    why = " and ".join(raising) if steps > 0 else "in a system namespace"
    return grade, f"Graded {grade.word}: {base.word}, {_STEPS[steps]} {why}."
