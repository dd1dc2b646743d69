"""Which API server, as whom."""

import base64
import json
import logging
import threading
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.collect.cluster.api import access
from audit.collect.cluster.api.access import Access, connect, subject_of
from audit.errors import UsageError
from tests.collect.cluster.canned import Answer

SERVER = "https://127.0.0.1:6443"
FAKE = "fake-token-of-a-test"
TIMEOUT = (5.0, 5.0)
CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}


def config(current="c", server=SERVER, user=None, name="c", **cluster):
    """A kubeconfig with one context, cluster and user of one name."""
    tree = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": name, "context": {"cluster": f"{name}-cluster", "user": f"{name}-user"}}],
        "clusters": [{"name": f"{name}-cluster", "cluster": {"server": server, **cluster}}],
        "users": [{"name": f"{name}-user", "user": {"token": FAKE} if user is None else user}],
    }
    return tree | ({"current-context": current} if current else {})


@pytest.fixture
def written(tmp_path):
    """Writes a kubeconfig."""

    def write(content, name="config"):
        path = tmp_path / name
        text = content if isinstance(content, str | bytes) else yaml.safe_dump(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def plugin(tmp_path):
    """Writes a credential plug-in that prints this and exits with that code; the user that has it."""

    def write(printed, code=0, complained=""):
        path = tmp_path / "plugin"
        text = printed if isinstance(printed, str) else json.dumps(printed)
        path.write_text(f"#!/bin/sh\necho '{text}'\necho '{complained}' >&2\nexit {code}\n")
        path.chmod(0o755)
        return {
            "exec": {"apiVersion": CREDENTIAL["apiVersion"], "command": str(path), "interactiveMode": "Never"}
        }

    return write


def refused(*files, context=None):
    """What a UsageError says."""
    with pytest.raises(UsageError) as error:
        connect(files, context)
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return str(error.value)


def shown(api, way):
    """The Authorization header of a GET."""
    api.routes["/version"] = Answer(200, {})
    answer = way.get("/version", (), TIMEOUT)
    answer.response.read()
    return api.log[-1].authorization


# -- which context -----------------------------------------------------------------------------------


def test_the_current_context(written):
    way = connect([written(config())], None)
    assert (way.host, way.cluster, way.user, way.read_as) == (SERVER, "c-cluster", "c-user", "c-user")
    assert way.description == "context c"


def test_of_several_files_the_first_current_context_counts(written):
    files = [
        written(config("", name="a"), "1"),
        written(config("b", name="b"), "2"),
        written(config("a"), "3"),
    ]
    assert connect(files, None).cluster == "b-cluster"
    assert connect(files, "a").cluster == "a-cluster"


def test_of_several_files_one_may_be_missing_or_empty(written, tmp_path):
    files = [tmp_path / "missing", written("", "empty"), written(config())]
    assert connect(files, None).cluster == "c-cluster"


def test_a_missing_or_empty_file_alone(written, tmp_path):
    assert "no such file, or empty" in refused(tmp_path / "missing")
    assert "no such file, or empty" in refused(written(""))


def test_a_folder_is_no_kubeconfig(tmp_path):
    assert str(tmp_path) in refused(tmp_path)


def test_an_unknown_context_is_named(written):
    assert "other" in refused(written(config()), context="other")


@pytest.mark.parametrize("current", ["", None])
def test_without_a_current_context_one_is_asked_for(written, current):
    assert "name one with --context" in refused(written(config("") | {"current-context": current}))


def test_the_kubeconfig_of_the_home_folder(written, tmp_path):
    folder = tmp_path / "home" / ".kube"
    folder.mkdir(parents=True)
    written(config(), "home/.kube/config")
    assert connect((), None).cluster == "c-cluster"


def test_a_tilde_is_the_home_folder(written, tmp_path):
    (tmp_path / "home").mkdir()
    written(config(), "home/mine")
    assert connect([Path("~/mine")], None).cluster == "c-cluster"


# -- damage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"users: [{{user: {{token: {FAKE}}}",
        f"current-context: c\ncontexts: {FAKE}\n",
        f"current-context: c\ncontexts: [{FAKE}]\nclusters: []\nusers: []\n",
        f"current-context: c\nusers: {{a: {FAKE}}}\n",
        FAKE,
        f"- {FAKE}\n",
        f"current-context: c\n\t{FAKE}: x\n",
        f"token: {FAKE}\n\x00".encode(),
        f"token: {FAKE}\n".encode() + b"\xff\xfe",
        f"token: !!python/object:{FAKE} x\n",
    ],
)
@pytest.mark.parametrize("context", [None, "c"])
def test_damage_is_named_without_its_text(written, caplog, text, context):
    path = written(text)
    message = refused(path, context=context)
    assert str(path) in message
    assert FAKE not in message + caplog.text


@pytest.mark.parametrize("part", ["clusters", "users"])
def test_what_a_context_names_may_be_missing(written, part):
    tree = config() | {part: []}
    if part == "users":
        assert connect([written(tree)], None).read_as == "c-user"
    else:
        assert "c-cluster" in refused(written(tree))


# -- credentials -------------------------------------------------------------------------------------


def test_a_token(written, api):
    assert shown(api, connect([written(config(server=api.host))], None)) == f"Bearer {FAKE}"


def test_a_token_file_is_read_again(written, api, tmp_path):
    file = tmp_path / "token"
    file.write_text("fake-1")
    way = connect([written(config(server=api.host, user={"tokenFile": str(file)}))], None)
    assert shown(api, way) == "Bearer fake-1"
    file.write_text("fake-2")
    way.renew(0)
    assert shown(api, way) == "Bearer fake-2"


def test_a_token_file_may_end_in_a_newline(written, api, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{FAKE}\n")
    way = connect([written(config(server=api.host, user={"tokenFile": str(file)}))], None)
    assert shown(api, way) == f"Bearer {FAKE}"


def test_a_plugin_gives_a_token(written, api, plugin):
    user = plugin(CREDENTIAL | {"status": {"token": FAKE}})
    assert shown(api, connect([written(config(server=api.host, user=user))], None)) == f"Bearer {FAKE}"


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("", 3),
        (FAKE, 0),
        ({}, 0),
        (CREDENTIAL, 0),
        (CREDENTIAL | {"status": {}}, 0),
        (CREDENTIAL | {"status": {"other": FAKE}}, 0),
        (CREDENTIAL | {"apiVersion": FAKE, "status": {"token": FAKE}}, 0),
    ],
)
def test_a_plugin_that_gives_nothing_is_an_error_without_what_it_said(written, plugin, caplog, printed, code):
    caplog.set_level(logging.DEBUG)
    path = written(config(user=plugin(printed, code, complained=FAKE)))
    message = refused(path)
    assert "gave no credentials" in message
    assert "kubectl --context c" in message
    assert FAKE not in message + caplog.text


def test_a_plugin_that_is_not_there(written, tmp_path):
    user = {"exec": {"apiVersion": CREDENTIAL["apiVersion"], "command": str(tmp_path / "none")}}
    assert "gave no credentials" in refused(written(config(user=user)))


def test_an_issuer_without_a_ca_is_verified_by_the_bundled_ones():
    provider = {"client-id": "x"}
    access._verify_issuer({"auth-provider": {"name": "oidc", "config": provider}})  # noqa: SLF001
    assert provider["idp-certificate-authority"] == certifi.where()


@pytest.mark.parametrize("name", ["idp-certificate-authority", "idp-certificate-authority-data"])
def test_an_issuer_keeps_a_ca_of_its_own(name):
    provider = {name: "mine"}
    access._verify_issuer({"auth-provider": {"config": provider}})  # noqa: SLF001
    assert provider == {name: "mine"}


@pytest.mark.parametrize(
    "user", [{}, {"auth-provider": None}, {"auth-provider": {}}, {"auth-provider": {"config": None}}]
)
def test_no_issuer(user):
    access._verify_issuer(user)  # noqa: SLF001


def test_credentials_are_read_once_a_generation(api):
    reads = []

    def load(configuration):
        reads.append(threading.get_ident())
        configuration.host = api.host

    way = Access(load, cluster="", description="")
    start = threading.Barrier(8)

    def renew():
        start.wait()
        way.renew(0)

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(reads), way.generation) == (2, 1)
    way.renew(1)
    assert (len(reads), way.generation) == (3, 2)


# -- the wire ----------------------------------------------------------------------------------------


def test_verification_is_never_skipped(written):
    message = refused(written(config(**{"insecure-skip-tls-verify": True})))
    assert "insecure-skip-tls-verify" in message
    assert "--certificate-authority=FILE" in message


@pytest.mark.parametrize(
    "host",
    ["http://192.0.2.1:8080", "http://api.example", "http://localhost.example", "ftp://127.0.0.1.example"],
)
def test_http_to_another_machine_is_refused(written, host):
    assert "is not HTTPS" in refused(written(config(server=host)))


@pytest.mark.parametrize("host", ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"])
def test_http_to_this_machine_is_taken(written, host):
    assert connect([written(config(server=host))], None).host == host


def test_a_proxy_of_the_kubeconfig_is_used(written, api):
    path = written(config(server="http://127.0.0.9:1", **{"proxy-url": api.host}))
    assert shown(api, connect([path], None)) == f"Bearer {FAKE}"
    assert urlsplit(api.host).port


# -- without a kubeconfig ----------------------------------------------------------------------------


def test_no_configuration_at_all():
    message = refused()
    assert "--kubeconfig" in message
    assert "--from" in message


def test_a_context_without_a_kubeconfig():
    assert "--context c: there is no kubeconfig" in refused(context="c")


@pytest.fixture
def in_pod(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    monkeypatch.setattr(access, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(access, "SERVICE_CERT_FILENAME", str(tmp_path / "ca"))
    return tmp_path


def test_a_pod_without_its_token(in_pod):
    message = refused()
    assert "automountServiceAccountToken" in message
    (in_pod / "token").write_text("")
    assert "--kubeconfig" in refused()


def test_the_service_account_of_a_pod(in_pod):
    (in_pod / "token").write_text(jwt({"sub": "system:serviceaccount:x:audit"}))
    (in_pod / "ca").write_bytes(Path(certifi.where()).read_bytes())
    way = connect((), None)
    assert (way.host, way.cluster) == (SERVER, "")
    assert way.read_as == "system:serviceaccount:x:audit"


# -- tokens ------------------------------------------------------------------------------------------


def jwt(claims):
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"e30.{base64.urlsafe_b64encode(text).decode().rstrip('=')}.sig"


@pytest.mark.parametrize(
    ("token", "subject"),
    [
        (jwt({"sub": "jane"}), "jane"),
        (jwt({"sub": "jané?>"}), "jané?>"),
        (jwt({"iss": "x"}), ""),
        (jwt({"sub": None}), ""),
        (jwt({"sub": 1}), ""),
        (jwt([]), ""),
        (jwt(b"{"), ""),
        (jwt(b"\xff"), ""),
        ("", ""),
        (FAKE, ""),
        ("a.b", ""),
        ("a.b.c.d", ""),
        ("..", ""),
        ("a.é.c", ""),
        ("a.!.c", ""),
    ],
)
def test_the_subject_of_a_token(token, subject):
    assert subject_of(token) == subject


@settings(deadline=None)  # the first time takes long
@given(st.one_of(st.text(), st.lists(st.text(), min_size=3, max_size=3).map(".".join), st.binary().map(jwt)))
def test_no_token_is_an_error(token):
    assert isinstance(subject_of(token), str)


def test_the_user_that_is_impersonated_is_sent_and_told(written):
    user = {"token": FAKE, "as": "jane", "as-uid": "7", "as-groups": ["team"]}
    access = connect([written(config(user=user))], None)
    assert access.read_as == "jane"
    assert access.impersonated == {
        "Impersonate-User": "jane",
        "Impersonate-Uid": "7",
        "Impersonate-Group": "team",
    }


@pytest.mark.parametrize(
    "more", [{"as-groups": ["a", "b"]}, {"as-user-extra": {"a": ["b"]}}, {"as": "", "as-groups": ["a"]}]
)
def test_an_impersonation_that_cannot_be_sent_is_refused(written, more):
    assert "as-groups" in refused(written(config(user={"token": FAKE, "as": "jane", **more})))
