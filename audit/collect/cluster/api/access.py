"""Which API server, as whom: the kubeconfig's context, or the service account of the pod this runs in.

The official client reads both. What it does otherwise than kubectl, or too lightly for an audit, is put
right here:

| case | kubectl | the client | here |
|---|---|---|---|
| several files set current-context | the first counts | the last counts | the first counts |
| an exec plug-in fails | an error | goes on without credentials | an error |
| insecure-skip-tls-verify, or plain HTTP to another machine | takes it | takes it | an error |
| an expired OIDC token, no CA of its issuer | the system's CAs | does not verify it | the bundled CAs |
| `as`: the rights of another | sends it | ignores it | sends it |
| refreshed tokens | written back | written back unless told | never written |
"""

import base64
import binascii
import ipaddress
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import certifi
import msgspec
import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.rest import RESTResponse
from kubernetes.config import ConfigException
from kubernetes.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_HOST_ENV_NAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

from audit.errors import UsageError

DEFAULT_KUBECONFIG: Final = Path("~/.kube/config")
_BEARER: Final = "BearerToken"
_CONNECTIONS: Final = 16
"""That are kept open: more than are in use at any moment."""
_MOST_NAMED: Final = 10
_IDP_CA: Final = "idp-certificate-authority"


class _Claims(msgspec.Struct):
    """What is read of a token; nobody here could verify the rest."""

    sub: str = ""


class Access:
    """The way to one API server. Threads may share it."""

    def __init__(self, load: Callable[[Configuration], None], *, cluster: str, description: str) -> None:
        """`load` reads the credentials into a Configuration, each time it is called, or UsageError."""
        self.cluster = cluster
        """The cluster's name in the kubeconfig; empty in a pod, where nothing tells it."""
        self.description = description
        """What is read, as a person would say it."""
        self.user = ""
        """The user's name in the kubeconfig."""
        self.impersonated: dict[str, str] = {}
        """Headers that ask the server to judge by the rights of another."""
        self.generation = 0
        """How often the credentials were read again."""
        self._load = load
        self._lock = threading.Lock()
        self._client = self._connected()

    @property
    def host(self) -> str:
        """The server's address."""
        return _shown(self._client.configuration)

    @property
    def read_as(self) -> str:
        """The token's subject if it is a JWT, else the kubeconfig's user."""
        key = self._client.configuration.api_key.get(_BEARER, "")
        impersonated = self.impersonated.get("Impersonate-User", "")
        return impersonated or subject_of(key.rpartition(" ")[2]) or self.user

    def get(self, path: str, query: Sequence[tuple[str, str]], timeout: tuple[float, float]) -> RESTResponse:
        """The server's answer to a GET, its body not yet read; what urllib3 raises if there is none.

        `timeout` are the seconds until the connection stands, and the seconds without a byte after that.
        """
        with self._lock:  # the client may run an exec plug-in again here, and would do so in every thread
            client = self._client
            request = client.param_serialize(
                "GET",
                path,
                query_params=list(query),
                header_params=dict(self.impersonated),
                auth_settings=[_BEARER],
            )
        return client.call_api(*request, _request_timeout=timeout)

    def renew(self, generation: int) -> None:
        """Read the credentials again, unless that was done since `generation`; UsageError if not possible."""
        with self._lock:
            if self.generation == generation:
                self._client = self._connected()
                self.generation += 1

    def _connected(self) -> ApiClient:
        configuration = Configuration()
        configuration.retries = False  # retrying is ours
        configuration.connection_pool_maxsize = _CONNECTIONS
        self._load(configuration)
        _strip_token(configuration)
        _require_verified(configuration, self.description)
        client = ApiClient(configuration)
        client.user_agent = "segaudit"
        return client


def connect(kubeconfig: Sequence[Path], context: str | None) -> Access:
    """The way to the cluster of that context (None: the current one) of these files; the first counts.

    Without files, that of ~/.kube/config, or else the cluster that this pod runs in. UsageError says what is
    missing.
    """
    logging.root.addFilter(_DISCREET)
    files = [Path(os.path.expanduser(file)) for file in kubeconfig]  # noqa: PTH111  # `~nobody` stays as it is
    if not files and DEFAULT_KUBECONFIG.expanduser().exists():
        files = [DEFAULT_KUBECONFIG.expanduser()]
    if files:
        return _from_kubeconfig(files, context)
    if context is not None:
        raise UsageError(f"--context {context}: there is no kubeconfig; name one with --kubeconfig")
    if os.environ.get(SERVICE_HOST_ENV_NAME):
        return _in_cluster()
    raise UsageError(
        "no cluster to read: there is no ~/.kube/config, KUBECONFIG is not set, and this is no pod of a "
        "cluster; name a kubeconfig with --kubeconfig, or files with --from"
    )


def subject_of(token: str) -> str:
    """The subject that a JSON web token names; empty if it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(claims, type=_Claims).sub
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return ""


def _in_cluster() -> Access:
    def load(configuration: Configuration) -> None:
        try:
            loader = InClusterConfigLoader(SERVICE_TOKEN_FILENAME, SERVICE_CERT_FILENAME)  # type: ignore[no-untyped-call]
            loader.load_and_set(configuration)  # type: ignore[no-untyped-call]
        except (ConfigException, OSError) as error:
            raise UsageError(
                f"cannot use this pod's service account: {_reason(error)}; mount its token "
                "(automountServiceAccountToken), or name a kubeconfig with --kubeconfig"
            ) from None

    return Access(load, cluster="", description="the cluster that this pod runs in")


def _from_kubeconfig(files: Sequence[Path], context: str | None) -> Access:
    named = ", ".join(map(str, files))
    wanted = context or _current_context(files)
    if not wanted:
        raise UsageError(f"{named}: no current-context is set; name one with --context")

    def loader() -> KubeConfigLoader:
        with _config_errors(named):
            merged = KubeConfigMerger(os.pathsep.join(map(str, _existing(files))))  # type: ignore[no-untyped-call]
            known = [str(_value(one).get("name")) for one in _value(merged.config).get("contexts") or []]
            if wanted not in known:
                raise UsageError(
                    f"the kubeconfig {named} has no context {wanted!r}; name one of its own with --context: "
                    f"{', '.join(sorted(known)[:_MOST_NAMED]) or 'it has none'}"
                )
            return KubeConfigLoader(merged.config, active_context=wanted, config_base_path=None)  # type: ignore[no-untyped-call]

    def load(configuration: Configuration) -> None:
        read = loader()
        user = _value(read._user)  # noqa: SLF001  # the client has no other way to tell
        _verify_issuer(user)
        with _config_errors(named):
            read.load_and_set(configuration)  # type: ignore[no-untyped-call]
        if "exec" in user and not (configuration.api_key or configuration.cert_file):
            command = _value(user["exec"]).get("command", "")
            raise UsageError(
                f"{named}: context {wanted}: the credential plug-in {command!r} gave no credentials; run "
                f"`kubectl --context {wanted} get namespaces` to see what it says"
            )

    told = loader()
    chosen = _value(told.current_context).get("context") or {}
    access = Access(load, cluster=str(chosen.get("cluster") or ""), description=f"context {wanted}")
    access.user = str(chosen.get("user") or "")
    access.impersonated = _impersonation(_value(told._user), named)  # noqa: SLF001  # as above
    return access


def _impersonation(user: Mapping[str, Any], named: str) -> dict[str, str]:
    """The headers for `as`, `as-uid` and `as-groups`; UsageError for what the client cannot send."""
    groups = user.get("as-groups") or []
    if user.get("as-user-extra") or len(groups) > 1 or (groups and not user.get("as")):
        raise UsageError(
            f"{named}: segaudit sends `as`, `as-uid` and one of `as-groups`, no more and no `as-user-extra`; "
            "use a user that has these rights itself"
        )
    told = {"User": user.get("as"), "Uid": user.get("as-uid"), "Group": groups[0] if groups else None}
    return {f"Impersonate-{name}": str(value) for name, value in told.items() if value}


def _existing(files: Sequence[Path]) -> list[Path]:
    """Those that are there and hold something: as for kubectl, one of several may be missing or empty."""
    found = [file for file in files if file.exists() and file.stat().st_size]
    if not found:
        raise UsageError(
            f"cannot read the kubeconfig {', '.join(map(str, files))}: no such file, or empty; "
            "name another with --kubeconfig"
        )
    return found


def _current_context(files: Sequence[Path]) -> str:
    for file in _existing(files):
        with _config_errors(str(file)):
            tree = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        if isinstance(tree, dict) and tree.get("current-context"):
            return str(tree["current-context"])
    return ""


def _verify_issuer(user: Mapping[str, Any]) -> None:
    """Without a CA of its own an OIDC issuer is verified by the bundled ones; the client would not at all."""
    provider = _value(user.get("auth-provider")).get("config")
    if isinstance(provider, dict) and not provider.keys() & {_IDP_CA, f"{_IDP_CA}-data"}:
        provider[_IDP_CA] = certifi.where()


def _require_verified(configuration: Configuration, description: str) -> None:
    host = _shown(configuration)
    address = urlsplit(host)
    if address.scheme == "https" and not configuration.verify_ssl:
        raise UsageError(
            f"{description}: insecure-skip-tls-verify is set for {host}, but segaudit always verifies: "
            f"{CA_ADVICE}"
        )
    if address.scheme != "https" and not _is_loopback(address.hostname or ""):
        raise UsageError(f"{description}: {host} is not HTTPS; credentials are sent over verified TLS only")


CA_ADVICE: Final = (
    "put the certificate of the CA that signed it into the kubeconfig (kubectl config set-cluster CLUSTER "
    "--certificate-authority=FILE --embed-certs)"
)


def _shown(configuration: Configuration) -> str:
    """The server's address without a name and password in it."""
    scheme, slashes, rest = str(configuration.host).rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


def _strip_token(configuration: Configuration) -> None:
    """Tokens are often in files that end in a newline, which no header may hold; so are refreshed ones."""
    refresh = cast("Callable[[Configuration], None] | None", configuration.refresh_api_key_hook)

    def strip(current: Configuration) -> None:
        if refresh is not None:
            refresh(current)
        current.api_key = {name: key.strip() for name, key in current.api_key.items()}

    strip(configuration)
    if refresh is not None:
        configuration.refresh_api_key_hook = strip  # type: ignore[assignment]  # it has no type of its own


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _value(node: object) -> dict[str, Any]:
    """The mapping in a node of the client's kubeconfig; empty if there is none."""
    value = getattr(node, "value", node)
    return value if isinstance(value, dict) else {}


@contextmanager
def _config_errors(named: str) -> Iterator[None]:
    try:
        yield
    except (ConfigException, OSError) as error:
        raise UsageError(f"cannot use the kubeconfig {named}: {_reason(error)}") from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, KeyError):
        # The text of these may hold what is in the file: a token, a key
        raise UsageError(f"cannot use the kubeconfig {named}: it is damaged, or no kubeconfig") from None


class _Discreet(logging.Filter):
    """Of the root logger: the client logs what a credential plug-in printed, which may be a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "kubernetes" not in Path(record.pathname).parts


_DISCREET: Final = _Discreet()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or ''}: {error.strerror}".removeprefix(": ")
    first, *_ = str(error).splitlines() or [type(error).__name__]
    return first
