"""The TLS certificate of the switchboard's signalling."""

import ssl
from pathlib import Path

from amparo.foundation.core.refusal import Misconfigured


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a server context, TLS 1.2 or newer. Raises `Misconfigured` if the files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # includes ssl.SSLError
        raise Misconfigured(
            f"AMPARO_SIP_CERTIFICATE={certificate} and AMPARO_SIP_KEY={key} are not a certificate and its key: "
            "name two PEM files that the switchboard may read."
        ) from error
    return context
