"""How reports look in this house: sheets, name, logo and fonts, read before anything is collected."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from audit.errors import UsageError
from audit.manifest import CATALOGUE, CONFIGURATION, NAME, WAIVERS, Digest
from audit.settings import Settings
from reports.errors import RenderFailure
from reports.model import Evidence, FontFile, Logo, Look, Report

__all__ = ["Look", "dressed", "read"]

T = TypeVar("T")

_WORDS: Final = {
    CONFIGURATION: "configuration",
    WAIVERS: "waivers",
    CATALOGUE: "catalogue",
    NAME: "previous_manifest",
}
"""What hashes.json calls what a report was made of, by file; any other file is a snapshot."""


def read(settings: Settings) -> Look:
    """The look that the settings ask for; UsageError, which names the file, if one cannot be used."""
    return Look(
        settings.page,
        settings.organisation,
        _read("logo", _logo, settings) if settings.logo else None,
        _read("fonts", _fonts, settings) if settings.fonts else (),
        _read("templates", _templates, settings) if settings.templates else (),
        settings.language,
    )


def _read(key: str, read: Callable[[Settings], T], settings: Settings) -> T:
    try:
        return read(settings)
    except RenderFailure as failure:
        raise UsageError(f"{key}: {failure}") from None


# What reads them is imported where there are some: tables alone must not wait for it.


def _logo(settings: Settings) -> Logo:
    from reports.logo import read_logo

    return read_logo(Path(settings.logo), settings.organisation)


def _fonts(settings: Settings) -> tuple[FontFile, ...]:
    from reports.further_fonts import read_fonts

    return read_fonts([Path(folder) for folder in settings.fonts])


def _templates(settings: Settings) -> tuple[tuple[str, str], ...]:
    from reports.own_templates import read_templates

    return read_templates(Path(settings.templates))


def dressed(report: Report, look: Look, made_of: Mapping[str, Digest | None]) -> Report:
    """The report in that look, with what it was made of, by file; None is what there was none of."""
    evidence = tuple(
        Evidence(_WORDS.get(file, "snapshot"), file, *((digest.sha256, digest.size) if digest else ()))
        for file, digest in made_of.items()
    )
    return msgspec.structs.replace(report, look=look, made_of=evidence)
