def test_the_summary_says_the_finding_the_figures_and_where_to_read_on(call, tmp_path):
    status, out, err = call("run", "--format", "html,csv", "--out", str(tmp_path / "out"))
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert "1 of 2 pods" in lines[0]
    assert any(
        line.split() == ["Isolated", "for", "ingress", "50.0", "%", "1", "of", "2", "pods"] for line in lines
    )
    assert any(line.lstrip().startswith("Findings") and "high" in line for line in lines)
    files = "catalogue.json, configuration.json, report.html, snapshot.zip, csv/"
    assert lines[-1] == f"{tmp_path / 'out'}: {files}"


def test_the_summary_says_what_was_not_read(call, source, tmp_path):
    (source / "broken.yaml").write_text("kind: [\n", "utf-8")
    out = call("run", "--format", "csv", "--out", str(tmp_path / "out"))[1]
    assert "broken.yaml" in out


def test_names_cannot_steer_the_terminal(call, source, tmp_path):
    (source / "hostile\x1b[2J.yaml").write_text("kind: [\n", "utf-8")
    status, out, err = call("run", "--format", "csv", "--out", str(tmp_path / "out"), "--strict")
    assert status == 6
    assert "\x1b" not in out + err
