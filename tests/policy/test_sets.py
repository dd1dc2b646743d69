"""Connection sets: their algebra, their text, and the same by number."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audit.policy import sets as numbered
from audit.policy.ports import ALL, NONE, PROTOCOLS, difference, intersection, of, union
from audit.policy.sets import ConnectionSets

spans = st.lists(st.tuples(st.sampled_from(PROTOCOLS), st.integers(1, 12), st.integers(1, 12)), max_size=4)


def members(connections):
    return {(p, n) for p in PROTOCOLS for n in range(1, 14) if connections.holds(p, n)}


@given(spans, spans)
def test_algebra_is_that_of_sets(a, b):
    x, y = of(a), of(b)
    assert members(union(x, y)) == members(x) | members(y)
    assert members(intersection(x, y)) == members(x) & members(y)
    assert members(difference(x, y)) == members(x) - members(y)
    assert union(difference(x, y), intersection(x, y)) == x


def test_text():
    assert str(ALL) == "All"
    assert str(NONE) == ""
    assert str(of([("UDP", 53, 53), ("TCP", 8080, 8090), ("TCP", 80, 80)])) == "TCP 80,8080-8090;UDP 53"
    assert str(of([("TCP", 1, 65535)])) == "TCP 1-65535"
    assert str(of([("TCP", 1, 9), ("TCP", 10, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)])) == "All"


def test_a_span_that_ends_before_it_begins_holds_nothing():
    assert of([("TCP", 2, 1)]) == NONE


@given(st.lists(spans, min_size=1, max_size=8), st.booleans())
def test_by_number_it_is_the_same(written, beyond_the_table):
    most = numbered._MOST_IN_TABLE  # noqa: SLF001  # both ways of looking up must agree
    numbered._MOST_IN_TABLE = 0 if beyond_the_table else most  # noqa: SLF001
    try:
        known = ConnectionSets()
        connections = [of(each) for each in written]
        numbers = np.array([known.number(c) for c in connections], np.int32)
        pairs = np.meshgrid(numbers, numbers)
        for operation, plain in (
            (known.union, union),
            (known.intersection, intersection),
            (known.difference, difference),
        ):
            for x, y, made in zip(pairs[0].flat, pairs[1].flat, operation(*pairs).flat, strict=True):
                assert known[int(made)] == plain(known[int(x)], known[int(y)])
        assert [known[int(n)] for n in known.union(numbers, 1)] == [ALL] * len(written)
    finally:
        numbered._MOST_IN_TABLE = most  # noqa: SLF001
