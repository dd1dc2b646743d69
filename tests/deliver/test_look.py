import pytest

from audit.deliver import look
from audit.errors import UsageError
from audit.manifest import Digest
from audit.settings import Settings
from reports.model import Evidence
from tests.reports import sample
from tests.reports.font_files import CJK, folder, font
from tests.reports.test_logo import picture


def test_nothing_is_the_house_of_nobody():
    assert look.read(Settings()) == look.Look()


def test_what_the_settings_name_is_read(tmp_path):
    (tmp_path / "logo.jpg").write_bytes(picture(kind="JPEG"))
    fonts = folder(tmp_path / "fonts", a_ttf=font(CJK))
    house = look.read(
        Settings(organisation="Example", logo=str(tmp_path / "logo.jpg"), page="Letter", fonts=(str(fonts),))
    )
    assert (house.page, house.organisation, house.logo.alternative) == (
        "Letter",
        "Example",
        "Logo of Example",
    )
    assert [each.file for each in house.fonts] == [f"{fonts}/a.ttf"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"logo": "gone.png"}, "logo: cannot read gone.png: No such file or directory"),
        ({"fonts": ("gone",)}, "fonts: cannot read gone: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_a_matter_of_the_settings(tmp_path, monkeypatch, settings, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"^{message}"):
        look.read(Settings(**settings))


def test_what_a_report_was_made_of_goes_with_it():
    house = look.Look(organisation="Example")
    digest = Digest.of(b"x")
    made_of = {"snapshot.zip": digest, "waivers.yaml": None, "manifest.json": digest}
    report = look.dressed(sample.report(), house, made_of)
    assert report.look is house
    assert report.made_of == (
        Evidence("snapshot", "snapshot.zip", digest.sha256, 1),
        Evidence("waivers", "waivers.yaml"),
        Evidence("previous_manifest", "manifest.json", digest.sha256, 1),
    )
