"""The CSV files of Calico Enterprise's compliance reports, column for column.

An endpoint is a pod that policies can govern; objects are written `Kind(namespace/name)`, lists are divided
by semicolons. With the tables of a period, protected is what was so in each of its snapshots, and what is
gone stays as its workload. A cell is empty where it cannot be told.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import values
from reports.model import DataColumn, Dataset, Report
from reports.to_csv import write_csv

_SCOPE: Final = (
    *("startTime", "endTime", "endpointSelector", "namespaceNames", "namespaceSelector"),
    *("serviceAccountNames", "serviceAccountSelectors"),
)
_INTERNET: Final = {"ingress": "ingressFromInternet", "egress": "egressToInternet"}
_OTHERS: Final = {"ingress": "ingressFromOtherNamespace", "egress": "egressToOtherNamespace"}
_PROTECTED: Final = {"ingress": "ingressProtected", "egress": "egressProtected"}
_LISTS: Final = ("appliedPolicies", "services")
_OF_FLOWS: Final = (
    "trafficAggregationPrefix",
    "endpointsGeneratingTrafficToThisEndpoint",
    "endpointsReceivingTrafficFromThisEndpoint",
)
_ENVOY: Final = "envoyEnabled"
_POLICIES: Final = (
    *("NetworkPolicy", "GlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"),
    *("StagedNetworkPolicy", "StagedGlobalNetworkPolicy"),
)
"""The kinds that a policy audit is of."""

_Row: TypeAlias = dict[str, object]
_Pair: TypeAlias = tuple[str, str]
Mask: TypeAlias = NDArray[np.bool_]


def render_calico_csv(report: Report) -> dict[str, bytes]:
    """The files by path: `inventory/endpoints.csv` and so on."""
    endpoints = _Endpoints(report).table()
    namespaces, scope = _namespaces(endpoints), _scope(report)
    protected, exposed = _PROTECTED.values(), (*_INTERNET.values(), *_OTHERS.values())
    summaries = {
        "inventory": _inventoried(endpoints, namespaces),
        "network-access": _accessible(endpoints),
        "policy-audit": _changed(report),
    }
    tables = (
        ("inventory/endpoints", endpoints, ("endpoint", *protected, _ENVOY, *_LISTS)),
        ("inventory/namespaces", namespaces, ("namespace", *protected, _ENVOY)),
        ("inventory/services", _services(endpoints), ("service", _PROTECTED["ingress"], _ENVOY)),
        (
            "network-access/endpoints",
            endpoints,
            ("endpoint", *protected, *exposed, _ENVOY, *_LISTS, *_OF_FLOWS),
        ),
        *(
            (f"{name}/summary", pd.DataFrame([scope | row]), (*scope, *row))
            for name, row in summaries.items()
        ),
    )
    return {f"{name}.csv": _file(frame, columns) for name, frame, columns in tables}


class _Endpoints:
    """The pods of a report, and the workloads of its period that are gone."""

    def __init__(self, report: Report) -> None:
        self._report = report
        pods = values.table(report, "pods").frame
        self._pods = pods[~pods["host_network"].to_numpy()].reset_index(drop=True)
        self._period = _frame(report, "period_workloads")
        self._known = _figure(report, "isolated_pods") is not None

    def table(self) -> pd.DataFrame:
        """A row an endpoint: its namespace and name, what holds of it, its policies and Services."""
        pods = self._pods
        policies, of_policies = _pairs(pods, ("namespace", "policies"))
        services, of_services = _pairs(pods, ("namespace", "services"))
        namespace = pods["namespace"].astype("str")
        rows: dict[str, object] = {
            "namespace": namespace,
            "endpoint": "Pod(" + namespace + "/" + pods["pod"].astype("str") + ")",
            "appliedPolicies": _named(policies, of_policies, "NetworkPolicy"),
            "services": _named(services, of_services, "Service"),
        }
        doubtful = (pods["unevaluated_policies"].astype("str") != "").to_numpy(bool) | (not self._known)
        unknown = doubtful | self._moved()
        for column, flags in self._flags(policies).items():
            rows[column] = _unless(flags[of_policies], ~flags[of_policies] & unknown)
        for direction, column in _PROTECTED.items():
            rows[column] = self._protected(direction, doubtful)
        return pd.concat([pd.DataFrame(rows), *self._gone()], ignore_index=True)

    def _flags(self, policies: Sequence[_Pair]) -> dict[str, Mask]:
        """Of each set of policies, whether a rule of them names addresses outside, or other namespaces."""
        rules = values.table(self._report, "rules").frame
        rules = rules[rules["in_effect"].to_numpy(bool)]
        flags = {}
        for columns, flag in ((_INTERNET, "internet"), (_OTHERS, "other_namespaces")):
            for direction, column in columns.items():
                chosen = rules[flag].to_numpy(bool) & (rules["direction"] == direction).to_numpy(bool)
                naming = rules.loc[chosen, ["namespace", "policy"]].astype("str")
                found = set(naming.itertuples(index=False, name=None))
                holds = [
                    any((place, name) in found for name in names.split(",")) for place, names in policies
                ]
                flags[column] = np.array(holds, bool)
        return flags

    def _protected(self, direction: str, doubtful: Mask) -> pd.arrays.BooleanArray:
        """Now, and in the snapshots of the period so far."""
        pods = self._pods
        isolated = pods[f"{direction}_isolated"].fillna(value=False).to_numpy(bool)
        unknown = ~isolated & doubtful
        if self._period is None:
            return _unless(isolated, unknown)
        open_now = (~isolated & ~unknown).astype(np.int64)
        keys = ["namespace", "workload"]
        now = pods[keys].astype("str").assign(open=open_now).groupby(keys)["open"].max()
        counts = [f"{direction}_open", f"{direction}_not_assessed"]
        before = self._period.astype(dict.fromkeys(keys, "str")).set_index(keys)[counts]
        index = pd.MultiIndex.from_frame(pods[keys].astype("str"))
        opened, untold = (before[count].reindex(index, fill_value=0).to_numpy(np.int64) for count in counts)
        opened -= now.reindex(index).to_numpy(np.int64)  # this snapshot is one of them, and told pod by pod
        ever = isolated & (opened <= 0)
        return _unless(ever, unknown | (ever & (untold > 0)))

    def _moved(self) -> Mask:
        """Whether policies of the pod's namespace changed in the period, so that others may have applied."""
        changes = _frame(self._report, "policy_changes")
        if changes is None:
            return np.zeros(len(self._pods), bool)
        return self._pods["namespace"].astype("str").isin(changes["namespace"].astype("str")).to_numpy()

    def _gone(self) -> Iterator[pd.DataFrame]:
        """The workloads that were there and are no more; of their policies and Services nothing is kept."""
        if self._period is None:
            return
        gone = self._period[self._period["gone"].fillna(value=False).to_numpy(bool)]
        governed = gone[["ingress_isolated", "ingress_open", "ingress_not_assessed"]].sum(axis=1) > 0
        gone = gone[governed.to_numpy(bool)].reset_index(drop=True)
        if not len(gone):
            return
        namespace = gone["namespace"].astype("str")
        names = gone["workload"].astype("str").str.partition("/")
        rows: dict[str, object] = {
            "namespace": namespace,
            "endpoint": names[0] + "(" + namespace + "/" + names[2] + ")",
        }
        for direction, column in _PROTECTED.items():
            opened, untold = (
                (gone[f"{direction}_{state}"] > 0).to_numpy(bool) for state in ("open", "not_assessed")
            )
            rows[column] = _unless(~opened, ~opened & untold)
        yield pd.DataFrame(rows)


def _unless(known: Mask, unknown: Mask) -> pd.arrays.BooleanArray:
    return pd.arrays.BooleanArray(known.copy(), unknown)


def _pairs(pods: pd.DataFrame, columns: tuple[str, str]) -> tuple[list[_Pair], np.ndarray]:
    """The distinct pairs of two columns, and which of them each row has."""
    grouped = pods.groupby(list(columns), observed=True, sort=True)
    keys = grouped.size().index
    pairs = list(zip(*(keys.get_level_values(column).astype("str") for column in columns), strict=True))
    return pairs, grouped.ngroup().to_numpy()


def _named(pairs: Sequence[_Pair], which: np.ndarray, kind: str) -> pd.Series:
    """A text a row: the objects of that kind, of pairs of a namespace and names with commas between."""
    texts = [
        ";".join(f"{kind}({namespace}/{name})" for name in names.split(",") if name)
        for namespace, names in pairs
    ]
    return pd.Series(np.array([*texts, ""], dtype=object)[which], dtype="str")


def _all(flags: pd.Series, keys: pd.Series) -> pd.Series:
    """By key, in their order: false if one of its flags is, else unknown if one is, else true."""
    grouped = flags.astype("boolean").groupby(keys, sort=True)
    known = (grouped.count() == grouped.size()).astype("boolean")
    together: pd.Series = grouped.min() & known.mask(~known)
    return together


def _namespaces(endpoints: pd.DataFrame) -> pd.DataFrame:
    found = {column: _all(endpoints[column], endpoints["namespace"]) for column in _PROTECTED.values()}
    names = found[_PROTECTED["ingress"]].index
    return pd.DataFrame({"namespace": [f"Namespace({name})" for name in names]}).assign(
        **{column: flags.array for column, flags in found.items()}
    )


def _services(endpoints: pd.DataFrame) -> pd.DataFrame:
    column = _PROTECTED["ingress"]
    by_set = _all(endpoints[column], endpoints["services"].fillna("")).reset_index()
    each = by_set.assign(service=by_set["services"].str.split(";")).explode("service")
    each = each[(each["service"] != "").to_numpy()]
    found = _all(each[column], each["service"])
    return pd.DataFrame({"service": list(found.index)}).assign(**{column: found.array})


def _count(flags: pd.Series, *, of: bool = True) -> int:
    """How many are true, or false; those that are unknown are neither."""
    return int((flags.astype("boolean") == of).sum())


def _inventoried(endpoints: pd.DataFrame, namespaces: pd.DataFrame) -> _Row:
    counts: _Row = {}
    for noun, rows in (("endpoints", endpoints), ("namespaces", namespaces)):
        counts[f"{noun}NumInScope"] = len(rows)
        for direction, column in _PROTECTED.items():
            counts[f"{noun}Num{direction.capitalize()}Protected"] = _count(rows[column])
    return counts | {"serviceAccountsNumInScope": None}


def _accessible(endpoints: pd.DataFrame) -> _Row:
    protected = {d.capitalize(): endpoints[column] for d, column in _PROTECTED.items()}
    exposed = {column: endpoints[column] for column in (*_INTERNET.values(), *_OTHERS.values())}
    return {
        **{f"endpointsNum{d}Protected": _count(flags) for d, flags in protected.items()},
        **{f"endpointsNum{d}Unprotected": _count(flags, of=False) for d, flags in protected.items()},
        **{
            f"endpointsNum{column[0].upper()}{column[1:]}": _count(flags) for column, flags in exposed.items()
        },
        "endpointsNumEnvoyEnabled": None,
    }


def _changed(report: Report) -> _Row:
    """How many policies were created, modified and deleted; unknown without a period."""
    names = {
        "created": "numCreatedPolicies",
        "changed": "numModifiedPolicies",
        "deleted": "numDeletedPolicies",
    }
    changes = _frame(report, "policy_changes")
    if changes is None:
        return dict.fromkeys(names.values())
    counts = changes.loc[changes["kind"].isin(_POLICIES), "change"].value_counts()
    return {name: int(counts.get(change, 0)) for change, name in names.items()}


def _scope(report: Report) -> _Row:
    """The interval, and what the report is narrowed to."""
    trend = _frame(report, "trend")
    if trend is None or not len(trend):
        taken = datetime.fromtimestamp(_figure(report, "snapshot_timestamp_seconds") or 0, UTC)
        times = [taken.isoformat().replace("+00:00", "Z")]
    else:
        times = sorted(trend["taken"].astype("str"))
    told = {"startTime": times[0], "endTime": times[-1], "namespaceNames": ";".join(report.scope)}
    return {column: told.get(column, "") for column in _SCOPE}


def _frame(report: Report, name: str) -> pd.DataFrame | None:
    dataset = values.find(report, name)
    return None if dataset is None else dataset.frame


def _figure(report: Report, name: str) -> int | None:
    """A figure, of its parts the first."""
    rows = values.rows(values.table(report, "figures"), "figure", "value")
    return next((value for figure, value in rows if figure == name), None)  # type: ignore[return-value] # integers


def _file(frame: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """The CSV file of these columns; those that the frame lacks are unknown throughout."""
    whole = frame.reindex(columns=list(columns))
    types = {column: _type(whole[column]) for column in columns}
    described = tuple(DataColumn(column, types[column], "") for column in columns)
    return write_csv(Dataset("calico", "", described, whole))


def _type(series: pd.Series) -> Literal["string", "integer", "boolean"]:
    if pd.api.types.is_bool_dtype(series.dtype):
        return "boolean"
    return "integer" if pd.api.types.is_integer_dtype(series.dtype) else "string"
