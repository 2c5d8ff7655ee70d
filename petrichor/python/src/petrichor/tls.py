"""TLS contexts with the protocol's name in ALPN. Certificates are checked unless a caller makes a context of its own."""

from __future__ import annotations

import ssl
from typing import Optional

#: What both sides offer in ALPN, so that one port can tell Petrichor from others.
ALPN = "petrichor/1"


def client_context(
    cafile: Optional[str] = None, *, certfile: Optional[str] = None, keyfile: Optional[str] = None
) -> ssl.SSLContext:
    """For ``connect``: checks the server's certificate and name against ``cafile`` or the system's authorities.

    ``certfile`` and ``keyfile`` show who the client is, where a server asks.
    """
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([ALPN])
    if certfile is not None:
        context.load_cert_chain(certfile, keyfile)
    return context


def server_context(certfile: str, keyfile: Optional[str] = None, *, client_cafile: Optional[str] = None) -> ssl.SSLContext:
    """For a server. With ``client_cafile`` only clients are let in whose certificate one of those authorities signed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([ALPN])
    context.load_cert_chain(certfile, keyfile)
    if client_cafile is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
