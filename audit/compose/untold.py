"""What the tables leave empty, as it hangs on NetworkPolicies of which not all could be read."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype

from audit.compose.view import View
from audit.snapshot import READABLE

_KIND: Final = "networkpolicies"
_STANDING: Final[Mapping[str, bool | str]] = {
    "ingress_isolated": True,
    "egress_isolated": True,
    "nullified_ingress": True,
    "nullified_egress": True,
    "default_deny_ingress": "no_pods",
    "default_deny_egress": "no_pods",
}
"""Columns with a value that no further policy changes: policies only add."""
_HANGING: Final = (
    *("ingress_pods", "egress_pods", "ingress_external", "egress_external"),
    *("pods_ingress_isolated", "pods_egress_isolated"),
    *("allowed", "next_workloads", "next_namespaces", "reachable_workloads", "reachable_namespaces"),
    "first_that_matter",
)
"""Columns each value of which could be another one."""
_COUNTED: Final = ("policies",)
"""The same where it is their number; their names are those of some that were read."""


def known(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with the column `namespace`, less what is not known of namespaces with policies unread."""
    snapshot = view.facts.snapshot
    if snapshot.state(_KIND) in READABLE:
        return frame
    hidden = ~frame["namespace"].isin(snapshot.read_in(_KIND))
    masks = {name: hidden for name in _HANGING if name in frame}
    masks |= {name: hidden for name in _COUNTED if name in frame and is_integer_dtype(frame[name])}
    masks |= {name: hidden & frame[name].ne(value) for name, value in _STANDING.items() if name in frame}
    return frame.assign(**{name: _nullable(frame[name]).mask(mask) for name, mask in masks.items()})


def _nullable(column: pd.Series) -> pd.Series:
    """The column with room for what is not known."""
    if is_bool_dtype(column):
        return column.astype("boolean")
    return column.astype("Int64") if is_integer_dtype(column) else column
