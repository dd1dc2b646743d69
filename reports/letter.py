"""What a mail says: finished strings, as those of a report, in the few shapes that mail programs can show."""

from typing import Literal

import msgspec

from reports.model import Figure, Severity, Text


class Item(msgspec.Struct, frozen=True):
    """An entry of a list: perhaps with its severity in a box before it, and YAML under it."""

    text: Text
    severity: Severity | Literal[""] = ""
    code: str = ""


class Part(msgspec.Struct, frozen=True):
    """A part under a heading. `more` stands under the list, and tells what was left out of it."""

    title: Text
    lead: Text = ""
    items: tuple[Item, ...] = ()
    ordered: bool = False
    more: Text = ""


class Source(msgspec.Struct, frozen=True):
    """What the mail was made from: a term, and a name or a hash."""

    label: str
    value: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail. `title` says what it is, `about` what it is of, `date` of when; `classification` may be empty.

    `notes` stand before everything else. `attachment` says where the whole report is.
    """

    subject: str
    title: str
    about: str
    date: str
    classification: str = ""
    notes: tuple[Text, ...] = ()
    lead: Text
    remark: Text = ""
    figures: tuple[Figure, ...] = ()
    parts: tuple[Part, ...] = ()
    attachment: Text = ""
    sources: tuple[Source, ...] = ()
    language: str = "en"
