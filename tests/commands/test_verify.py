import hashlib
import json

import pytest

from audit import cli


@pytest.fixture
def verify(capfdbinary):
    """Verifies a place; returns exit code, standard output and standard error."""

    def verify(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["verify", *arguments])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return verify


@pytest.fixture
def stored(call, tmp_path):
    """A store with the runs of two days, and the folders of these."""
    folder = tmp_path / "store"
    for day in ("1700000000", "1700086400"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", day)
            status, out, _ = call(
                "run", "--store", str(folder), "--out", str(tmp_path / day), "--format", "json,csv"
            )
        assert status == 0, out
    return folder, sorted(path for path in folder.iterdir() if path.name[0].isdigit())


def test_a_store_that_nobody_touched(stored, verify):
    status, out, err = verify(str(stored[0]))
    assert (status, err) == (0, "")
    note, tally = out.splitlines()
    sha256 = hashlib.sha256((stored[1][1] / "manifest.json").read_bytes()).hexdigest()
    assert note.startswith(f"note   {stored[1][1].name}/manifest.json: nothing else here names it")
    assert note.endswith(sha256)
    assert tally.startswith("2 runs, ")
    assert tally.endswith(" files: all is as it was written.")


def test_a_manifest_with_more_in_it_is_a_break(stored, verify):
    with (stored[1][1] / "manifest.json").open("ab") as file:
        file.write(b" ")
    status, out, _ = verify(str(stored[0]))
    assert status == 1
    assert f"BREAK  {stored[1][1].name}/manifest.json: is not what was written" in out


def test_a_commit_record_with_more_in_it_is_a_break(call, verify, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGAUDIT_JOB_NAME", "nightly-1")
    store, out = str(tmp_path / "store"), str(tmp_path / "out")
    assert call("run", "--store", store, "--out", out, "--format", "json")[0] == 0
    monkeypatch.delenv("SEGAUDIT_JOB_NAME")
    assert verify(store)[0] == 0
    with (tmp_path / "store" / "jobs" / "nightly-1.json").open("ab") as file:
        file.write(b"\n")
    status, said, _ = verify(store)
    assert status == 1
    assert said.startswith(
        "BREAK  jobs/nightly-1.json: is not what was written: segaudit writes other bytes\n"
    )


def test_a_break_is_a_line_and_exit_code_1(stored, verify):
    folder, runs = stored
    with (runs[0] / "csv" / "pods.csv").open("ab") as file:
        file.write(b"x")
    (runs[1] / "snapshot.zip").unlink()
    status, out, err = verify(str(folder))
    first, second, _, tally = out.splitlines()
    assert (status, err) == (1, "")
    assert first.startswith(f"BREAK  {runs[0].name}/csv/pods.csv: has ")
    assert second == f"BREAK  {runs[1].name}/snapshot.zip: is missing"
    assert tally.endswith(": 2 breaks.")


def test_a_note_is_no_break(stored, verify):
    folder, _ = stored
    (folder / "20231116T000000Z-abc").mkdir()
    (folder / "20231116T000000Z-abc" / "report.html").touch()
    status, out, _ = verify(str(folder))
    assert status == 0
    assert out.startswith("note   20231116T000000Z-abc: has no manifest.json: it was cut short, or is being")


def test_for_programs(stored, verify):
    folder, runs = stored
    (runs[0] / "evil").touch()
    status, out, _ = verify(str(folder), "--format", "json")
    read = json.loads(out)
    assert status == 1
    assert read["runs"] == 2
    assert read["found"] == [
        {
            "where": f"{runs[0].name}/evil",
            "what": "is alien: the manifest of its run does not list it",
            "broken": True,
        }
    ]


def test_a_run_and_an_output_folder(stored, verify, tmp_path):
    for folder in (stored[1][0], tmp_path / "1700000000"):
        status, out, _ = verify(str(folder))
        assert (status, out.splitlines()[-1][:6]) == (0, "1 run,")


def test_nothing_to_verify(verify, tmp_path):
    status, out, err = verify(str(tmp_path / "none"))
    assert (status, out) == (3, "")
    assert "there is no such folder" in err
    assert verify(str(tmp_path))[0] == 3


def test_an_address_with_credentials(verify):
    status, out, err = verify("s3://key:hunter2@bucket/x")
    assert (status, out) == (2, "")
    assert "hunter2" not in err


@pytest.mark.objectstore
def test_runs_in_a_server(s3, call, verify, tmp_path, gateway):
    url = s3()
    for out in ("a", "b"):
        status, said, _ = call("run", "--store", url, "--out", str(tmp_path / out), "--format", "json,csv")
        assert status == 0
        assert f" in {url}." in said
    assert gateway.secret not in said
    assert verify(url)[0] == 0
    kept = gateway.buckets / url.removeprefix("s3://")
    run = min(path for path in kept.iterdir() if path.name[0].isdigit())
    assert (run / "report.json").read_bytes() == (tmp_path / "a" / "report.json").read_bytes()
    (run / "report.json").unlink()
    status, out, _ = verify(url)
    assert status == 1
    assert out.startswith(f"BREAK  {run.name}/report.json: is missing\n")
