from datetime import UTC, timedelta, timezone

import pytest

from audit import manifest
from audit.errors import CollectError, UsageError
from audit.manifest import Digest
from audit.store import STUB, Store, names, open_place, open_store
from audit.store.verify import verify
from tests.store.runs import MONDAY, files_of, record_of, stored, whose

DAY = timedelta(days=1)


def digest(run):
    return Digest.of(run.manifest_bytes())


def test_a_run_is_read_as_it_was_written(store):
    begun = store.begin("", MONDAY)
    files = files_of("mine")
    run = store.put(begun, "", files, record_of(files, begun, MONDAY))
    assert {path: run.read(path) for path in files} == files
    assert run.manifest() == record_of(files, begun, MONDAY)
    assert (run.moment, run.removed, run.name) == (MONDAY, False, begun.name)
    assert store.runs() == [run]
    assert store.unfinished() == []


def test_names_tell_the_time_and_sort_by_it(store):
    late = stored(store, MONDAY + DAY)
    early = stored(store, MONDAY.astimezone(timezone(timedelta(hours=-9))))
    of_job = stored(store, MONDAY + 2 * DAY, "nightly-29384")
    assert early.name == f"20261123T020000Z-{early.id}"
    assert of_job.name.startswith("20261125T020000Z-nightly-29384_")
    assert of_job.id == "nightly-29384"
    assert store.runs() == [early, late, of_job]


@pytest.mark.parametrize(
    "name",
    [
        "20261123T020000Z",
        "20261123T020000Z-",
        "20261123T020000Z-A",
        "20261323T020000Z-a",
        "20261123T026000Z-a",
        "20261123T020000Z-a_12345",
        "20261123T020000Z-a_1234567g",
        "x20261123T020000Z-a",
        "20261123T020000Z-a\n",
        "20261123T020000Z-.a",
    ],
)
def test_other_names_are_of_no_run(name):
    assert names.parsed(name) is None


def test_without_manifest_json_a_folder_is_no_run(store):
    whole = stored(store)
    store.place.create("20261124T020000Z-abc/report.html", b"<html>")
    store.place.create("20261125T020000Z-abd/csv/manifest.json", b"{}")
    assert store.runs() == [whole]
    assert store.unfinished() == ["20261124T020000Z-abc", "20261125T020000Z-abd"]
    assert store.find("last") == whole


def test_a_file_that_a_run_has_not(store):
    with pytest.raises(CollectError, match=r"has no report\.md"):
        stored(store).read("report.md")


def test_a_damaged_manifest_is_named(store):
    store.place.create("20261124T020000Z-abc/manifest.json", b"{}")
    with pytest.raises(CollectError, match=r"20261124T020000Z-abc.* is damaged"):
        store.find("last").manifest()


class TestFind:
    @pytest.fixture
    def runs(self, store):
        return [stored(store, MONDAY + n * DAY, f"nightly-{n}") for n in range(4)]

    @pytest.mark.parametrize(
        ("word", "place"),
        [
            ("last", 3),
            ("previous", 2),
            ("nightly-0", 0),
            ("2026-11-24", 1),
            ("2026-11-24T02:00:00Z", 1),
            ("2026-11-24T01:59:59Z", 0),
            ("2026-11-24T03:00:00+02:00", 0),
            ("2027-01-01", 3),
        ],
    )
    def test_a_run_by_word(self, store, runs, word, place):
        assert store.find(word) == runs[place]

    def test_a_run_by_its_folder(self, store, runs):
        assert [store.find(run.name) for run in runs] == runs

    @pytest.mark.parametrize("word", ["2026-11-22", "nightly", "nightly-4", "", "LAST", "../x"])
    def test_what_is_not_there_is_told_with_what_is(self, store, runs, word):
        with pytest.raises(UsageError) as caught:
            store.find(word)
        assert all(run.name in str(caught.value) for run in runs)

    def test_only_the_newest_are_told(self, store, runs):
        for n in range(4, 9):
            stored(store, MONDAY + n * DAY)
        with pytest.raises(UsageError) as caught:
            store.find("none")
        assert runs[3].name not in str(caught.value)
        assert "9" in str(caught.value)


@pytest.mark.parametrize("word", ["last", "previous", "2026-11-24"])
def test_an_empty_store_has_nothing_to_find(store, word):
    with pytest.raises(UsageError, match="nothing is stored there"):
        store.find(word)


class TestChain:
    def test_each_run_names_the_one_before_it(self, store):
        runs = [stored(store, MONDAY + n * DAY) for n in range(4)]
        assert runs[0].manifest().previous is None
        assert [run.manifest().previous for run in runs[1:]] == [digest(run) for run in runs[:-1]]
        assert all(run.manifest().beside == {} for run in runs)

    def test_runs_at_the_same_time_are_both_named_by_the_next(self, store):
        first = stored(store)
        begun = [store.begin("", MONDAY + DAY + timedelta(seconds=n)) for n in range(3)]
        beside = []
        for one in begun:
            files = files_of(one.name)
            beside.append(store.put(one, "", files, record_of(files, one, MONDAY)))
        assert {run.manifest().previous for run in beside} == {digest(first)}
        after = stored(store, MONDAY + 2 * DAY).manifest()
        assert after.previous == digest(beside[-1])
        assert after.beside == {run.name: digest(run) for run in beside[:-1]}
        assert stored(store, MONDAY + 3 * DAY).manifest().beside == {}

    def test_an_older_snapshot_that_is_stored_late_is_named_too(self, store):
        runs = [stored(store, MONDAY + n * DAY) for n in range(40)]
        old = stored(store, MONDAY - 90 * DAY, started=MONDAY + 39 * DAY)
        assert old.manifest().previous == digest(runs[-1])
        after = stored(store, MONDAY + 40 * DAY).manifest()
        assert after.previous == digest(runs[-1])
        assert after.beside == {old.name: digest(old)}
        assert [one for one in verify(store.place).found if one.broken] == []

    def test_a_damaged_manifest_keeps_nobody_from_storing(self, store):
        store.place.create("20261122T020000Z-abc/manifest.json", b"{}")
        assert stored(store).manifest().previous == Digest.of(b"{}")


def test_a_listing_of_two_thousand_runs_opens_none(tmp_path, monkeypatch):
    for n in range(2000):
        folder = tmp_path / f"{(MONDAY + n * DAY).strftime('%Y%m%dT%H%M%SZ')}-run{n}"
        (folder / "csv").mkdir(parents=True)
        for name in ("report.html", "csv/pods.csv", manifest.NAME if n % 5 else STUB):
            (folder / name).touch()
    store = open_store(str(tmp_path))

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("os.open", refuse)
    runs = store.runs()
    assert [run.id for run in runs] == [f"run{n}" for n in range(2000)]
    assert sum(run.removed for run in runs) == 400
    assert store.find("last").id == "run1999"
    assert store.find((MONDAY + 1000 * DAY).date().isoformat()).id == "run999"


@pytest.mark.objectstore
def test_a_listing_of_two_thousand_runs_takes_few_requests(gateway, s3):
    url = s3()
    folder = gateway.buckets / url.removeprefix("s3://")
    for n in range(2000):
        run = folder / f"{(MONDAY + n * DAY).strftime('%Y%m%dT%H%M%SZ')}-run{n}"
        run.mkdir(parents=True)
        for name in ("report.html", manifest.NAME):
            (run / name).touch()
    place = open_place(url)
    asked = []
    place._files.s3  # noqa: B018, SLF001  # connects
    place._files.s3.meta.events.register("before-call.s3.*", lambda model, **_: asked.append(model.name))  # noqa: SLF001
    assert len(Store(place).runs()) == 2000
    assert asked == ["ListObjectsV2"] * 4


def test_time_is_told_in_utc(store):
    assert stored(store).moment.tzinfo is UTC
    assert whose(store.runs()[0]) == {store.runs()[0].name}
