"""Identities are exact: equal for pods that no policy can tell apart, and only for those."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audit.policy.identities import number_sets

rows = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5)), max_size=30)


@given(rows)
def test_owners_have_one_number_if_and_only_if_they_have_the_same_items(written):
    owner = np.array([o for o, _ in written], np.int64)
    item = np.array([i for _, i in written], np.int64)
    numbers = number_sets(owner, item, 8)
    sets = [{i for o, i in written if o == each} for each in range(8)]
    for a in range(8):
        for b in range(8):
            assert (numbers[a] == numbers[b]) == (sets[a] == sets[b])
    assert set(numbers) == set(range(len(set(numbers))))
