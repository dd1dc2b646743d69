from datetime import timedelta

import pytest

from audit import manifest
from audit.errors import DeliveryError
from audit.settings import Retention
from audit.store import STUB
from audit.store.retention import retain
from audit.store.verify import verify
from tests.store.runs import MONDAY, stored, whose

DAY = timedelta(days=1)
AFTER = MONDAY + 10 * DAY


@pytest.fixture
def ten(store):
    """Runs of ten days."""
    return [stored(store, MONDAY + n * DAY, f"nightly-{n}") for n in range(10)]


def left(store):
    return [run.id for run in store.runs() if not run.removed]


def assert_unbroken(store):
    assert [one for one in verify(store.place).found if one.broken] == []
    assert all(whose(run) == {run.name} for run in store.runs() if not run.removed)


@pytest.mark.usefixtures("ten")
def test_nothing_is_removed_unless_it_is_asked_for(store):
    before = store.place.files()
    assert retain(store, Retention(), AFTER + 1000 * DAY) == []
    assert store.place.files() == before


@pytest.mark.parametrize(
    ("keep", "first"),
    [
        (Retention(runs=3), 7),
        (Retention(runs=1), 9),
        (Retention(runs=10), 0),
        (Retention(runs=100), 0),
        (Retention(days=4), 6),
        (Retention(days=1), 9),
        (Retention(runs=2, days=4), 6),
        (Retention(runs=6, days=1), 4),
    ],
)
def test_what_either_of_number_and_age_keeps_stays(store, ten, keep, first):
    removed = retain(store, keep, AFTER)
    assert removed == [run.name for run in ten[:first]]
    assert left(store) == [run.id for run in ten[first:]]
    assert_unbroken(store)


def test_of_a_removed_run_its_very_manifest_is_left(store, ten):
    before = [run.manifest_bytes() for run in ten]
    retain(store, Retention(runs=1), AFTER)
    assert [run.manifest_bytes() for run in store.runs()] == before
    assert [set(run.files) for run in store.runs()[:9]] == [{STUB}] * 9


@pytest.mark.usefixtures("ten")
def test_the_chain_goes_on_behind_removed_runs(store):
    for n in range(10, 40):
        stored(store, MONDAY + n * DAY)
        retain(store, Retention(runs=2), MONDAY + n * DAY)
        assert len(left(store)) == 2
    assert len(store.runs()) == 40
    assert_unbroken(store)


def test_a_removed_run_of_a_job_is_not_stored_again(store, ten):
    retain(store, Retention(runs=1), AFTER)
    again = stored(store, AFTER, ten[0].id)
    assert (again.name, again.removed) == (ten[0].name, True)


def test_the_newest_run_and_the_newest_good_one_stay(store):
    for n in range(10):
        stored(store, MONDAY + n * DAY, f"nightly-{n}", complete=n in {2, 4})
    retain(store, Retention(runs=2, days=1), AFTER)
    assert left(store) == ["nightly-4", "nightly-8", "nightly-9"]
    assert_unbroken(store)


def test_where_no_run_is_good_the_newest_stays(store):
    for n in range(4):
        stored(store, MONDAY + n * DAY, complete=False)
    retain(store, Retention(days=1), AFTER + 1000 * DAY)
    assert len(left(store)) == 1
    assert_unbroken(store)


@pytest.mark.usefixtures("ten")
def test_one_that_is_not_named_yet_stays_until_it_is(store):
    old = stored(store, MONDAY - 300 * DAY, "old", AFTER)
    retain(store, Retention(runs=1), AFTER)
    assert left(store) == ["old", "nightly-9"]
    after = stored(store, AFTER + DAY, "after")
    assert set(after.manifest().beside) == {old.name}
    retain(store, Retention(runs=1), AFTER)
    assert left(store) == ["after"]
    assert_unbroken(store)


@pytest.mark.parametrize("url", ["folder"], indirect=True)
@pytest.mark.parametrize("steps", range(8))
@pytest.mark.usefixtures("ten")
def test_cut_short_anywhere_it_goes_on_the_next_time(store, steps):
    place = store.place
    create, remove = place.create, place.remove
    done = 0

    class Killed(BaseException):
        pass

    def step() -> None:
        nonlocal done
        done += 1
        if done > steps:
            raise Killed

    def created(path: str, data: bytes) -> None:
        step()
        create(path, data)

    def removed(paths) -> None:
        for path in paths:
            step()
            remove([path])

    place.create, place.remove = created, removed
    with pytest.raises(Killed):
        retain(store, Retention(runs=7), AFTER)
    place.create, place.remove = create, remove
    assert_unbroken(store)
    retain(store, Retention(runs=7), AFTER)
    assert left(store) == [f"nightly-{n}" for n in range(3, 10)]
    assert [set(run.files) for run in store.runs()[:3]] == [{STUB}] * 3
    assert verify(store.place).found
    assert_unbroken(store)


def test_a_stub_of_other_bytes_is_not_taken_for_one(store, ten):
    store.place.create(f"{ten[0].name}/{STUB}", b"{}")
    with pytest.raises(DeliveryError):
        retain(store, Retention(runs=1), AFTER)
    assert left(store) == [run.id for run in ten]


@pytest.mark.usefixtures("ten")
def test_what_was_cut_short_goes_after_a_week(store):
    store.place.create("20261124T020000Z-abc/report.html", b"")
    changed = store.place.files("20261124T020000Z-abc")["20261124T020000Z-abc/report.html"].changed
    retain(store, Retention(runs=10), changed + 7 * DAY)
    assert store.unfinished() == ["20261124T020000Z-abc"]
    retain(store, Retention(runs=10), changed + 8 * DAY)
    assert store.unfinished() == []
    assert len(left(store)) == 10


def test_what_a_killed_writer_left_beside_goes_too(tmp_path):
    from audit.store import open_store

    store = open_store(str(tmp_path))
    run = stored(store)
    (tmp_path / ".segaudit-unfinished" / "0123").write_bytes(b"half")
    changed = run.files[manifest.NAME].changed
    retain(store, Retention(runs=1), changed + DAY)
    assert list((tmp_path / ".segaudit-unfinished").iterdir())
    retain(store, Retention(runs=1), changed + 8 * DAY)
    assert not list((tmp_path / ".segaudit-unfinished").iterdir())
    assert_unbroken(store)
