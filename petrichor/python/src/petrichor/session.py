"""Petrichor without a socket: HEADER,BODY pairs from bytes and to bytes, and what a deadline is. No I/O, no clock."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from .errors import header_is_no_dict, truncated
from .limits import ConnectionLimits
from .tnetstrings import Encodable, Frames, Parser, Value, dump_parts

Header = Dict[str, Any]
HeaderInit = Mapping[str, Any]


class Message(NamedTuple):
    """What ``recv`` answers; ``header`` is None, and only then, when the peer closed between two messages."""

    header: Optional[Header]
    body: Value


#: What ``recv`` answers at the end.
CLOSED = Message(None, None)


class MessageReader:
    """Reads messages from bytes in any pieces. After an error it is of no more use.

    ``text``: ``header`` (default) reads strings of headers that are UTF-8 as ``str``; ``none`` and ``all`` say what they do.
    """

    def __init__(self, limits: ConnectionLimits, *, strict: bool = False, text: str = "header") -> None:
        self._limits = limits
        self._frames = Frames()
        self._headers = Parser(limits.header, strict=strict, text=text != "none")
        self._bodies = Parser(limits.body, strict=strict, text=text == "all")
        self._header: Optional[Header] = None

    @property
    def mid_message(self) -> bool:
        """Whether some, but not all, of a message is here."""
        return self._header is not None or not self._frames.idle

    def restrict(self, size: Optional[int]) -> None:
        """Makes headers and bodies no larger than this for now; None goes back to their limits."""
        limits = self._limits
        for parser, own in ((self._headers, limits.header), (self._bodies, limits.body)):
            parser.limits = own if size is None else own._replace(size=min(size, own.size))

    def push(self, data: bytes) -> None:
        self._frames.push(data)

    def next(self) -> Optional[Message]:
        """The next message, or None until more bytes come."""
        if self._header is None:
            found, header = self._frames.next(self._headers, only_dict=True)
            if not found:
                return None
            if not isinstance(header, dict):
                # Its body would be taken for the next header, so this cannot go on.
                raise header_is_no_dict(header.decode("ascii") if isinstance(header, bytes) else "?")
            self._header = header
        found, body = self._frames.next(self._bodies)
        if not found:
            return None
        message = Message(self._header, body)
        self._header = None
        return message

    def next_chunk(self) -> Tuple[bool, Value]:
        """One value, whatever it is: ``(True, value)``, or ``(False, None)`` until more bytes come."""
        if self._header is not None:
            header, self._header = self._header, None
            return True, header
        return self._frames.next(self._bodies)

    def end(self) -> None:
        """Says that the input has ended; raises where that is not between two messages."""
        if self.mid_message:
            raise truncated()


def message_parts(header: HeaderInit, body: Encodable) -> List[Union[bytes, memoryview]]:
    """A message as pieces to be sent one after the other. A large body is one of them, not copied."""
    return dump_parts(dict(header)) + dump_parts(body)


def connect_allowed(header: Optional[HeaderInit], strict: bool = False) -> bool:
    """What a server's first header says. Without ``strict`` a header that has no ``allowed`` allows."""
    if header is None:
        return False
    return header.get("allowed", not strict) is True


def answer_header(header: HeaderInit, allowed: bool) -> Header:
    """The header with ``allowed`` in front; the caller's own stays as it was."""
    answer: Header = {"allowed": allowed}
    answer.update((key, value) for key, value in header.items() if key != "allowed")
    return answer


class Patience:
    """How long to wait for the next bytes of one message. Times are those of any clock that only goes forward."""

    def __init__(self, limits: ConnectionLimits, now: float, handshake: Optional[float] = None) -> None:
        self._limits = limits
        self._handshake = handshake
        self._asked = now
        self._began: Optional[float] = None
        self._bytes = 0

    def came(self, count: int, mid_message: bool, now: float) -> None:
        """Bytes have come, of which some belong to a message that is not complete."""
        self._bytes += count
        if mid_message and self._began is None:
            self._began = now

    @property
    def code(self) -> str:
        if self._handshake is not None:
            return "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"
        return "ERR_PETRICHOR_IDLE_TIMEOUT" if self._began is None else "ERR_PETRICHOR_MESSAGE_TIMEOUT"

    def left(self, now: float) -> Optional[float]:
        """Seconds; None: for ever; zero or less: it is over."""
        limits = self._limits
        if self._handshake is not None:
            return self._handshake - now
        if self._began is None:
            return None if limits.idle_seconds is None else self._asked + limits.idle_seconds - now
        if limits.message_seconds is None:
            return None
        earned = self._bytes / limits.message_rate if limits.message_rate > 0 else 0.0
        return self._began + max(limits.message_seconds, earned) - now
