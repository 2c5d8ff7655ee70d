"""Petrichor: sequences of paired TNetstrings as HEADER,BODY.

The nine calls on sockets are here; ``petrichor.aio`` has them for asyncio, ``petrichor.tnetstrings`` the values,
``petrichor.tls`` contexts.
"""

from . import tnetstrings
from .errors import PeerTimeout, PetrichorError, TNetstringError
from .limits import BODY, HEADER, ConnectionLimits, Limits
from .session import CLOSED, Message, MessageReader, connect_allowed
from .sync import (
    Connected,
    Connection,
    accept,
    connect,
    over,
    peer_allowed,
    peer_denied,
    read_chunk,
    recv,
    request,
    send,
)

__all__ = [
    "BODY",
    "CLOSED",
    "HEADER",
    "Connected",
    "Connection",
    "ConnectionLimits",
    "Limits",
    "Message",
    "MessageReader",
    "PeerTimeout",
    "PetrichorError",
    "TNetstringError",
    "accept",
    "connect",
    "connect_allowed",
    "over",
    "peer_allowed",
    "peer_denied",
    "read_chunk",
    "recv",
    "request",
    "send",
    "tnetstrings",
]
