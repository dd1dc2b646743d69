"""The verdicts as the frame ENFORCEMENT."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from audit.enforcement._combine import Pool
from audit.enforcement._model import Answer
from audit.frames import ENFORCEMENT

_TO_COME: Final = "That is what the manifests give once they are applied."


def table(pools: Sequence[Pool]) -> pd.DataFrame:
    """A row for each pool."""
    verdicts = [pool.verdict for pool in pools]
    ignores = [v.abilities.told if v.answer is Answer.ENFORCED else "" for v in verdicts]
    return ENFORCEMENT.frame(
        {
            "node_pool": [pool.name for pool in pools],
            "nodes": [pool.count for pool in pools],
            "plugin": [v.plugin for v in verdicts],
            "version": [v.version for v in verdicts],
            "verdict": [v.answer.value for v in verdicts],
            "evidence": [v.evidence for v in verdicts],
            "reason": [v.reason if v.applied else f"{v.reason} {_TO_COME}" for v in verdicts],
            "mode": [v.mode for v in verdicts],
            "ignores": ignores,
        }
    )
