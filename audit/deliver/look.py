"""How reports look in this house: sheets, name, logo and fonts, read before anything is collected."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from audit.errors import UsageError
from audit.manifest import CATALOGUE, CONFIGURATION, NAME, WAIVERS, Digest
from audit.settings import Settings
from reports.errors import RenderFailure
from reports.model import Evidence, Look, Report

__all__ = ["Look", "dressed", "read"]

_WORDS: Final = {
    CONFIGURATION: "configuration",
    WAIVERS: "waivers",
    CATALOGUE: "catalogue",
    NAME: "previous_manifest",
}
"""What hashes.json calls what a report was made of, by file; any other file is a snapshot."""


def read(settings: Settings) -> Look:
    """The look that the settings ask for; UsageError, which names the file, if one cannot be used."""
    from reports.further_fonts import read_fonts
    from reports.logo import read_logo
    from reports.own_templates import read_templates

    try:
        logo = read_logo(Path(settings.logo), settings.organisation) if settings.logo else None
    except RenderFailure as failure:
        raise UsageError(f"logo: {failure}") from None
    try:
        fonts = read_fonts([Path(folder) for folder in settings.fonts])
    except RenderFailure as failure:
        raise UsageError(f"fonts: {failure}") from None
    try:
        templates = read_templates(Path(settings.templates)) if settings.templates else ()
    except RenderFailure as failure:
        raise UsageError(f"templates: {failure}") from None
    return Look(settings.page, settings.organisation, logo, fonts, templates)


def dressed(report: Report, look: Look, made_of: Mapping[str, Digest | None]) -> Report:
    """The report in that look, with what it was made of, by file; None is what there was none of."""
    evidence = tuple(
        Evidence(_WORDS.get(file, "snapshot"), file, *((digest.sha256, digest.size) if digest else ()))
        for file, digest in made_of.items()
    )
    return msgspec.structs.replace(report, look=look, made_of=evidence)
