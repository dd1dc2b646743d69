from audit.snapshot import load


def test_the_file_is_the_evidence_and_can_be_read_again(call, tmp_path):
    path = tmp_path / "monday.zip"
    status, out, err = call("snapshot", "-o", str(path))
    snapshot = load(path.read_bytes(), "")
    assert (status, err) == (0, "")
    assert out == f"{path}: 2 pods, 1 policies, SHA-256 {snapshot.sha256}\n"
    assert call("connections", "--from", str(path))[1] == call("connections")[1]
    call("snapshot", "-o", str(tmp_path / "again.zip"), "--from", str(path))
    assert (tmp_path / "again.zip").read_bytes() == path.read_bytes()


def test_quiet(call, tmp_path):
    assert call("snapshot", "-o", str(tmp_path / "x.zip"), "--quiet") == (0, "", "")


def test_a_folder_is_not_written_over(call, tmp_path):
    assert call("snapshot", "-o", str(tmp_path))[0] == 2
