"""Selectors on label sets, and whether selectors cover everything."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audit.frames import LABELS
from audit.policy.model import EVERYTHING, NOTHING, Operator, Requirement, Selector
from audit.policy.selectors import LabelIndex, covers

KEYS = ("a", "b")
VALUES = ("", "x", "y")
OTHER = "z"

requirements = st.one_of(
    st.builds(
        lambda key, operator, values: Requirement(key, operator, tuple(sorted(values))),
        st.sampled_from(KEYS),
        st.sampled_from([Operator.IN, Operator.NOT_IN]),
        st.sets(st.sampled_from(VALUES), min_size=1),
    ),
    st.builds(
        Requirement, st.sampled_from(KEYS), st.sampled_from([Operator.EXISTS, Operator.DOES_NOT_EXIST])
    ),
)
selectors = st.lists(requirements, max_size=3).map(lambda r: Selector(tuple(r)))
label_sets = st.lists(
    st.dictionaries(st.sampled_from((*KEYS, "c")), st.sampled_from((*VALUES, OTHER)), max_size=3), min_size=1
)


def selects(selector, labels):
    """The naive reading, on one set."""
    return all(r.matches(labels.get(r.key)) for r in selector.requirements)


def index(sets):
    rows = [(i, k, v) for i, labels in enumerate(sets) for k, v in labels.items()]
    return LabelIndex(LABELS.frame({n: [row[at] for row in rows] for at, n in enumerate(LABELS.names)}))


@given(label_sets, selectors)
def test_all_sets_at_once_are_as_each_alone(sets, selector):
    found = index(sets).matches(selector, np.arange(len(sets)))
    assert found.tolist() == [selects(selector, labels) for labels in sets]


def test_everything_and_nothing():
    sets = index([{}, {"a": "x"}])
    assert sets.matches(EVERYTHING, np.arange(2)).all()
    assert not sets.matches(NOTHING, np.arange(2)).any()


@given(st.lists(selectors, max_size=5), st.sampled_from([None, "a"]))
def test_covers_is_right_for_every_possible_set(chosen, always):
    domain = {key: [*([] if key == always else [None]), *VALUES, OTHER] for key in KEYS}
    possible = [
        {k: v for k, v in zip(KEYS, values, strict=True) if v is not None}
        for values in itertools.product(*(domain[key] for key in KEYS))
    ]
    right = all(any(selects(s, labels) for s in chosen) for labels in possible)
    assert covers(chosen, always) == right
