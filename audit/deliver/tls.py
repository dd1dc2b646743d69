"""Whom servers' certificates must come from. They are always verified."""

import ssl

from audit.errors import DeliveryError


def trusting(ca_file: str, setting: str) -> ssl.SSLContext:
    """A context that trusts the CAs of a file, or else those of the system; DeliveryError names `setting`.

    An image may come without CAs of its own: then those of certifi are trusted.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificate"
        raise DeliveryError(
            f"cannot read {setting} {ca_file}: {reason}; name a file with PEM certificates"
        ) from None
    if not ca_file and not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(certifi.where())
    return context
