import pytest

from audit.config import FORMATS
from audit.deliver import outputs
from audit.errors import UsageError
from reports import to_csv
from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset, PageOne, Report


@pytest.fixture
def report():
    from audit.frames import GAPS

    columns = (DataColumn("subject", "string", "what"), DataColumn("reason", "text", "why"))
    return Report(
        title="t",
        subject="s",
        date="d",
        created="2026-11-23T02:00:00Z",
        identifier="0" * 64,
        generator="g",
        page_one=PageOne("", "", (), (), (), ()),
        sections=(),
        data=tuple(Dataset(name, "", columns, GAPS.empty()) for name in ("pods", "checks")),
    )


def test_every_output_has_its_file(report):
    files, failed = outputs.render(report, ("csv", "json", "html"))
    assert failed == {}
    assert list(files) == ["report.html", "report.json", "csv/pods.csv", "csv/checks.csv"]
    assert files["csv/pods.csv"] == b"subject,reason\r\n"


@pytest.mark.parametrize(
    "error", [RenderFailure("too wide"), ValueError("too wide")], ids=["expected", "fault"]
)
def test_one_that_fails_takes_no_other_with_it(report, monkeypatch, error):
    real = to_csv.write_csv

    def write(dataset):
        if dataset.name == "pods":
            raise error
        return real(dataset)

    monkeypatch.setattr(to_csv, "write_csv", write)
    files, failed = outputs.render(report, ("csv", "json"))
    assert list(files) == ["report.json", "csv/checks.csv"]
    assert list(failed) == ["csv/pods.csv"]
    assert "too wide" in failed["csv/pods.csv"]


def test_every_token_is_an_output():
    assert set(FORMATS) == {*outputs.ONE_FILE, *outputs.FOLDERS}
    outputs.check(FORMATS)


@pytest.mark.parametrize("formats", [("docx",), ("html", "txt"), ("",), ("HTML",), ()])
def test_outputs_that_there_are_not(formats):
    with pytest.raises(UsageError, match="allowed are html,pdf,json,csv"):
        outputs.check(formats)
    outputs.check(("html", "pdf", "json", "csv"))
