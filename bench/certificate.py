"""A certificate for a server on 127.0.0.1, made anew each time; it is its own CA."""

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

_REQUEST: Final = """\
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = 127.0.0.1
[extensions]
subjectAltName = IP:127.0.0.1, DNS:localhost
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
"""


class Certificate(NamedTuple):
    """Files in PEM."""

    file: Path
    """What clients are to take for the CA, too."""
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """TLS as a server with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def self_signed(folder: Path) -> Certificate:
    """Valid for two days, in `folder`; FileNotFoundError says what to install if there is no openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise FileNotFoundError("openssl is missing: apt-get install openssl")
    request, made = folder / "request.cnf", Certificate(folder / "ca.crt", folder / "server.key")
    request.write_text(_REQUEST, encoding="utf-8")
    arguments = [openssl, "req", "-x509", "-config", request, "-days", "2", "-nodes"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(  # noqa: S603  # openssl, with arguments of ours
        [*arguments, *key, "-out", made.file, "-keyout", made.key], check=True, capture_output=True
    )
    request.unlink()
    return made
