"""Lines that say the same are one: all of the edges, and no other."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from audit.compose.pictures.bundles import Edge, bundled

FREE, PLAIN = Edge("all ports", "free"), Edge("TCP 80", "plain")
PAIRS = st.tuples(st.integers(0, 5), st.integers(0, 5))


def drawn(flows):
    """The edges that flows are; none is drawn twice."""
    found = {}
    for flow in flows:
        for pair in itertools.product(flow.sources, flow.destinations):
            assert pair not in found
            found[pair] = Edge(flow.label, flow.weight)
    return found


@given(st.dictionaries(PAIRS, st.sampled_from([FREE, PLAIN])))
def test_they_are_all_edges_and_no_other(edges):
    assert drawn(bundled(edges)) == edges


@given(st.dictionaries(PAIRS, st.sampled_from([FREE, PLAIN])), st.sets(st.integers(0, 5)))
def test_only_what_is_spare_may_be_left_out(edges, alone):
    spare = {(place, place) for place in alone}
    found = drawn(bundled(edges, spare))
    assert found.items() <= edges.items()
    assert set(edges) - set(found) <= spare


def test_all_with_all_is_one_flow():
    edges = dict.fromkeys(itertools.product(range(4), repeat=2), FREE)
    (flow,) = bundled(edges, {(place, place) for place in range(4)})
    assert flow.sources == flow.destinations == (0, 1, 2, 3)


def test_many_to_one_and_one_to_many_are_one_flow_each():
    many = dict.fromkeys([(1, 0), (2, 0), (3, 0)], PLAIN)
    assert [(flow.sources, flow.destinations) for flow in bundled(many)] == [((1, 2, 3), (0,))]
    turned = {(b, a): edge for (a, b), edge in many.items()}
    assert [(flow.sources, flow.destinations) for flow in bundled(turned)] == [((0,), (1, 2, 3))]


def test_what_is_spare_does_not_stand_alone():
    assert bundled({(0, 0): FREE}, {(0, 0)}) == ()
