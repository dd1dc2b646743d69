"""Templates and style sheets of the house, which stand in the place of ours of the same name."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from jinja2 import TemplateSyntaxError

from reports.errors import RenderFailure
from reports.house_files import read_file
from reports.page import environment

_ENDINGS: Final = (".html.j2", ".css")


def read_templates(folder: Path) -> tuple[tuple[str, str], ...]:
    """Name and text of each template in `folder`; RenderFailure, which names the file, if one cannot be used.

    A file that has none of our names is an error: nothing would ever place it, and nobody would notice.
    """
    ours = _ours()
    try:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise RenderFailure(f"cannot read {folder}: {error.strerror}") from None
    if not paths:
        raise RenderFailure(f"{folder} has no template; name a folder with some of {', '.join(ours)}")
    found = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if name not in ours:
            raise RenderFailure(f"{path} overrides nothing: there are {', '.join(ours)}")
        found.append((name, _text(path)))
    templates = tuple(found)
    for name, text in templates:
        if name.endswith(".j2"):
            _check(folder / name, text)
    return templates


def _ours() -> list[str]:
    """The names of the report's templates; those of mail are of another kind."""
    root = resources.files("reports") / "templates"
    places: list[tuple[str, Traversable]] = [
        *((one.name, one) for one in root.iterdir()),
        *((f"blocks/{one.name}", one) for one in (root / "blocks").iterdir()),
    ]
    names = (name for name, one in places if one.is_file() and name.endswith(_ENDINGS))
    return sorted(name for name in names if not name.startswith("mail."))


def _text(path: Path) -> str:
    try:
        return read_file(path, 1, "take it out of the folder").decode("utf-8")
    except UnicodeDecodeError:
        raise RenderFailure(f"{path} is not UTF-8") from None


def _check(path: Path, text: str) -> None:
    try:
        environment().parse(text)
    except TemplateSyntaxError as error:
        raise RenderFailure(f"{path}:{error.lineno}: {error.message}") from None
