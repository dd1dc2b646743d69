"""Where results go beside the output folder: the settings of store, mail, webhook and metrics."""

import re
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
"""The port where `mail.port` names none."""

NO_CREDENTIALS: Final = (
    "a URL with credentials or a query in it is not taken, as it would be in logs and reports; give "
    "credentials through the environment or the workload's identity"
)
_CREDENTIALS: Final = re.compile(r"//[^/]*:.*@|[?#]")
"""A password in front of a host (secret keys may hold slashes), a query, a fragment."""
_ACCOUNT: Final = re.compile(r"(?i)(abfss?|az)://[^/@]*@[^/@]*(/|$)")
"""A container in front of its account, as Azure has it: no secret."""

_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
ADDRESS: Final = rf"{_LOCAL}@{_DOMAIN}"
"""What an address looks like: nothing in it can end a header or a command."""
ADDRESS_MAX: Final = 254
OWNERS_MAX: Final = 5
"""Of a namespace, by its annotation: so many get mail."""
_END: Final = r"$(?!\n)"
"""The end of a text: in Python a line end may follow `$`, and JSON Schema has no other name for it."""

_Address: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="An address.",
        pattern=f"^{ADDRESS}{_END}",
        max_length=ADDRESS_MAX,
        extra={"allowed": "an address such as security@example.com"},
    ),
]
_Domain: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="The part of an address behind the @.",
        pattern=f"^{_DOMAIN}{_END}",
        max_length=253,
        extra={"allowed": "a domain such as example.com"},
    ),
]
_Owner: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="A namespace and the address of its owner.",
        pattern=f"^[a-z0-9]([-a-z0-9]*[a-z0-9])?={ADDRESS}{_END}",
        max_length=ADDRESS_MAX + 64,
        extra={"allowed": "NAMESPACE=ADDRESS, such as shop=team-shop@example.com"},
    ),
]
FilePath: TypeAlias = Annotated[str, msgspec.Meta(extra={"allowed": "the path of a file"})]
StoreUrl: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="Where runs are kept: a folder, or a URL of an object store, without credentials.",
        extra={"allowed": "a folder or a URL"},
    ),
]
YesNo: TypeAlias = Annotated[bool, msgspec.Meta(extra={"allowed": "true or false"})]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """How the mail about a stored run is sent, and to whom."""

    host: Annotated[
        str,
        msgspec.Meta(
            description="The SMTP server.",
            pattern=f"^[A-Za-z0-9:._-]*{_END}",
            max_length=253,
            extra={"allowed": "the name or address of an SMTP server"},
        ),
    ] = ""
    port: Annotated[
        int,
        msgspec.Meta(
            description="Its port; 0 stands for 587, with tls for 465, with none for 25.",
            ge=0,
            le=65535,
            extra={"allowed": "a number from 0 to 65535"},
        ),
    ] = 0
    security: Annotated[
        Literal["starttls", "tls", "none"],
        msgspec.Meta(
            description="How the connection is protected. With `none` neither mail nor server is.",
            extra={"allowed": "starttls, tls or none"},
        ),
    ] = "starttls"
    ca_file: Annotated[FilePath, msgspec.Meta(description="Whom to trust instead of the system's CAs.")] = ""
    username: Annotated[
        str, msgspec.Meta(description="Whom to log in as; nobody if empty.", extra={"allowed": "a name"})
    ] = ""
    password_file: Annotated[
        FilePath,
        msgspec.Meta(description="Where the password is; or it is in SEGAUDIT_MAIL_PASSWORD."),
    ] = ""
    sender: Annotated[
        str,
        msgspec.Meta(
            description="The address that mail is from.",
            pattern=f"^({ADDRESS})?{_END}",
            max_length=ADDRESS_MAX,
            extra={"allowed": "an address such as segaudit@example.com"},
        ),
    ] = ""
    to: Annotated[
        tuple[_Address, ...],
        msgspec.Meta(description="Who gets the mail.", extra={"allowed": "a list of addresses"}),
    ] = ()
    attach: Annotated[YesNo, msgspec.Meta(description="Whether the PDF is attached.")] = True
    attach_max_mb: Annotated[
        int,
        msgspec.Meta(
            description="A mail that would be larger, in MB, comes without the PDF.",
            ge=1,
            le=1000,
            extra={"allowed": "a number from 1 to 1000"},
        ),
    ] = 10
    allowed_domains: Annotated[
        tuple[_Domain, ...],
        msgspec.Meta(
            description="Where owners may be whom an annotation of a namespace names.",
            extra={"allowed": "a list of domains"},
        ),
    ] = ()
    owners: Annotated[
        tuple[_Owner, ...],
        msgspec.Meta(
            description="Who gets a mail about a namespace alone.",
            extra={"allowed": "a list of NAMESPACE=ADDRESS"},
        ),
    ] = ()
    retry_seconds: Annotated[
        int,
        msgspec.Meta(
            description="For how long the server is tried again that cannot take a mail just now.",
            ge=0,
            le=86_400,
            extra={"allowed": "a number from 0 to 86400"},
        ),
    ] = 600

    @property
    def at(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or PORTS[self.security]

    def allows(self, address: str) -> bool:
        """Whether an annotation may name that address as whom to mail."""
        if len(address) > ADDRESS_MAX or not re.fullmatch(ADDRESS, address):
            return False
        return address.rpartition("@")[2].casefold() in {each.casefold() for each in self.allowed_domains}


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told the summary of a stored run over HTTP."""

    url_file: Annotated[
        FilePath, msgspec.Meta(description="Where the URL is, which is a secret; none is told if empty.")
    ] = ""
    kind: Annotated[
        Literal["json", "slack", "teams"],
        msgspec.Meta(description="What it understands.", extra={"allowed": "json, slack or teams"}),
    ] = "json"
    ca_file: Annotated[FilePath, msgspec.Meta(description="Whom to trust instead of the system's CAs.")] = ""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the figures of each run go as OpenMetrics."""

    file: Annotated[FilePath, msgspec.Meta(description="A file that is written anew by each run.")] = ""
    pushgateway: Annotated[
        str,
        msgspec.Meta(
            description="A Prometheus Pushgateway, without credentials.",
            pattern=rf"^(https?://[A-Za-z0-9.:\[\]_-]+(/[^\s?#@]*)?)?{_END}",
            extra={
                "allowed": "the URL of a Pushgateway, without credentials, such as http://pushgateway:9091"
            },
        ),
    ] = ""
    ca_file: Annotated[FilePath, msgspec.Meta(description="Whom to trust instead of the system's CAs.")] = ""

    @property
    def wanted(self) -> bool:
        """Whether they go anywhere."""
        return bool(self.file or self.pushgateway)


class Secret:
    """A text that nothing shows by accident."""

    def __init__(self, text: str) -> None:
        """Kept as it is."""
        self.text = text

    def __repr__(self) -> str:
        """Without it."""
        return "Secret(***)"


def may_hold_credentials(store: str) -> bool:
    """Whether the URL of a store may have credentials in it; a folder has none."""
    _, scheme, rest = store.partition("://")
    with_user = "@" in rest.partition("/")[0] and not _ACCOUNT.match(store)
    return bool(scheme) and (with_user or _CREDENTIALS.search(store) is not None)


def owner_addresses(annotation: str) -> list[str]:
    """The addresses in an annotation, each once; names of teams and other words are none."""
    texts = (text.strip().removeprefix("mailto:") for text in annotation.replace(";", ",").split(","))
    found: dict[str, str] = {}
    for text in texts:
        if "@" in text:
            found.setdefault(text.casefold(), text)
    return list(found.values())
