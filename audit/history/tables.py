"""The tables that a run stores of itself, made of its facts and results."""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.checks import UNASSESSED, CheckResult
from audit.exposure.isolation import spread
from audit.exposure.reach import LEVELS, OUTSIDE
from audit.facts import Facts
from audit.frames import (
    RESULTS,
    STATES,
    STORED_FINDINGS,
    STORED_NAMESPACES,
    STORED_POLICIES,
    STORED_WORKLOADS,
)
from audit.policy.identities import Ints
from audit.policy.kinds import group_of
from audit.policy.model import Direction
from audit.snapshot import READABLE

ISOLATED, OPEN, NOT_ASSESSED, NOT_GOVERNED = range(len(STATES))
_ISOLATION: Final = "pods-are-isolated-for-{}"
_REACH: Final = {"pods": LEVELS, "external": OUTSIDE}
_DIGEST_BYTES: Final = 8
_NOT_CONTENT: Final = ("apiVersion", "kind", "metadata", "status")


def workloads(facts: Facts, results: Sequence[CheckResult]) -> pd.DataFrame:
    """The frame STORED_WORKLOADS."""
    rows = facts.workloads
    governed = (rows["pods"] - rows["host_network_pods"]).to_numpy()
    states = {d.value: _state(rows, governed, d, results) for d in Direction}
    return STORED_WORKLOADS.frame(
        {
            **{name: rows[name] for name in STORED_WORKLOADS.names if name in rows},
            "governed": governed,
            **{direction: pd.Series(spread(STATES, codes)) for direction, codes in states.items()},
            **_farthest(facts.reach),
        }
    )


def namespaces(facts: Facts, workloads: pd.DataFrame) -> pd.DataFrame:
    """The frame STORED_NAMESPACES, of `workloads` as above."""
    rows = facts.namespaces
    read = _read(facts, rows["namespace"])
    home = pd.Index(rows["namespace"]).get_indexer(pd.Index(workloads["namespace"]))
    states = {d.value: _together(workloads[d.value], home, read) for d in Direction}
    return STORED_NAMESPACES.frame(
        {
            **{name: rows[name] for name in STORED_NAMESPACES.names if name in rows},
            **{direction: pd.Series(spread(STATES, codes)) for direction, codes in states.items()},
            "read": read,
        }
    )


def findings(rows: pd.DataFrame, date: str) -> pd.DataFrame:
    """The frame STORED_FINDINGS of what was found, RESULTS; without a date of its own since `date`."""
    since = rows["since"].astype("str")
    return STORED_FINDINGS.conform(rows.assign(since=since.where(since != "", date)))


def policies(rows: pd.DataFrame) -> pd.DataFrame:
    """The frame STORED_POLICIES of the snapshot's `policies`."""
    rows = rows.sort_values(["namespace", "kind", "api_version", "name"], kind="stable", ignore_index=True)
    groups = map(group_of, rows["api_version"].tolist())
    keys = zip(
        groups, *(rows[c].tolist() for c in ("kind", "namespace", "name", "uid", "generation")), strict=True
    )
    digests = [_digest(key, text) for key, text in zip(keys, rows["object"].tolist(), strict=True)]
    return STORED_POLICIES.conform(rows.assign(digest=np.array(digests, np.uint64)))


def content(text: str) -> str:
    """What the object of a policy says, in one order: all but apiVersion, kind, metadata and status."""
    return msgspec.json.encode(_content(text), order="sorted").decode()


def among(texts: pd.Series, others: pd.Series) -> NDArray[np.bool_]:
    """Which of many texts are among many others; `isin` takes ten times as long with texts of Arrow's."""
    places: Ints = pd.Index(others.unique()).get_indexer(pd.Index(texts))
    return places >= 0


def _digest(key: tuple[str, str, str, str, str, int], text: str) -> int:
    """Of a policy's group, kind, namespace, name, uid and generation, and of its object."""
    data = msgspec.json.encode((key, _content(text)), order="sorted")  # files write keys in any order
    return int.from_bytes(hashlib.sha256(data).digest()[:_DIGEST_BYTES])


def _content(text: str) -> dict[str, object]:
    return {key: value for key, value in msgspec.json.decode(text).items() if key not in _NOT_CONTENT}


def _state(rows: pd.DataFrame, governed: Ints, direction: Direction, results: Sequence[CheckResult]) -> Ints:
    """For each workload the place of its state in STATES."""
    judged = among(_keys(rows), _judged(results, _ISOLATION.format(direction)))
    judged &= (rows["unevaluated_policies"] == "").to_numpy()
    lacking = governed - rows[f"pods_{direction}_isolated"].to_numpy()
    conditions = [~judged, governed == 0, lacking == 0]
    return np.select(conditions, [NOT_ASSESSED, NOT_GOVERNED, ISOLATED], OPEN)


def _judged(results: Sequence[CheckResult], check: str) -> pd.Series:
    """The keys of the workloads that a check could judge."""
    frames = [result.subjects for result in results if result.check.id == check]
    rows = frames[0] if frames else RESULTS.empty()
    return _keys(rows[~rows["status"].isin(UNASSESSED)])


def _keys(rows: pd.DataFrame) -> pd.Series:
    return rows["namespace"].astype("str") + "/" + rows["workload"]


def _together(states: pd.Series, home: Ints, read: NDArray[np.bool_]) -> Ints:
    """For each namespace the place of its state, given that of each workload and its namespace's number."""
    has = np.zeros((len(STATES), len(read)), np.bool_)
    places = pd.Index(STATES).get_indexer(pd.Index(states))
    has[places, home] = True
    conditions = [has[OPEN], has[NOT_ASSESSED] | ~read, has[ISOLATED]]
    return np.select(conditions, [OPEN, NOT_ASSESSED, ISOLATED], NOT_GOVERNED)


def _read(facts: Facts, names: pd.Series) -> NDArray[np.bool_]:
    """In which namespaces all pods could be read."""
    if facts.snapshot.state("pods") in READABLE:
        return np.ones(len(names), np.bool_)
    return names.isin(facts.snapshot.read_in("pods")).to_numpy()


def _farthest(pods: pd.DataFrame) -> dict[str, pd.Series]:
    """For each workload, in the order of WORKLOAD_FACTS, the farthest reach of its pods."""
    ranks = {
        f"{direction}_{kind}": _ranks(pods[f"{direction}_{kind}"], words)
        for direction in Direction
        for kind, words in _REACH.items()
    }
    rows = pods[["namespace", "workload"]].assign(**ranks)
    best = rows.groupby(["namespace", "workload"], observed=True, sort=True).max()
    return {name: pd.Series(spread(_REACH[name.partition("_")[2]], best[name].to_numpy())) for name in ranks}


def _ranks(words: pd.Series, order: Sequence[str]) -> Ints:
    """The place of each word in `order`; -1 for none."""
    places = pd.Index(order).get_indexer(words.cat.categories.astype("str"))
    return np.append(places, -1)[words.cat.codes]
