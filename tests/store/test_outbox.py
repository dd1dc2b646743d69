"""What was sent is known afterwards, whatever happened in between."""

from datetime import timedelta

import pytest

from audit.errors import DeliveryError
from audit.settings import Retention
from audit.store import Store, open_place
from audit.store.outbox import InDoubtError, Outbox, settled
from audit.store.retention import retain
from audit.store.verify import verify
from tests.store.runs import MONDAY, stored

RUNS = [f"2026112{day}T020000Z-0000000{day}" for day in range(1, 6)]
TO = "ops@example.com"


@pytest.fixture
def outbox(url):
    return Outbox(open_place(url))


def begin(outbox, run=RUNS[0], letter="cluster", recipient=TO):
    return outbox.begin(run, letter, recipient, "<1@example.com>")


def again(url):
    return Outbox(open_place(url))


def test_nothing_was_sent_at_first(outbox):
    assert not outbox.was_sent(RUNS[0], "cluster", TO)
    assert not outbox.in_doubt(RUNS[0], "cluster", TO)
    assert outbox.last_sent(RUNS[4]) == ""
    assert outbox.missing(RUNS[4], "cluster", TO) == []


def test_what_was_sent_is_known_to_the_next(outbox, url):
    outbox.sent(begin(outbox), "250 OK")
    for one in (outbox, again(url)):
        assert one.was_sent(RUNS[0], "cluster", TO)
        assert one.was_sent(RUNS[0], "cluster", TO.upper())
        assert not one.in_doubt(RUNS[0], "cluster", TO)
        assert not one.was_sent(RUNS[0], "owner", TO)
        assert not one.was_sent(RUNS[1], "cluster", TO)


def test_what_another_is_sending_is_looked_at_again(outbox, url):
    other, mine = again(url), [("cluster", TO)]
    attempt = begin(other)
    with pytest.raises(InDoubtError):
        begin(outbox)
    outbox.wait(RUNS[0], mine)
    assert outbox.in_doubt(RUNS[0], *mine[0])
    other.sent(attempt, "250 OK")
    outbox.wait(RUNS[0], mine)
    assert outbox.was_sent(RUNS[0], *mine[0])


def test_what_was_begun_and_not_ended_is_never_begun_again(outbox, url):
    begin(outbox)
    for one in (outbox, again(url)):
        assert one.in_doubt(RUNS[0], "cluster", TO)
        with pytest.raises(InDoubtError):
            begin(one)


def test_what_was_refused_is_begun_again(outbox, url):
    outbox.refused(begin(outbox), "451 busy")
    other = again(url)
    second = begin(other)
    assert second.path.number == 2
    other.sent(second, "250 OK")
    assert again(url).was_sent(RUNS[0], "cluster", TO)


def test_of_two_at_once_one_begins(outbox, url):
    other = again(url)
    begin(outbox)
    with pytest.raises(InDoubtError):
        begin(other)


def test_the_last_run_of_which_something_was_sent(outbox):
    for run in (RUNS[0], RUNS[2]):
        outbox.sent(begin(outbox, run), "250 OK")
    outbox.refused(begin(outbox, RUNS[3]), "550 no")
    assert [outbox.last_sent(run) for run in RUNS] == ["", RUNS[0], RUNS[0], RUNS[2], RUNS[2]]


def test_missing_is_what_nobody_knows_of_since_the_last_that_came(outbox):
    begin(outbox, RUNS[0])
    outbox.sent(begin(outbox, RUNS[1]), "250 OK")
    begin(outbox, RUNS[2])
    begin(outbox, RUNS[3], recipient="other@example.com")
    assert outbox.missing(RUNS[4], "cluster", TO) == [RUNS[2]]
    assert outbox.missing(RUNS[1], "cluster", TO) == [RUNS[0]]


def broken(store):
    return [(one.where, one.what) for one in verify(store.place).found if one.broken]


def test_verify_knows_the_records(store):
    run = stored(store)
    outbox = Outbox(store.place)
    outbox.sent(begin(outbox, run.name), "250 OK")
    outbox.refused(begin(outbox, run.name, recipient="no@example.com"), "550 no")
    assert verify(store.place).found == []
    begin(outbox, run.name, recipient="doubt@example.com")
    (note,) = verify(store.place).found
    assert not note.broken
    assert note.what == "whether the mail to doubt@example.com was sent is not known"


def test_verify_finds_what_was_tampered_with(store):
    run = stored(store)
    outbox = Outbox(store.place)
    outbox.sent(begin(outbox, run.name), "250 OK")
    outbox.sent(begin(outbox, RUNS[0]), "250 OK")
    paths = [path for path in store.place.files() if path.startswith(f"mail/{run.name}/")]
    (sending,) = [path for path in paths if "sending" in path]
    data = store.place.read(sending)
    store.place.remove([sending])
    store.place.create(sending.replace("/1.", "/2."), b"{")
    store.place.create(f"mail/{run.name}/0123456789abcdef/1.sending.json", data)
    store.place.create("mail/x/0123456789abcdef/1.sending.json", data)
    told = {what for _, what in broken(store)}
    assert told == {
        "is damaged, or of a newer version",
        "is of another letter",
        f"tells of a run that is not there: {RUNS[0]}",
        "tells how an attempt ended that was never begun",
        "is alien: it is in no run's folder",
    }


def test_records_go_with_their_run_unless_nobody_knows(store):
    runs = [stored(store, MONDAY + timedelta(days=day)) for day in range(3)]
    outbox = Outbox(store.place)
    for run in runs:
        outbox.sent(begin(outbox, run.name), "250 OK")
    begin(outbox, runs[0].name, recipient="doubt@example.com")
    retain(store, Retention(runs=1), MONDAY + timedelta(days=3))
    kept = {path.split("/")[1] for path in store.place.files("mail")}
    assert kept == {runs[0].name, runs[2].name}
    assert Outbox(store.place).missing(runs[2].name, "cluster", "doubt@example.com") == [runs[0].name]
    assert broken(store) == []


def test_a_store_that_cannot_be_written_is_said(store):
    def refuse(path: str, _: bytes) -> None:
        raise DeliveryError(path)

    outbox = Outbox(store.place)
    store.place.create = refuse
    with pytest.raises(DeliveryError):
        begin(outbox)
    assert not outbox.in_doubt(RUNS[0], "cluster", TO)


def test_only_records_of_those_runs_are_settled():
    paths = [
        f"mail/{run}/0123456789abcdef/1.{state}.json" for run in RUNS[:2] for state in ("sending", "sent")
    ]
    assert settled([*paths, "jobs/a.json"], [RUNS[1]]) == paths[2:]


def test_listings_tell_them_apart(store):
    assert isinstance(store, Store)
    outbox = Outbox(store.place)
    begin(outbox)
    listing = store.listing()
    assert (len(listing.mail), listing.alien, listing.commits) == (1, [], [])
