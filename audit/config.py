"""The configuration: segaudit.yaml, the environment and the command line as one frozen Config.

What the environment sets overrides the file: `SEGAUDIT_THRESHOLDS_IPV4_PREFIX=20` is
`thresholds.ipv4_prefix`, and lists are separated by commas. A name that is not known is an error, never
ignored: a threshold with a typing error must not pass for one that holds.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypedDict, Unpack

import msgspec

from audit import channels
from audit.channels import Secret
from audit.documents.nodes import Document
from audit.documents.reader import read_yaml
from audit.documents.typed import InvalidError, Step, allowed, json_schema, read_tree, section, typed
from audit.errors import UsageError
from audit.settings import BoundaryEnd, Chosen, Settings
from audit.severity import Severity

ENVIRONMENT_PREFIX: Final = "SEGAUDIT_"
JOB_VARIABLE: Final = "SEGAUDIT_JOB_NAME"
"""The name of the Job that a pod belongs to: its label batch.kubernetes.io/job-name, by the downward API."""
JOB_NAME: Final = r"[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?"
"""What the name of a Job looks like."""
_JOB_NAME_MAX: Final = 63
DEFAULT_FORMATS: Final = ("html", "pdf", "json", "csv")
FORMATS: Final = (
    *DEFAULT_FORMATS,
    *("md", "xlsx", "sarif", "junit", "openmetrics", "policyreport", "oscal", "calico-csv"),
)
"""What `--format` takes: the outputs that `audit.deliver.outputs` has."""

PASSWORD_VARIABLE: Final = "SEGAUDIT_MAIL_PASSWORD"  # noqa: S105  # its name
"""The password for `mail.username`, where no file has it."""

_LISTS: Final = {"scope": "scopes", "boundary": "boundaries"}

_SERVICE_LINK: Final = re.compile(r".*_(SERVICE_(HOST|PORT)(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_.+)?)?)")
"""What Kubernetes sets in every pod for a Service whose name begins with `segaudit`."""

_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All that a command was told; the only place that knows the time."""

    settings: Settings = Settings()
    now: datetime
    """SOURCE_DATE_EPOCH, else the time of loading; UTC, whole seconds. The date of input that has none."""
    as_of: datetime | None = None
    """`--as-of` in UTC; None stands for the time of what is read."""
    source: str | None = None
    """`--from`: a path, `-` for standard input; None for the live cluster."""
    waivers: Path | None = None
    """`--waivers`, else what the settings say."""
    out: Path = Path("out")
    formats: tuple[str, ...] = DEFAULT_FORMATS
    namespaces: tuple[str, ...] = ()
    """What is reported is narrowed to these; all if empty."""
    namespace_selector: str | None = None
    kubeconfig: tuple[Path, ...] = ()
    """`--kubeconfig`, else the files that KUBECONFIG names; none stand for the usual places."""
    context: str | None = None
    split: Literal["", "namespace"] = ""
    """`--split`: reports of parts beside the whole."""
    store: str = ""
    """`--store`, else what the settings say; empty where no run is kept."""
    job: str = ""
    """The Job whose pod this is, or empty."""
    mail: bool = False
    """`run --mail`: the run is mailed as soon as it is stored."""
    mail_password: Secret | None = None
    """What the environment has; a file is read when the password is needed."""
    fail_on: Severity | None = None
    strict: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: Literal["text", "json"] = "text"
    progress: bool = True


class Flags(TypedDict, total=False):
    """The command line as it was written; None for what was not given."""

    source: str | None
    waivers: Path | None
    out: Path | None
    formats: Sequence[str] | None
    namespaces: Sequence[str] | None
    namespace_selector: str | None
    kubeconfig: Path | None
    context: str | None
    split: Literal["namespace"] | None
    store: str | None
    mail: bool
    as_of: str | None
    fail_on: str | None
    strict: bool
    quiet: bool
    verbose: bool
    log_format: Literal["text", "json"]
    progress: bool


def load(path: Path | None, environment: Mapping[str, str], **flags: Unpack[Flags]) -> Config:
    """Read the file if there is one, then the environment, then the flags.

    `formats` may hold lists separated by commas. Raises UsageError with file and line, or with the name of
    the variable or option, and with what is allowed there.
    """
    settings = Settings() if path is None else _from_file(path)
    changes: dict[str, object] = {name: value for name, value in flags.items() if value is not None}
    if (formats := flags.get("formats")) is not None:
        changes["formats"] = _names(name for given in formats for name in given.split(","))
    if (namespaces := flags.get("namespaces")) is not None:
        changes["namespaces"] = _namespaces(namespaces)
    if (as_of := flags.get("as_of")) is not None:
        changes["as_of"] = _as_of(as_of)
    if (fail_on := flags.get("fail_on")) is not None:
        changes["fail_on"] = _severity(fail_on)
    changes["kubeconfig"] = _kubeconfig(flags.get("kubeconfig"), environment)
    if (password := environment.get(PASSWORD_VARIABLE)) is not None:
        changes["mail_password"] = Secret(password)
    settings = _with_environment(settings, environment)
    config = Config(settings=settings, now=_now(environment), store=settings.store, job=_job(environment))
    if settings.waivers.file:
        config = msgspec.structs.replace(config, waivers=Path(settings.waivers.file))
    return msgspec.structs.replace(config, **changes)


def _kubeconfig(given: Path | None, environment: Mapping[str, str]) -> tuple[Path, ...]:
    if given is not None:
        return (given,)
    return tuple(Path(path) for path in environment.get("KUBECONFIG", "").split(os.pathsep) if path)


def schema() -> bytes:
    """The JSON Schema of segaudit.yaml, as it is shipped in segaudit.schema.json."""
    return json_schema(Settings, "segaudit.yaml")


def _from_file(path: Path) -> Settings:
    tree, data = read_tree(path, "configuration")
    try:
        return _settings(tree)
    except InvalidError as error:
        raise error.at(path, data) from None


def _with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    paths = {ENVIRONMENT_PREFIX + "_".join(path).upper(): path for path in _leaves(Settings)}
    for name in sorted(environment):
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        if name not in paths:
            if name in (JOB_VARIABLE, PASSWORD_VARIABLE) or _SERVICE_LINK.fullmatch(name):
                continue
            raise UsageError(f"{name}: unknown setting; unset it, or use one of {', '.join(sorted(paths))}")
        *around, last = paths[name]
        tree = msgspec.to_builtins(settings)
        section = tree
        for step in around:
            section = section[step]
        section[last] = _value(environment[name], is_list=isinstance(section[last], list | tuple))
        try:
            settings = _settings(tree)
        except InvalidError as error:
            raise UsageError(f"{name}: {error.reason}") from None
    return settings


def _value(text: str, *, is_list: bool) -> object:
    """What a variable says: lists are separated by commas, or written as YAML in brackets."""
    if not is_list:
        return text
    if text.lstrip().startswith("["):
        return next((found.value for found in read_yaml(text.encode()) if isinstance(found, Document)), text)
    return list(_names(text.split(",")))


def _leaves(struct: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    for field in msgspec.structs.fields(struct):
        if (inner := section(field)) is not None:
            yield from ((field.encode_name, *path) for path in _leaves(inner))
        else:
            yield (field.encode_name,)


def _settings(tree: object) -> Settings:
    """Return the settings that a tree of texts stands for; raise InvalidError."""
    settings = typed(tree, Settings)
    if channels.may_hold_credentials(settings.store):  # even if --store overrides it: settings are kept
        raise InvalidError(("store",), channels.NO_CREDENTIALS)
    _refuse_cidrs(settings.service_cidrs, ("service_cidrs",))
    for kind, parts in (("scope", settings.scopes), ("boundary", settings.boundaries)):
        names: list[str] = [part.name for part in parts]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise InvalidError((_LISTS[kind], place, "name"), f"another {kind} has this name")
    _refuse_frameworks(settings.frameworks, ("frameworks",))
    for place, scope in enumerate(settings.scopes):
        _refuse_selectors(scope, ("scopes", place))
        _refuse_frameworks(scope.frameworks, ("scopes", place, "frameworks"))
    for place, boundary in enumerate(settings.boundaries):
        for side, end in (("from", boundary.source), ("to", boundary.destination)):
            _refuse_end(end, ("boundaries", place, side))
        for number, port in enumerate(boundary.ports):
            if port.end_port is not None and port.end_port < port.port:
                path = ("boundaries", place, "ports", number, "end_port")
                raise InvalidError(path, f"allowed is a number from {port.port}, its port, to 65535")
    return settings


def _refuse_end(end: BoundaryEnd, path: tuple[Step, ...]) -> None:
    if not end.has_pods and not end.cidrs:
        keys = ", ".join(field.encode_name for field in msgspec.structs.fields(end))
        raise InvalidError(path, f"names nothing; allowed are {keys}, at least one of them")
    _refuse_selectors(end, path)
    _refuse_cidrs(end.cidrs, (*path, "cidrs"))


def _refuse_selectors(chosen: Chosen, path: tuple[Step, ...]) -> None:
    for part in ("namespace_selector", "pod_selector"):
        if (selector := getattr(chosen, part)) is not None:
            selector.meant((*path, part))


def _refuse_cidrs(cidrs: Sequence[str], path: tuple[Step, ...]) -> None:
    for place, cidr in enumerate(cidrs):
        try:
            ipaddress.ip_network(cidr)
        except ValueError:
            raise InvalidError((*path, place), f"allowed is {allowed(Settings, (*path, place))}") from None


def _refuse_frameworks(named: Sequence[str], path: tuple[Step, ...]) -> None:
    from audit import frameworks

    for place, framework in enumerate(named):
        if framework not in frameworks.load():
            raise InvalidError((*path, place), f"allowed are {', '.join(frameworks.load())}")


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    """Strip, drop the empty ones and those that came before."""
    return tuple(dict.fromkeys(filter(None, (text.strip() for text in texts))))


def _namespaces(given: Iterable[str]) -> tuple[str, ...]:
    for name in given:
        if not _NAMESPACE.fullmatch(name.strip()):
            raise UsageError(f"--namespace {name!r}: allowed is the name of a namespace, such as kube-system")
    return _names(given)


def _now(environment: Mapping[str, str]) -> datetime:
    epoch = environment.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError("SOURCE_DATE_EPOCH: allowed is a number of seconds since 1970") from None


def moment(text: str) -> datetime:
    """A time as RFC 3339 has it, in UTC; without a zone it is UTC. ValueError if it is none."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def rfc3339(moment: datetime) -> str:
    """The same moment as `moment` reads it, in UTC: 2026-11-23T02:00:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _as_of(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError:
        raise UsageError("--as-of: allowed is a time such as 2026-11-23T02:00:00Z") from None


def _job(environment: Mapping[str, str]) -> str:
    job = environment.get(JOB_VARIABLE, "")
    if job and not (len(job) <= _JOB_NAME_MAX and re.fullmatch(JOB_NAME, job)):
        raise UsageError(
            f"{JOB_VARIABLE}: allowed is the name of a Job, as in the label batch.kubernetes.io/job-name"
        )
    return job


def _severity(word: str) -> Severity:
    try:
        return Severity.parse(word)
    except ValueError:
        allowed = ", ".join(severity.word for severity in Severity)
        raise UsageError(f"--fail-on: allowed is one of {allowed}") from None
