"""Which server, as whom, and that no credential leaves the way to it."""

import os
import subprocess
import zipfile

import msgspec
import pytest

from tests.apiserver.live import audit, deny_all, pod, take, user_config
from tests.apiserver.load import fill
from tests.parts import need

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]


@pytest.fixture(scope="module")
def server(apiserver):
    """With something to audit."""
    assert fill(apiserver, [pod("access", number) for number in range(3)] + [deny_all("access")]) == []
    return apiserver


def _said(capsys):
    """The one line on standard error."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


def _snapshot(tmp_path, *options):
    return audit("snapshot", "-o", tmp_path / "s.zip", *options)


def test_a_certificate_of_nobody_known_is_not_trusted(server, tmp_path, capsys):
    config = user_config(tmp_path / "config", server.host, server.ca_file, {"token": server.admin_token}, {})
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    line = _said(capsys)
    assert f"cannot verify the certificate of {server.host}: " in line
    assert "--certificate-authority=FILE" in line
    assert server.admin_token not in line


def test_a_certificate_of_another_authority_is_not_trusted(server, tmp_path, capsys):
    key, other = tmp_path / "other.key", tmp_path / "other.crt"
    _self_signed(key, other, "another")
    config = user_config(tmp_path / "config", server.host, other, {"token": server.admin_token})
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    assert "cannot verify the certificate" in _said(capsys)


def test_a_name_that_the_certificate_does_not_have_is_not_trusted(server, tmp_path, capsys):
    cluster = {"certificate-authority": str(server.ca_file), "tls-server-name": "elsewhere.example"}
    user = {"token": server.admin_token}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user, cluster)
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    assert "tls-server-name" in _said(capsys)


def test_a_name_that_the_certificate_has_may_be_given(server, tmp_path):
    cluster = {"certificate-authority": str(server.ca_file), "tls-server-name": "kubernetes.default"}
    user = {"token": server.admin_token}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user, cluster)
    assert _snapshot(tmp_path, "--kubeconfig", config, "--strict") == 0


def test_a_server_is_always_verified(server, tmp_path, capsys):
    cluster = {"insecure-skip-tls-verify": True}
    user = {"token": server.admin_token}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user, cluster)
    assert _snapshot(tmp_path, "--kubeconfig", config) == 2
    assert "insecure-skip-tls-verify" in _said(capsys)


def test_a_context_that_is_not_there_is_refused(server, tmp_path, capsys):
    config = server.kubeconfig("contexts")
    assert _snapshot(tmp_path, "--kubeconfig", config, "--context", "nowhere") == 2
    assert "nowhere" in _said(capsys)
    assert _snapshot(tmp_path, "--kubeconfig", config, "--context", "test") == 0


def test_of_several_kubeconfigs_the_first_current_context_counts(server, tmp_path, monkeypatch, capsys):
    first = server.kubeconfig("first")
    second = tmp_path / "second"
    text = first.read_text("utf-8").replace(server.host, "https://127.0.0.1:1").replace('"test"', '"else"')
    second.write_text(text, "utf-8")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, (first, second))))
    assert _snapshot(tmp_path) == 0
    capsys.readouterr()
    assert _snapshot(tmp_path, "--context", "else") == 3
    assert "https://127.0.0.1:1" in _said(capsys)
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, (second, first))))
    assert _snapshot(tmp_path) == 3
    capsys.readouterr()
    assert _snapshot(tmp_path, "--context", "test") == 0


def test_a_kubeconfig_in_the_home_folder_is_found(server, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / ".kube").mkdir(parents=True)
    (home / ".kube" / "config").write_bytes(server.kubeconfig("home").read_bytes())
    monkeypatch.setenv("HOME", str(home))
    assert _snapshot(tmp_path) == 0


def _self_signed(key, certificate, name):
    subprocess.run(
        [
            *(need("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-keyout", key, "-out", certificate, "-subj", f"/CN={name}"),
        ],
        check=True,
        capture_output=True,
    )


def test_a_client_certificate_that_the_server_does_not_know_is_nobody(server, tmp_path, capsys):
    key, certificate = tmp_path / "client.key", tmp_path / "client.crt"
    _self_signed(key, certificate, "somebody")
    user = {"client-certificate": str(certificate), "client-key": str(key)}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user)
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    assert "cannot" in _said(capsys)


def _plug_in(tmp_path, text):
    script = tmp_path / "plug-in"
    script.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    script.chmod(0o700)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(script),
            "interactiveMode": "Never",
        }
    }


@pytest.mark.parametrize(
    "text",
    [
        "echo whispered >&2; exit 1",
        "echo whispered; exit 1",
        "echo whispered",
        'echo whispered >&2; echo \'{"kind": "ExecCredential", "status": {}}\'',
    ],
    ids=["fails", "fails-with-output", "no-json", "no-token"],
)
@pytest.mark.parametrize("verbosity", ["--quiet", "--verbose"])
def test_a_plug_in_that_fails_is_named_and_not_quoted(server, tmp_path, capfd, text, verbosity):
    from audit import cli

    config = user_config(tmp_path / "config", server.host, server.ca_file, _plug_in(tmp_path, text))
    words = ["snapshot", "--kubeconfig", str(config), "-o", str(tmp_path / "s.zip"), verbosity]
    assert cli.main([*words, "--log-format", "text"]) == 2
    captured = capfd.readouterr()
    assert "whispered" not in captured.out + captured.err
    if verbosity == "--quiet":
        (line,) = captured.err.splitlines()
        assert "kubeconfig" in line or "plug-in" in line


def test_a_plug_in_that_is_not_there_is_named(server, tmp_path, capsys):
    exec_ = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/nowhere/plug-in"}
    config = user_config(tmp_path / "config", server.host, server.ca_file, {"exec": exec_})
    assert _snapshot(tmp_path, "--kubeconfig", config) == 2
    assert "/nowhere/plug-in" in _said(capsys)


def test_a_plug_in_that_works_lets_in(server, tmp_path, capfd):
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": server.admin_token},
    }
    text = f"echo whispered >&2; echo '{msgspec.json.encode(credential).decode()}'"
    config = user_config(tmp_path / "config", server.host, server.ca_file, _plug_in(tmp_path, text))
    assert _snapshot(tmp_path, "--kubeconfig", config, "--strict") == 0
    captured = capfd.readouterr()
    assert server.admin_token not in captured.out + captured.err


def test_the_snapshot_says_where_it_is_from(server):
    server.kubectl("create", "serviceaccount", "auditor", "--namespace", "access")
    server.kubectl(
        *("create", "clusterrolebinding", "auditor", "--clusterrole=cluster-admin"),
        "--serviceaccount=access:auditor",
    )
    token = server.service_account_token("access", "auditor")
    code, snapshot = take(server.kubeconfig("auditor", token), "--strict")
    assert code == 0
    said = snapshot.provenance
    version = msgspec.json.decode(server.kubectl("get", "--raw", "/version"))["gitVersion"]
    assert said.server_version == version
    uid = server.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
    assert said.cluster_uid == uid
    groups = msgspec.json.decode(server.kubectl("get", "--raw", "/apis"))["groups"]
    served = {version["groupVersion"] for group in groups for version in group["versions"]}
    assert set(said.api_groups) == served
    assert said.read_as == "system:serviceaccount:access:auditor"
    assert (said.kind, said.cluster, said.description) == ("cluster", "test", "context test")


@pytest.mark.parametrize("loudness", ["--quiet", "--verbose"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_is_nowhere_in_what_is_written(server, tmp_path, capfd, loudness, form):
    from audit import cli

    config = str(server.kubeconfig("secret"))
    ways = {
        "snapshot": ["-o", str(tmp_path / "s.zip")],
        "run": ["--out", str(tmp_path / "out"), "--format", "html,json,csv"],
        "connections": [],
        "explain": ["access/pod-000", "access/pod-001"],
    }
    for command, words in ways.items():
        assert cli.main([command, "--kubeconfig", config, *words, loudness, "--log-format", form]) == 0
    captured = capfd.readouterr()
    written = [captured.out.encode(), captured.err.encode()]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "s.zip" in files
    for path in files:
        written.append(path.read_bytes())
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                written += [archive.read(name) for name in archive.namelist()]
    assert not any(server.admin_token.encode() in data for data in written)


def test_a_server_that_is_not_there_is_said_at_once(server, tmp_path, capsys):
    user = {"token": server.admin_token}
    config = user_config(tmp_path / "config", "https://127.0.0.1:1", server.ca_file, user)
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    line = _said(capsys)
    assert "https://127.0.0.1:1" in line
    assert "check the server's address" in line


def test_the_rights_are_those_of_the_user_that_is_impersonated(server, tmp_path, capsys):
    user = {"token": server.admin_token, "as": "nobody-at-all"}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user)
    assert _snapshot(tmp_path, "--kubeconfig", config) == 3
    assert 'User "nobody-at-all" cannot list resource "pods"' in capsys.readouterr().err
    user |= {"as-groups": ["system:masters"]}
    config = user_config(tmp_path / "config", server.host, server.ca_file, user)
    code, snapshot = take(config)
    assert (code, snapshot.provenance.read_as) == (0, "nobody-at-all")
