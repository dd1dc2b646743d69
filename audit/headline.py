"""The headline figures as numbers: page one prints them, and each run stores them."""

from collections.abc import Sequence
from typing import Annotated, Final, TypeAlias

import msgspec
import numpy as np
import pandas as pd

from audit.checks import CheckResult, Status
from audit.exposure.default_deny import EVERY_POD, STRICT
from audit.policy.model import Direction

BROAD: Final = ("ingress-cidrs-are-narrow", "egress-cidrs-are-narrow")
DOUBTFUL: Final = (
    "policies-select-pods-not-services",
    "rules-use-pod-ports-not-service-ports",
    "ip-blocks-are-not-cluster-ips",
    "policies-select-something",
    "policies-are-well-formed",
)
"""Checks whose findings are policies that do not do what they say."""


Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    count: Count | None
    """None where it is not assessed."""
    of: Count
    whole: bool = True
    """Everything of which it is a share could be assessed; if not, there may be more."""


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of page one, by policy; of the whole cluster, or of what the report is narrowed to."""

    ingress_isolated: Share
    """Pods, of those that a policy could govern."""
    egress_isolated: Share
    ingress_denied: Share
    """Namespaces that deny by default, of those with such pods: whatever pod comes next, and nothing undoes
    it."""
    egress_denied: Share
    broad_rules: Share
    """Rules with broad ranges of addresses."""
    doubtful_policies: Share
    """Policies that do not do what they say, of those that are evaluated."""
    exposed_open: Share = Share(None, 0, whole=False)
    """Workloads that are exposed to outside and not all of whose pods are isolated for ingress, of those that
    are exposed and that policies can govern. What runs before it was counted stored of it is unknown."""


def headline(  # noqa: PLR0913  # the frames that it counts, each by its name
    *,
    known: bool,
    pods: pd.DataFrame,
    namespaces: pd.DataFrame,
    policies: pd.DataFrame,
    rules: pd.DataFrame,
    exposure: pd.DataFrame,
    published: bool,
    findings: pd.DataFrame,
    results: Sequence[CheckResult],
) -> Headline:
    """Count them. `known`: all pods and NetworkPolicies could be read, so that a count says something.

    `published`: so could all that may expose pods. The frames are POD_FACTS, NAMESPACE_FACTS, POLICY_FACTS,
    RULE_FACTS, EXPOSURE and, of what failed or is waived, RESULTS.
    """
    governed = pods[~pods["host_network"]]
    counting = with_pods(namespaces)

    def share(count: int, of: int) -> Share:
        return Share(count if known and of else None, of, known)

    def found(ids: Sequence[str], total: int, keys: list[str]) -> Share:
        """How many these checks found, each once, waived ones too."""
        rows = findings[findings["check"].isin(ids) & findings["kind"].eq("NetworkPolicy")]
        count = len(rows[keys].drop_duplicates())
        whole = known and all(_judged(result) for result in results if result.check.id in ids)
        # none that was found is not none that is there
        return Share(count if known and (whole or count) else None, total, whole)

    return Headline(
        ingress_isolated=share(int(governed["ingress_isolated"].sum()), len(governed)),
        egress_isolated=share(int(governed["egress_isolated"].sum()), len(governed)),
        ingress_denied=share(int(denies(counting, Direction.INGRESS).sum()), len(counting)),
        egress_denied=share(int(denies(counting, Direction.EGRESS).sum()), len(counting)),
        broad_rules=found(BROAD, len(rules), ["namespace", "name", "rule"]),
        doubtful_policies=found(DOUBTFUL, int(policies["evaluated"].sum()), ["namespace", "name"]),
        exposed_open=_exposed_open(exposure, known=known and len(pods) > 0, published=published),
    )


def _exposed_open(exposure: pd.DataFrame, *, known: bool, published: bool) -> Share:
    """Of the workloads that a way leads to from outside, how many are open."""
    rows = from_outside(exposure)
    total = int(rows["workload"].nunique())
    count = int(rows.loc[~rows["ingress_isolated"].astype("bool"), "workload"].nunique())
    whole = known and published
    # none that is seen is not none that is there
    return Share(count if known and (whole or count) else None, total, whole)


def from_outside(exposure: pd.DataFrame) -> pd.DataFrame:
    """The rows of EXPOSURE that begin outside and lead to pods that policies can govern."""
    return exposure[~exposure["internal"] & exposure["ingress_isolated"].notna()]


def with_pods(namespaces: pd.DataFrame) -> pd.DataFrame:
    """The namespaces that count: those with a pod that a policy could govern."""
    return namespaces[namespaces["pods"] > 0]


def denies(namespaces: pd.DataFrame, direction: str) -> np.typing.NDArray[np.bool_]:
    """Which namespaces deny by default for the headline: whatever pod comes next, and nothing undoes it."""
    kinds = namespaces[f"default_deny_{direction}"].isin([STRICT, EVERY_POD])
    return (kinds & ~namespaces[f"nullified_{direction}"]).to_numpy()


def _judged(result: CheckResult) -> bool:
    """Whether the check ran, and nothing that it needs is missing."""
    rows = result.subjects
    nothing = (rows["kind"] == "Cluster") & (rows["status"] == Status.NOT_ASSESSED.value)
    return not (result.unread or (rows["status"] == Status.ERROR.value).any() or nothing.any())
