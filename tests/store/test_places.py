import os
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.errors import CollectError, DeliveryError, UsageError
from audit.store.places import Local, Objects, ThereAlreadyError, open_place
from tests.store.gateway import Gateway


def test_a_tree_that_is_not_there_has_no_files(url):
    assert open_place(url).files() == {}


def test_what_is_written_is_listed_and_read(url):
    place = open_place(url)
    place.create("run/csv/pods.csv", b"pods")
    place.create("run/report.html", b"")
    assert {path: entry.size for path, entry in place.files().items()} == {
        "run/csv/pods.csv": 4,
        "run/report.html": 0,
    }
    assert all(entry.changed for entry in place.files().values())
    assert place.files("run/csv").keys() == {"run/csv/pods.csv"}
    assert place.read("run/csv/pods.csv") == b"".join(place.pieces("run/csv/pods.csv")) == b"pods"


def test_names_that_begin_alike_are_apart(url):
    place = open_place(url)
    place.create("run/a", b"")
    place.create("run-2/a", b"")
    assert place.files("run").keys() == {"run/a"}


def test_nothing_is_written_over(url):
    place = open_place(url)
    place.create("run/a", b"first")
    with pytest.raises(ThereAlreadyError, match=r"cannot write run/a into the store .*: it is there already"):
        place.create("run/a", b"later")
    assert place.read("run/a") == b"first"


def test_the_same_bytes_again_are_as_good(url):
    place = open_place(url)
    place.create("run/a", b"first")
    place.create("run/a", b"first")
    assert place.files().keys() == {"run/a"}


def test_what_is_gone_already_is_as_good_as_removed(url):
    place = open_place(url)
    for name in ("a", "b", "c"):
        place.create(f"run/{name}", b"x")
    place.remove(["run/a"])
    place.remove(["run/a", "run/b", "run/never"])
    assert place.files().keys() == {"run/c"}
    place.remove(["run/c"])
    assert place.files() == {}


def test_a_file_that_is_not_there_cannot_be_read(url):
    with pytest.raises(CollectError, match="cannot read the store"):
        open_place(url).read("run/none")


def test_a_large_file_is_read_in_pieces(url):
    place = open_place(url)
    whole = os.urandom(1 << 20) * 20
    place.create("run/snapshot.zip", whole)
    pieces = list(place.pieces("run/snapshot.zip"))
    assert max(map(len, pieces)) <= 8 << 20
    assert b"".join(pieces) == whole


def test_files_are_of_their_owner_alone(tmp_path):
    os.umask(os.umask(0))
    place = open_place(str(tmp_path / "store"))
    place.create("run/csv/a", b"")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "store").rglob("*")}
    assert modes == {".segaudit-unfinished": 0o700, "run": 0o700, "csv": 0o700, "a": 0o600}


def test_what_is_unfinished_is_not_looked_for_behind_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"mine")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / ".segaudit-unfinished").symlink_to(tmp_path / "elsewhere")
    place = open_place(str(tmp_path / "store"))
    assert place.unfinished() == {}
    place.tidy(datetime.now(UTC) + timedelta(days=1))
    assert (tmp_path / "elsewhere" / "file").exists()


def test_no_link_is_followed_and_no_pipe_waited_for(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    store = tmp_path / "store"
    (store / "run").mkdir(parents=True)
    (store / "run" / "link").symlink_to(tmp_path / "secret")
    (store / "away").symlink_to(tmp_path)
    os.mkfifo(store / "run" / "pipe")
    place = open_place(str(store))
    assert {path: entry.size for path, entry in place.files().items()} == {
        "away": -1,
        "run/link": -1,
        "run/pipe": -1,
    }
    with pytest.raises(CollectError):
        place.read("run/link")
    assert place.read("run/pipe") == b""


@pytest.mark.parametrize("folder", ["s", "a b", "a@b", "what?", "#1", "x:y"])
def test_a_folder_may_be_called_anything(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    open_place(folder).create("run/a", b"")
    assert (tmp_path / folder / "run" / "a").exists()


def test_a_folder_by_url(tmp_path):
    open_place(f"file://{tmp_path}/a%20b").create("run/a", b"")
    assert (tmp_path / "a b" / "run" / "a").exists()


def test_a_file_is_no_store(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder; name another"):
        open_place(str(tmp_path / "file"))


def test_without_hard_links_nothing_is_written_over_either(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    place = open_place(str(tmp_path))
    place.create("run/a", b"first")
    place.create("run/a", b"first")
    with pytest.raises(ThereAlreadyError):
        place.create("run/a", b"later")
    assert place.read("run/a") == b"first"
    assert not list((tmp_path / ".segaudit-unfinished").iterdir())


def test_a_full_disk_is_told_in_a_line(monkeypatch, tmp_path):
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        DeliveryError, match=r"cannot write run/a into the store .*: No space left on device; "
    ):
        open_place(str(tmp_path)).create("run/a", b"x")
    assert open_place(str(tmp_path)).files() == {}
    assert not list((tmp_path / ".segaudit-unfinished").iterdir())


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIAKEY:hunter2@bucket/x",
        "s3://hunter2@bucket/x",
        "https://user:hunter2@example.com/x",
        "abfs://user:hunter2@account.dfs.core.windows.net/x",
        "s3://bucket/x?secret=hunter2",
        "abfs://box@account.blob.core.windows.net/x?sig=hunter2",
        "gs://bucket/x#hunter2",
        "ftp://user:hunter2@host/x",
        "s3://AKIAKEY:hunter2/with/slashes@bucket/x",
    ],
)
def test_an_address_with_credentials_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError) as caught:
        open_place(url)
    assert "hunter2" not in str(caught.value)
    assert "AKIAKEY" not in str(caught.value)
    assert "environment" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://host/x", "ftp://host/x", "memory://x", "simplecache::s3://bucket/x", "s3://", "s3:///x"]
)
def test_other_addresses_are_refused(url):
    with pytest.raises(UsageError, match=r"^--store "):
        open_place(url)


@pytest.mark.parametrize("url", ["s3:bucket/x", "s3:/bucket/x", "gs:/bucket", "S3:bucket"])
def test_half_an_address_is_no_folder(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"://"):
        open_place(url)


@pytest.mark.parametrize(
    ("url", "client", "extra"),
    [("gs://bucket/x", "gcsfs", "gcs"), ("abfs://box@account.dfs.core.windows.net/x", "adlfs", "azure")],
)
def test_a_missing_client_is_named_with_what_brings_it(monkeypatch, url, client, extra):
    monkeypatch.setitem(sys.modules, client, None)
    with pytest.raises(UsageError, match=rf"install segaudit\[{extra}\]"):
        open_place(url)


@pytest.mark.objectstore
class TestServer:
    @pytest.fixture
    def place(self, s3):
        return open_place(s3())

    def refusal(self, call, error=CollectError):
        with pytest.raises(error) as caught:
            call()
        return str(caught.value)

    def test_it_is_reached_by_the_environment_alone(self, place):
        assert isinstance(place, Objects)
        place.create("run/a", b"x")
        assert place.read("run/a") == b"x"

    def test_what_others_write_is_seen(self, place):
        other = open_place(place.url)
        assert other.files() == {}
        place.create("run/a", b"x")
        assert other.files().keys() == {"run/a"}
        place.remove(["run/a"])
        assert other.files() == {}

    def test_a_file_in_several_parts_is_not_written_over(self, place):
        first = bytes(110 << 20)
        place.create("run/snapshot.zip", first)
        place.create("run/snapshot.zip", first)
        with pytest.raises(ThereAlreadyError):
            place.create("run/snapshot.zip", first[:-1] + b"1")

    def test_a_bucket_that_is_not_there(self, s3):
        s3()
        other = open_place("s3://no-such-bucket/x")
        told = self.refusal(other.files)
        assert told == "cannot read the store s3://no-such-bucket/x: there is no such bucket, folder or file"
        assert "there is no such bucket" in self.refusal(lambda: other.create("run/a", b""), DeliveryError)

    def test_wrong_credentials_are_not_repeated(self, place, monkeypatch):
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        other = open_place(place.url)
        for told in (
            self.refusal(other.files),
            self.refusal(lambda: other.read("run/a")),
            self.refusal(lambda: other.create("run/a", b""), DeliveryError),
        ):
            assert "access is denied" in told
            assert "hunter2" not in told
            assert os.environ["AWS_ACCESS_KEY_ID"] not in told

    def test_no_credentials(self, place, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        assert self.refusal(open_place(place.url).files).endswith("there are no credentials")

    def test_nobody_answers(self, place, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        assert self.refusal(open_place(place.url).files).endswith("it cannot be reached")


@pytest.mark.objectstore
def test_the_server_keeps_files_where_the_test_can_damage_them(gateway: Gateway, s3):
    url = s3()
    open_place(url).create("run/a", b"x")
    assert Path(gateway.buckets, url.removeprefix("s3://"), "run", "a").read_bytes() == b"x"


def test_a_folder_is_no_object_store(tmp_path):
    assert isinstance(open_place(str(tmp_path)), Local)
