"""Addresses and blocks are read as the API server reads them, and cells are exact."""

import ipaddress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.policy.addresses import Address, Block, Cells, Range, merge, parse_address, parse_cidr, subtract


@pytest.mark.parametrize(
    ("text", "range_", "prefix"),
    [
        ("10.1.2.3/8", "10.0.0.0-10.255.255.255", 8),
        ("010.0.0.0/8", "10.0.0.0-10.255.255.255", 8),
        ("0.0.0.0/0", "0.0.0.0-255.255.255.255", 0),
        ("192.0.2.7/32", "192.0.2.7", 32),
        ("2001:DB8:0:0::/32", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 32),
        ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0),
        ("::ffff:10.0.0.1/104", "10.0.0.0-10.255.255.255", 8),
        ("::ffff:0a00:1/128", "10.0.0.1", 32),
        ("::ffff:0:0/90", "::ffc0:0:0-::ffff:ffff:ffff", 90),
    ],
)
def test_cidr_is_read_by_value(text, range_, prefix):
    found = parse_cidr(text)
    assert found is not None
    assert (str(found[0]), found[1]) == (range_, prefix)


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/٨", "fe80::1%eth0/64", "256.0.0.0/8",
     "10.0.0.0/8/8", "::/129", "a.b.c.d/8", "+1.0.0.0/8", " 10.0.0.0/8", "10.0.0.0/0008"],
)  # fmt: skip
def test_what_is_no_cidr_is_refused(text):
    assert parse_cidr(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", Address(4, 10 << 24 | 1)),
        ("::ffff:10.0.0.1", Address(4, 10 << 24 | 1)),
        ("::1", Address(6, 1)),
        ("fe80::1%eth0", None),
        ("web", None),
    ],
)
def test_address(text, address):
    assert parse_address(text) == address


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted), max_size=6).map(
    lambda pairs: [Range(4, a, b) for a, b in pairs]
)


def members(ranges):
    return {value for _, first, last in ranges for value in range(first, last + 1)}


@given(spans, spans)
def test_merge_and_subtract_are_those_of_sets(ranges, holes):
    assert members(merge(ranges)) == members(ranges)
    left = subtract(ranges, holes)
    assert members(left) == members(ranges) - members(holes)
    assert merge(left) == left


def block(cidr, *excepts):
    parsed = [parse_cidr(text)[0] for text in excepts]
    found = parse_cidr(cidr)
    return Block(found[0], found[1], tuple(parsed), cidr, excepts)


cidrs = st.one_of(
    st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, 32)).map(
        lambda p: f"{ipaddress.IPv4Address(p[0])}/{p[1]}"
    ),
    st.tuples(st.integers(0, (1 << 128) - 1), st.integers(0, 128)).map(
        lambda p: f"{ipaddress.IPv6Address(p[0])}/{p[1]}"
    ),
)


@given(st.lists(st.tuples(cidrs, st.lists(cidrs, max_size=3)), max_size=5), st.data())
def test_an_address_lies_in_a_block_if_its_cell_does(written, data):
    blocks = [block(cidr, *excepts) for cidr, excepts in written]
    cells = Cells(blocks)
    edges = {Address(4, 0), Address(6, 1 << 64), Address(6, (1 << 128) - 1)}
    for family, first, last in (r for b in blocks for r in (b.cidr, *b.excepts)):
        top = (1 << (32 if family == 4 else 128)) - 1
        edges |= {Address(family, v) for v in (first - 1, first, last, last + 1) if 0 <= v <= top}
    address = data.draw(st.sampled_from(sorted(edges)))
    cell = int(
        cells.locate(
            np.array([address.family], np.int8),
            np.array([address.value >> 64], np.uint64),
            np.array([address.value & ((1 << 64) - 1)], np.uint64),
        )[0]
    )
    here = cells.range(cell)
    assert here.family == address.family
    assert here.first <= address.value <= here.last
    for each in blocks:
        inside = any(r.family == address.family and r.first <= address.value <= r.last for r in each.ranges())
        assert inside == any(first <= cell < last for first, last in cells.cells(each.ranges()))


def test_cells_number_both_families_in_order():
    cells = Cells([block("10.0.0.0/8", "10.1.0.0/16"), block("2001:db8::/32")])
    assert [str(cells.range(cell)) for cell in range(len(cells))] == [
        "0.0.0.0-9.255.255.255",
        "10.0.0.0-10.0.255.255",
        "10.1.0.0-10.1.255.255",
        "10.2.0.0-10.255.255.255",
        "11.0.0.0-255.255.255.255",
        "::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    assert cells.families().tolist() == [4] * 5 + [6] * 3
