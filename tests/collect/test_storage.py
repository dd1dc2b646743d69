"""Values of one column that grow row by row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.collect.storage import Codes, Numbers, Objects, Texts, storage

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20)
MANY = [f"é{n}" if n % 7 == 0 else "" if n % 5 == 0 else str(n) for n in range(10_000)]


def everything(store):
    return store.taken(np.arange(len(store)))


def filled(store, values, cuts):
    """The store with these values, in so many steps."""
    for start, end in zip([0, *cuts], [*cuts, len(values)], strict=True):
        store.extend(values[start:end])
    return store


@pytest.mark.parametrize("make", [Texts, Codes])
@pytest.mark.parametrize("cuts", [[], [1], [4095], [4096], [4097], [1, 4096, 8192], [10_000]])
def test_many_texts(make, cuts):
    store = filled(make(), MANY, cuts)
    assert len(store) == len(MANY)
    assert everything(store).to_pylist() == MANY
    for row in (0, 1, 4095, 4096, 4097, 8191, 8192, 9999):
        assert store[row] == MANY[row]
    for rows in (
        [],
        [9999, 0],
        [4096, 4095, 4095],
        [5000, 5001, 5002],
        range(4090, 4100),
        range(9999, -1, -7),
    ):
        assert store.taken(np.array(rows, np.intp)).to_pylist() == [MANY[row] for row in rows]


@pytest.mark.parametrize("count", [0, 1, 4095, 4096, 4097, 8192])
def test_texts_at_the_edges_of_chunks(count):
    store = Texts()
    for value in MANY[:count]:
        store.extend([value])
    assert everything(store).to_pylist() == MANY[:count]
    store.extend(["ü"])
    assert everything(store).to_pylist() == [*MANY[:count], "ü"]
    assert store[count] == "ü"


@settings(deadline=None)  # the first time takes long
@given(TEXTS, TEXTS)
def test_texts(first, second):
    for store in (Texts(), Codes()):
        store.extend(first)
        for value in second:
            store.extend([value])
        assert everything(store).to_pylist() == first + second
        assert [store[row] for row in range(len(store))] == first + second


def test_texts_that_recur_are_kept_once():
    store = Codes()
    store.repeat("a", 3)
    store.extend(["b", "a", "b"])
    store.repeat("c", 0)
    assert store.numbers().tolist() == [0, 0, 0, 1, 0, 1]
    assert everything(store).to_pylist() == ["a", "a", "a", "b", "a", "b"]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "uint64"])
def test_numbers(dtype):
    limits = np.iinfo(dtype)
    store = storage(dtype)
    assert isinstance(store, Numbers)
    store.extend([limits.min])
    store.extend([limits.max, 1])
    store.repeat(7, 2)
    expected = [limits.min, limits.max, 1, 7, 7]
    assert store.numpy().dtype == np.dtype(dtype)
    assert everything(store).to_pylist() == store.numpy().tolist() == expected
    assert (len(store), store[1]) == (5, limits.max)
    with pytest.raises(OverflowError):
        store.extend([limits.max + 1])


def test_truths():
    store = storage("bool")
    values = [True, False, True] * 7
    store.extend(values)
    assert everything(store).to_pylist() == values
    assert store.numpy().dtype == np.bool_


def test_an_array_that_is_kept_does_not_keep_the_column_from_growing():
    for store, value in ((Numbers("int32"), 1), (Codes(), "a"), (Texts(), "a")):
        store.extend([value])
        kept = everything(store)
        store.extend([value])
        assert (len(kept), len(store)) == (1, 2)


@pytest.mark.parametrize("dtype", ["str", "category", "bool", "int64"])
def test_empty(dtype):
    store = storage(dtype)
    store.extend([])
    assert (len(store), everything(store).to_pylist()) == (0, [])


def test_a_storage_for_each_dtype():
    assert isinstance(storage("str"), Texts)
    assert isinstance(storage("category"), Codes)
    with pytest.raises(TypeError):
        Objects().taken(np.arange(0))
