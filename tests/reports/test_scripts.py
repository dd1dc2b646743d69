"""What runs in the page: our own script makes no markup of text, the library is what it was."""

import re
from importlib.util import find_spec

import pytest

from reports import scripts
from reports.errors import RenderFailure

FORBIDDEN = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "javascript:"),
    *("fetch(", "XMLHttpRequest", "import(", "WebSocket", "sendBeacon", 'setAttribute("on'),
)


@pytest.fixture
def afresh():
    scripts.library.cache_clear()
    yield
    scripts.library.cache_clear()


def test_our_own_script_makes_no_markup_and_asks_for_nothing():
    assert [word for word in FORBIDDEN if word in scripts.own()] == []


def test_our_own_script_stays_in_its_element():
    assert not re.search(r"</script|<!--|<script", scripts.own(), re.IGNORECASE)


def test_every_file_is_in_the_page():
    folder = scripts.resources.files("reports") / "script"
    assert {file.name for file in folder.iterdir()} == {f"{name}.js" for name in scripts.FILES}


def test_the_library_leaves_one_name_and_exports_nothing():
    library = scripts.library()
    assert library.count("globalThis.DataTable=") == 1
    assert not re.search(r"\bexport\s*\{", library)
    assert "SpryMedia Ltd" in library, "the licences of its parts go with it"


@pytest.mark.usefixtures("afresh")
def test_a_library_of_another_form_is_refused(monkeypatch, tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "dt_bundle.js").write_text("export {a};")
    spec = find_spec("itables")
    spec.origin = str(tmp_path / "__init__.py")
    monkeypatch.setattr(scripts, "find_spec", lambda _: spec)
    with pytest.raises(RenderFailure, match="another form"):
        scripts.library()


@pytest.mark.usefixtures("afresh")
def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(scripts, "find_spec", lambda _: None)
    with pytest.raises(RenderFailure, match="itables"):
        scripts.library()
