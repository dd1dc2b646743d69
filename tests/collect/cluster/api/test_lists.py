"""A list of the API, page by page."""

import json

import msgspec
import pytest

from audit.collect.cluster.api import lists
from audit.collect.cluster.api.lists import ListMeta, NoListError, Reading
from audit.collect.cluster.api.transport import ApiError, Transport
from tests.collect.cluster.canned import Answer, page, status

PATH = "/api/v1/things"
ITEMS = list(range(9))


class Taken:
    """Takes pages of numbers."""

    def __init__(self):
        self.items = []
        self.begun = 0

    def begin(self):
        self.begun += 1
        self.items = []

    def take(self, body):
        try:
            decoded = json.loads(body)
        except ValueError:
            raise NoListError("it breaks off") from None
        if "items" not in decoded:
            raise NoListError(f"it is a {decoded.get('kind')}")
        self.items += decoded["items"]
        return msgspec.convert(decoded["metadata"], ListMeta)


@pytest.fixture
def taken():
    return Taken()


@pytest.fixture
def reading(api, taken):
    api.lists[PATH] = ITEMS
    return Reading(Transport(api.access()), PATH, taken)


def refused(reading):
    with pytest.raises(ApiError) as error:
        reading.run()
    return error.value


def expires(api, token, times=100, proceed=""):
    """The first so many requests for the page of that token are answered 410."""
    left = [times]

    def answer(request):
        if request.token == token and "limit" in request.query and left[0]:
            left[0] -= 1
            return status(410, "too old", proceed=proceed)
        if "limit" not in request.query:
            return page(*ITEMS, version="99")
        return None

    api.routes[PATH] = answer


def test_pages_whose_metadata_come_first(api, reading, taken):
    reading.run()
    assert taken.items == ITEMS
    assert (taken.begun, reading.resource_version, reading.inconsistent) == (1, "41", "")
    assert api.asked(PATH) == ["", "2", "4", "6", "8"]
    assert {request.query["limit"] for request in api.log} == {"500"}


def test_pages_whose_metadata_come_last(api, reading, taken):
    def answer(request):
        start = int(request.token or 0)
        meta = {"resourceVersion": "7"} | ({"continue": str(start + 3)} if start < 6 else {})
        return Answer(200, {"items": ITEMS[start : start + 3], "metadata": meta})

    api.routes[PATH] = answer
    reading.run()
    assert (taken.items, reading.resource_version) == (ITEMS, "7")
    assert api.asked(PATH) == ["", "3", "6"]


def test_metadata_with_self_link_and_blanks(api, reading, taken):
    first = (
        b' {\n "kind": "List",\n "apiVersion": "v1",\n'
        b' "metadata": {"selfLink": "", "continue": "x"}, "items": [1]}'
    )
    api.routes[PATH] = lambda request: page(2) if request.token == "x" else Answer(200, first)  # noqa: S105
    reading.run()
    assert (taken.items, api.asked(PATH)) == ([1, 2], ["", "x"])


def test_no_page_is_asked_for_twice_though_asked_for_ahead(api, reading, taken):
    api.lists[PATH] = list(range(101))
    reading.run()
    assert taken.items == list(range(101))
    assert sorted(api.asked(PATH), key=lambda token: int(token or 0)) == ["", *map(str, range(2, 101, 2))]


def test_an_empty_list(api, reading, taken):
    api.lists[PATH] = []
    reading.run()
    assert (taken.items, api.asked(PATH)) == ([], [""])


@pytest.mark.parametrize("times", [1, 2])
def test_a_list_that_expires_begins_again(api, reading, taken, times):
    expires(api, "4", times)
    reading.run()
    assert (taken.items, taken.begun) == (ITEMS, times + 1)
    assert reading.inconsistent == ""
    assert api.asked(PATH).count("") == times + 1


def test_a_list_that_expires_again_goes_on_with_the_servers_token(api, reading, taken):
    expires(api, "4", 3, proceed="4")
    reading.run()
    assert (taken.items, taken.begun) == (ITEMS, 3)
    assert reading.inconsistent == (
        "the list expired 3 times while it was read, so that its parts are of different moments"
    )
    assert reading.resource_version == "41"


def test_a_list_that_expires_again_without_a_token_is_read_at_once(api, reading, taken):
    expires(api, "4")
    reading.run()
    assert (taken.items, taken.begun) == (ITEMS, 4)
    assert reading.inconsistent == (
        "the list expired 3 times while it was read in pages, and was then read at once"
    )
    assert (reading.resource_version, api.log[-1].query) == ("99", {})


def test_a_token_that_is_offered_and_expired_ends_in_the_whole_list(api, reading, taken):
    expires(api, "4", proceed="4")
    reading.run()
    assert taken.items == ITEMS
    assert "read at once" in reading.inconsistent


def test_a_list_without_an_end_is_given_up(api, reading, taken):
    api.routes[PATH] = lambda request: page(1, proceed="b" if request.token == "a" else "a")  # noqa: S105
    assert "does not end" in refused(reading).reason
    assert taken.items == [1, 1, 1]


def test_a_whole_list_that_is_none(api, reading):
    api.routes[PATH] = lambda request: (
        status(410) if "limit" in request.query else Answer(200, {"kind": "Status"})
    )
    assert refused(reading).reason == "the answer is no list: it is a Status"


def test_damage_of_a_page_is_asked_again(api, reading, taken):
    spoilt = ["4", "4", "8"]

    def answer(request):
        if request.token in spoilt:
            spoilt.remove(request.token)
            return Answer(200, b'{"items": [1,')
        return None

    api.routes[PATH] = answer
    reading.run()
    assert (taken.items, taken.begun) == (ITEMS, 1)
    assert (api.asked(PATH).count("4"), api.asked(PATH).count("8")) == (3, 2)


def test_a_page_that_is_damaged_three_times_ends_it(api, reading, taken):
    api.routes[PATH] = lambda request: Answer(200, b"<html>") if request.token == "4" else None  # noqa: S105
    error = refused(reading)
    assert (error.status, error.reason) == (200, "the answer is no list: it breaks off")
    assert (taken.items, api.asked(PATH).count("4")) == (ITEMS[:4], 3)


def test_what_is_no_list_is_named(api, reading):
    api.routes[PATH] = Answer(200, {"kind": "Table", "rows": []})
    assert refused(reading).reason == "the answer is no list: it is a Table"
    assert len(api.log) == 3


@pytest.mark.parametrize("code", [403, 404])
def test_a_refusal_ends_it(api, reading, taken, code):
    api.routes[PATH] = status(code)
    assert refused(reading).status == code
    assert (taken.items, len(api.log)) == ([], 1)


def test_a_refusal_midway_leaves_what_was_taken(api, reading, taken):
    api.routes[PATH] = lambda request: status(403) if request.token == "4" else None  # noqa: S105
    assert refused(reading).status == 403
    assert taken.items == ITEMS[:4]


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_a_page_that_breaks_off_is_asked_again(api, reading, taken, fault):
    broken = [True]

    def answer(request):
        if request.token == "4" and broken:  # noqa: S105
            broken.clear()
            return page(4, 5, proceed="6")._replace(fault=fault)
        return None

    api.routes[PATH] = answer
    reading.run()
    assert (taken.items, taken.begun) == (ITEMS, 1)
    assert api.asked(PATH).count("4") == 2


def test_a_list_of_ever_new_tokens_is_given_up(api, reading, monkeypatch):
    monkeypatch.setattr(lists, "PAGES_MAX", 5)
    api.routes[PATH] = lambda request: page(proceed=f"{int(request.token or 0) + 1}")
    assert "over 5 pages" in refused(reading).reason
