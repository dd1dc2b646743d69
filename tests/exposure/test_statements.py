"""What policies say of themselves, whoever wrote it."""

import json

import pandas as pd
import pytest

from audit.exposure.statements import Statement, statements
from audit.settings import Annotations

CREATED = "2026-01-01T00:00:00Z"


def said(metadata, owners=None):
    text = metadata if isinstance(metadata, str) else json.dumps({"metadata": metadata})
    rows = pd.DataFrame({"object": [text], "created": [CREATED], "namespace": ["x"]})
    (found,) = statements(rows, owners or {}, Annotations())
    return found


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, ("", "", CREATED)),
        ({"annotations": {"segaudit.io/justification": None, "segaudit.io/owner": " "}}, ("", "", CREATED)),
        ({"annotations": {"segaudit.io/justification": "a" * 5000}}, ("a" * 999 + "…", "", CREATED)),
        ({"managedFields": []}, ("", "", CREATED)),
        ({"managedFields": [{"time": None}, {}]}, ("", "", CREATED)),
        ({"annotations": {"segaudit.io/owner": 5}}, ("", "", CREATED)),
        ({"annotations": ["segaudit.io/owner"]}, ("", "", CREATED)),
    ],
)
def test_what_is_odd_says_nothing(metadata, expected):
    assert said(metadata) == Statement(*expected)


def test_the_own_owner_comes_before_the_namespaces():
    owners = {"x": "namespace's"}
    assert said({}, owners).owner == "namespace's"
    assert said({"annotations": {"segaudit.io/owner": "own"}}, owners).owner == "own"
