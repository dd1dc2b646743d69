"""Every column of every frame, once: its name, dtype and meaning.

A frame that is empty still has all its columns. Repeated strings are
categories; every other string has pandas' `str` dtype (Arrow memory), so that
no frame holds a Python object a row.
"""

from audit.frames.computed import (
    CHECK_FACTS,
    CONNECTIONS,
    FINISHED_POD_FACTS,
    NAMESPACE_FACTS,
    POD_FACTS,
    POLICY_FACTS,
    RESULTS,
    RULE_FACTS,
    SERVICE_FACTS,
    WORKLOAD_FACTS,
)
from audit.frames.evidence import (
    ADDRESSES,
    DEFECTS,
    GAPS,
    KINDS,
    LABELS,
    NAMESPACES,
    NO_SET,
    NODES,
    OBJECTS,
    PARTS,
    PODS,
    POLICIES,
    PORTS,
    SERVICE_PORTS,
    SERVICES,
    SNAPSHOT_TABLES,
    WORKLOADS,
)
from audit.frames.schema import Column, Schema
from audit.frames.series import (
    FLEET,
    PERIOD_NAMESPACES,
    PERIOD_WORKLOADS,
    POLICY_CHANGES,
    RUNS,
    TREND,
)
from audit.frames.stored import (
    STATES,
    STORED_FINDINGS,
    STORED_NAMESPACES,
    STORED_POLICIES,
    STORED_TABLES,
    STORED_WORKLOADS,
)

__all__ = [
    "ADDRESSES",
    "CHECK_FACTS",
    "CONNECTIONS",
    "DEFECTS",
    "FINISHED_POD_FACTS",
    "FLEET",
    "GAPS",
    "KINDS",
    "LABELS",
    "NAMESPACES",
    "NAMESPACE_FACTS",
    "NODES",
    "NO_SET",
    "OBJECTS",
    "PARTS",
    "PERIOD_NAMESPACES",
    "PERIOD_WORKLOADS",
    "PODS",
    "POD_FACTS",
    "POLICIES",
    "POLICY_CHANGES",
    "POLICY_FACTS",
    "PORTS",
    "RESULTS",
    "RULE_FACTS",
    "RUNS",
    "SERVICES",
    "SERVICE_FACTS",
    "SERVICE_PORTS",
    "SNAPSHOT_TABLES",
    "STATES",
    "STORED_FINDINGS",
    "STORED_NAMESPACES",
    "STORED_POLICIES",
    "STORED_TABLES",
    "STORED_WORKLOADS",
    "TREND",
    "WORKLOADS",
    "WORKLOAD_FACTS",
    "Column",
    "Schema",
]
