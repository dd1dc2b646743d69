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


def test_numbers_and_dates_are_those_of_the_language(call, tmp_path):
    (tmp_path / "segaudit.yaml").write_text("language: de\n", "utf-8")
    told = ["--config", str(tmp_path / "segaudit.yaml"), "--as-of", "2026-11-23T02:00:00Z"]
    status, out, err = call("run", "--format", "md,html", "--out", str(tmp_path / "out"), *told)
    assert (status, err) == (0, "")
    assert " 50,0 % " in out
    assert "23\\. November 2026, 02:00 UTC" in (tmp_path / "out" / "report.md").read_text("utf-8")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert '<html lang="en" data-numbers="de"' in page
    assert "23. November 2026" in page


def test_a_language_without_formats_is_named(call, tmp_path):
    (tmp_path / "segaudit.yaml").write_text("language: xx\n", "utf-8")
    status, _, err = call("run", "--config", str(tmp_path / "segaudit.yaml"), "--out", str(tmp_path / "out"))
    assert status == 2
    assert "there are no formats for xx" in err
    assert not (tmp_path / "out").exists()
