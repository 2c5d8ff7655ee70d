"""What one peer may cost. Checked before memory is claimed and before a level is entered."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Limits(NamedTuple):
    """Of one value from the wire."""

    #: Largest SIZE of the outermost value, bytes.
    size: int = 16 << 20
    #: Dicts and lists inside each other; a scalar has depth 0, an empty list depth 1.
    depth: int = 64
    #: Values in all, keys not counted.
    elements: int = 65_536
    #: Keys of one dict.
    keys: int = 65_536
    #: Characters of one integer or float, which cost more than linear time to convert.
    number: int = 4_300


#: Of a body, and of a value that stands alone.
BODY = Limits()
#: Of a header.
HEADER = Limits(size=64 << 10, depth=16, keys=256)


class ConnectionLimits(NamedTuple):
    """Of one connection. None for a time: no limit."""

    header: Limits = HEADER
    body: Limits = BODY
    #: Largest header, and largest body, of a peer that ``accept`` waits for, bytes.
    handshake_bytes: int = 4_096
    #: For the whole handshake of a server; ``connect`` has a time of its own.
    handshake_seconds: Optional[float] = 10.0
    #: For a message that has begun …
    message_seconds: Optional[float] = 30.0
    #: … unless this many bytes came each second since it began.
    message_rate: int = 1_024
    #: Until a message begins.
    idle_seconds: Optional[float] = None
    #: With bytes to send and a peer that takes none.
    write_seconds: Optional[float] = 30.0


#: For connecting and the handshake together, as the protocol's first description has it.
CONNECT_SECONDS = 20.0
