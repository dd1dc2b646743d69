"""What segaudit.yaml may say: each key, what it means, what is allowed there, and what holds without it."""

from typing import Annotated, Final, Literal, TypeAlias, get_args

import msgspec

from audit import language
from audit.channels import FilePath, Mail, Metrics, StoreUrl, Webhook, YesNo
from audit.label_selectors import LabelSelector

SYSTEM_NAMESPACE: Final = "kube-system"

_APART: Final = frozenset(
    (
        *("classification", "fonts", "frameworks", "language", "leave_out", "logo", "mail", "metrics"),
        *("organisation", "page", "retention", "sign_off", "split_most", "store", "templates"),
        *("waivers", "webhook"),
    )
)
"""Settings that say how results look, where they go or who accepts them, and none what they are."""

_Namespace: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="A namespace's name.",
        pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        max_length=63,
        extra={"allowed": "the name of a namespace"},
    ),
]
_Cidr: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="A range of addresses, without host bits.",
        extra={"allowed": "a range of addresses without host bits, such as 10.96.0.0/12"},
    ),
]
_Namespaces: TypeAlias = Annotated[
    tuple[_Namespace, ...], msgspec.Meta(extra={"allowed": "a list of names of namespaces"})
]
_AnnotationKey: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="An annotation's key.",
        pattern="^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        max_length=317,
        extra={"allowed": "the key of an annotation, such as segaudit.io/owner"},
    ),
]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Above which size the addresses that a rule allows count as broad."""

    ipv4_prefix: Annotated[
        int,
        msgspec.Meta(
            description="More addresses than an IPv4 range of this prefix length holds are broad.",
            ge=0,
            le=32,
            extra={"allowed": "a number from 0 to 32"},
        ),
    ] = 16
    ipv6_prefix: Annotated[
        int,
        msgspec.Meta(
            description="More addresses than an IPv6 range of this prefix length holds are broad.",
            ge=0,
            le=128,
            extra={"allowed": "a number from 0 to 128"},
        ),
    ] = 32


class Annotations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which annotations of policies say why a rule exists and whose it is."""

    justification: _AnnotationKey = "segaudit.io/justification"
    owner: _AnnotationKey = "segaudit.io/owner"


class Accepting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where waivers are: in a file, and in annotations of the objects themselves if that is allowed."""

    file: FilePath = ""
    annotations: YesNo = False


_Name: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="What reports call it.",
        min_length=1,
        max_length=63,
        extra={"allowed": "a name of at most 63 characters"},
    ),
]


_Frameworks: TypeAlias = Annotated[
    tuple[
        Annotated[str, msgspec.Meta(description="A framework's id, with its version.", max_length=63)], ...
    ],
    msgspec.Meta(extra={"allowed": "a list of ids of frameworks, such as pci-dss-4.0.1"}),
]


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pods by their namespaces and labels. What is left out restricts nothing."""

    namespaces: _Namespaces = ()
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class Scope(Chosen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pods that belong together, as those that handle card data."""

    name: _Name
    sensitive: Annotated[
        bool,
        msgspec.Meta(
            description="What is found in it weighs a step more.", extra={"allowed": "true or false"}
        ),
    ] = True
    frameworks: Annotated[
        _Frameworks, msgspec.Meta(description="Frameworks that hold for it alone, as PCI DSS for card data.")
    ] = ()


class BoundaryEnd(Chosen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side of a boundary: pods, ranges of addresses outside, or both; ranges alone stand for no pods."""

    cidrs: Annotated[
        tuple[_Cidr, ...],
        msgspec.Meta(
            description="Ranges of addresses outside the cluster.",
            extra={"allowed": "a list of ranges of addresses"},
        ),
    ] = ()

    @property
    def has_pods(self) -> bool:
        """Whether it stands for pods, and not for addresses alone."""
        return bool(self.namespaces) or self.namespace_selector is not None or self.pod_selector is not None


_PortNumber: TypeAlias = Annotated[
    int, msgspec.Meta(ge=1, le=65535, extra={"allowed": "a number from 1 to 65535"})
]


class BoundaryPort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ports of one protocol."""

    port: _PortNumber
    protocol: Annotated[
        Literal["TCP", "UDP", "SCTP"], msgspec.Meta(extra={"allowed": "one of TCP, UDP, SCTP"})
    ] = "TCP"
    end_port: _PortNumber | None = None


class Boundary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must not be reached from where."""

    name: _Name
    source: BoundaryEnd = msgspec.field(name="from")
    destination: BoundaryEnd = msgspec.field(name="to")
    ports: Annotated[
        tuple[BoundaryPort, ...],
        msgspec.Meta(
            description="The ports of `to` that it is about; all of them without.",
            extra={"allowed": "a list of ports, each as {port: 5432, protocol: TCP}"},
        ),
    ] = ()
    hops: Annotated[
        int,
        msgspec.Meta(
            description="Over so many connections it must not be reached; those between are on any port.",
            ge=1,
            le=5,
            extra={"allowed": "a number from 1 to 5"},
        ),
    ] = 1
    control: Annotated[
        str,
        msgspec.Meta(
            description="The control that asks for it, as reports print it.",
            max_length=120,
            extra={"allowed": "a text of at most 120 characters"},
        ),
    ] = ""


OptionalSection: TypeAlias = Literal[
    "network-diagram", "exposure", "namespaces", "owners", "rules", "frameworks", "trend", "sign-off"
]
"""Sections of a report, by their anchors, that may be left out: none of those that say what is not known."""
_OPTIONAL: Final = ", ".join(get_args(OptionalSection))
_Part: TypeAlias = Annotated[OptionalSection, msgspec.Meta(extra={"allowed": f"one of {_OPTIONAL}"})]
_Number: TypeAlias = Annotated[
    int,
    msgspec.Meta(
        description="A number, 1 or more.", ge=1, le=100_000, extra={"allowed": "a number from 1 to 100000"}
    ),
]


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which runs stay in the store; without either all do. A run that one of them keeps stays."""

    runs: _Number | None = None
    """So many of the newest."""
    days: _Number | None = None
    """Those that are not older."""


_Person: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        description="Who, with a title if need be; reports leave a line for it if it is empty.",
        max_length=120,
        extra={"allowed": "a text of at most 120 characters"},
    ),
]


class SignOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs the report, and when the next review is due."""

    prepared_by: _Person = ""
    reviewed_by: _Person = ""
    review_every: Annotated[
        str,
        msgspec.Meta(
            description="How long after the report's date the next review is due.",
            pattern="^[1-9][0-9]{0,2} (day|week|month|year)s?$(?!\\n)",
            extra={"allowed": "a length of time such as 6 months, 90 days or 1 year"},
        ),
    ] = "6 months"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The configuration file segaudit.yaml; every key may be left out."""

    thresholds: Thresholds = Thresholds()
    annotations: Annotations = Annotations()
    cluster_name: Annotated[
        str,
        msgspec.Meta(
            description="What the cluster is called in reports; else its name in the kubeconfig.",
            max_length=253,
            extra={"allowed": "a name of at most 253 characters"},
        ),
    ] = ""
    classification: Annotated[
        str,
        msgspec.Meta(
            description="A label that stands on every page and in the subject of mail.",
            max_length=60,
            extra={"allowed": "a label of at most 60 characters"},
        ),
    ] = ""
    organisation: Annotated[
        str,
        msgspec.Meta(
            description="Whose report it is: on the cover, and above the report on screen.",
            max_length=120,
            extra={"allowed": "a name of at most 120 characters"},
        ),
    ] = ""
    logo: Annotated[
        str,
        msgspec.Meta(
            description="The path of its logo, a PNG or JPEG file.", extra={"allowed": "the path of a file"}
        ),
    ] = ""
    language: Annotated[
        str,
        msgspec.Meta(
            description="Whose way numbers and dates are written in; sentences are English.",
            pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\\n)",
            max_length=35,
            extra={"allowed": "the tag of a language, such as de, en-US or pt-BR"},
        ),
    ] = language.DEFAULT
    page: Annotated[
        Literal["A4", "Letter"],
        msgspec.Meta(description="The size of the sheets of report.pdf.", extra={"allowed": "A4 or Letter"}),
    ] = "A4"
    fonts: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Folders with fonts (.ttf, .otf) for characters that the report's own fonts lack.",
            extra={"allowed": "a list of folders"},
        ),
    ] = ()
    templates: Annotated[
        str,
        msgspec.Meta(
            description="A folder with templates and style sheets in the place of the report's own.",
            extra={"allowed": "the path of a folder"},
        ),
    ] = ""
    sign_off: SignOff = SignOff()
    cloud: Annotated[
        str,
        msgspec.Meta(
            description="The cloud whose machines the nodes are, where no node says so.",
            max_length=60,
            extra={"allowed": "a name of at most 60 characters"},
        ),
    ] = ""
    store: StoreUrl = ""
    retention: Retention = Retention()
    waivers: Accepting = Accepting()
    mail: Mail = Mail()
    webhook: Webhook = Webhook()
    metrics: Metrics = Metrics()
    scopes: Annotated[
        tuple[Scope, ...],
        msgspec.Meta(
            description="Parts of the cluster, as the one that handles card data.",
            extra={"allowed": "a list of scopes, each with a name"},
        ),
    ] = ()
    frameworks: Annotated[
        _Frameworks,
        msgspec.Meta(description="Of which the report tells; without any of all that fit the cluster."),
    ] = ()
    boundaries: Annotated[
        tuple[Boundary, ...],
        msgspec.Meta(
            description="What must not be reached from where.",
            extra={"allowed": "a list of boundaries, each with name, from and to"},
        ),
    ] = ()
    leave_out: Annotated[
        tuple[_Part, ...],
        msgspec.Meta(
            description="Sections that the report does not have; page one names them.",
            extra={"allowed": f"a list of some of {_OPTIONAL}"},
        ),
    ] = ()
    split_most: Annotated[
        int,
        msgspec.Meta(
            description="So many namespaces, those with the gravest findings, get a report of their own with "
            "`--split namespace`.",
            ge=1,
            le=10_000,
            extra={"allowed": "a number from 1 to 10000"},
        ),
    ] = 200
    system_namespaces: Annotated[
        _Namespaces, msgspec.Meta(description="Namespaces that are the cluster's own, beside kube-system.")
    ] = ()
    service_cidrs: Annotated[
        tuple[_Cidr, ...],
        msgspec.Meta(
            description="The ranges that ClusterIPs of Services come from.",
            extra={"allowed": "a list of ranges of addresses"},
        ),
    ] = ()

    @property
    def systems(self) -> frozenset[str]:
        """The names of all system namespaces, kube-system always among them."""
        return frozenset((SYSTEM_NAMESPACE, *self.system_namespaces))

    def canonical(self) -> bytes:
        """The settings in force as JSON, equal bytes for equal settings: what a run keeps, with its hash.

        No secret is in it: passwords and the URL of a webhook are in files that it names, or in variables.
        """
        return msgspec.json.encode(self, order="sorted")

    def judging(self) -> bytes:
        """The same without what says nothing of verdicts: runs are compared if this is equal."""
        kept = {name: getattr(self, name) for name in self.__struct_fields__ if name not in _APART}
        kept["scopes"] = tuple(msgspec.structs.replace(scope, frameworks=()) for scope in self.scopes)
        place: Settings = msgspec.structs.replace(Settings(), **kept)
        return place.canonical()
