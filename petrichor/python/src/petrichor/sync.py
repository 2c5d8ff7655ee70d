"""The nine calls on sockets, plain or TLS."""

from __future__ import annotations

import socket
import ssl
import time
from types import TracebackType
from typing import Callable, Iterator, List, NamedTuple, Optional, Type, TypeVar

from .errors import PetrichorError, closed, closed_before_reply, late
from .limits import CONNECT_SECONDS, ConnectionLimits
from .session import (
    CLOSED,
    Header,
    HeaderInit,
    Message,
    MessageReader,
    Patience,
    answer_header,
    message_parts,
)
from .tnetstrings import Encodable, Value

_T = TypeVar("_T")
_now = time.monotonic
_READ_BYTES = 65_536
#: More pieces than this in one call are refused by some systems.
_PIECES_MAX = 64


class Connection:
    """Petrichor on a connected socket. The socket is this object's from now on: its timeout is set with each call.

    For one thread at a time: reading and sending share the socket's timeout. ``petrichor.aio`` does both at once.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        limits: ConnectionLimits = ConnectionLimits(),
        strict: bool = False,
        text: str = "header",
    ) -> None:
        self.sock = sock
        self.limits = limits
        self._reader = MessageReader(limits, strict=strict, text=text)
        self._failed = False
        if sock.family != getattr(socket, "AF_UNIX", None):
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                pass  # not TCP, so there is nothing to wait for

    # ------------------------------------------------------------------ reading

    def read_chunk(self) -> Value:
        """One value, whatever it is. ``EOFError`` when the peer has closed, since None is a value."""
        patience = Patience(self.limits, _now())
        while True:
            found, value = self._guard(self._reader.next_chunk)
            if found:
                return value
            if not self._fill(patience):
                raise EOFError("the peer closed between two values")

    def recv(self, *, deadline: Optional[float] = None) -> Message:
        """The next message; ``(None, None)`` when the peer has closed. ``deadline`` is for handshakes."""
        patience = Patience(self.limits, _now(), deadline)
        while True:
            message = self._guard(self._reader.next)
            if message is not None:
                return message
            if not self._fill(patience):
                return CLOSED

    def accept(self) -> Message:
        """The peer's first message, within ``handshake_seconds`` and ``handshake_bytes``."""
        self._reader.restrict(self.limits.handshake_bytes)
        try:
            return self.recv(deadline=self._handshake_deadline())
        finally:
            self._reader.restrict(None)

    def _handshake_deadline(self) -> Optional[float]:
        seconds = self.limits.handshake_seconds
        return None if seconds is None else _now() + seconds

    def _guard(self, read: Callable[[], _T]) -> _T:
        if self._failed:
            raise closed()
        try:
            return read()
        except PetrichorError:
            self._failed = True
            raise

    def _fill(self, patience: Patience) -> bool:
        """Waits for more bytes; False at the end."""
        start = _now()
        patience.came(0, self._reader.mid_message, start)
        left = patience.left(start)
        if left is not None and left <= 0:
            self._failed = True
            raise late(patience.code, _now() - start)
        try:
            self.sock.settimeout(left)
            data = self.sock.recv(_READ_BYTES)
        except (socket.timeout, TimeoutError):
            self._failed = True
            raise late(patience.code, _now() - start) from None
        except OSError:
            self._failed = True
            raise
        if not data:
            self._guard(self._reader.end)
            return False
        self._reader.push(data)
        patience.came(len(data), self._reader.mid_message, _now())
        return True

    # ------------------------------------------------------------------ sending

    def send(self, header: HeaderInit, body: Encodable = b"", *, deadline: Optional[float] = None) -> None:
        """Sends one message; returns when the system has taken all of it."""
        parts = message_parts(header, body)
        if self._failed:
            raise closed()
        pieces = [memoryview(part) for part in parts if len(part) > 0]
        try:
            self._write(pieces, deadline)
        except OSError:
            # Part of a message is out: what follows it would be read as its rest.
            self._failed = True
            raise

    def _write(self, pieces: List[memoryview], deadline: Optional[float]) -> None:
        first = 0
        gather = hasattr(self.sock, "sendmsg") and not isinstance(self.sock, ssl.SSLSocket)
        if not gather:
            pieces = [memoryview(b"".join(pieces))] if sum(map(len, pieces)) <= _READ_BYTES else pieces
        while first < len(pieces):
            start = _now()
            left = self.limits.write_seconds if deadline is None else deadline - start
            code = "ERR_PETRICHOR_PEER_NOT_READING" if deadline is None else "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"
            if left is not None and left <= 0:
                raise late(code, 0)
            try:
                self.sock.settimeout(left)
                if gather:
                    count = self.sock.sendmsg(pieces[first : first + _PIECES_MAX])
                else:
                    count = self.sock.send(pieces[first])
            except (socket.timeout, TimeoutError):
                raise late(code, _now() - start) from None
            while first < len(pieces) and count >= len(pieces[first]):
                count -= len(pieces[first])
                first += 1
            if count > 0:
                pieces[first] = pieces[first][count:]

    def peer_allowed(self, header: HeaderInit, body: Encodable = b"") -> None:
        """Answers ``accept``: the peer may stay."""
        self.send(answer_header(header, True), body, deadline=self._handshake_deadline())

    def peer_denied(self, header: HeaderInit, body: Encodable = b"") -> None:
        """Answers ``accept``: the peer may not stay, and why. Close then; the peer reads the reason first."""
        self.send(answer_header(header, False), body, deadline=self._handshake_deadline())

    def request(self, header: HeaderInit, body: Encodable = b"") -> Message:
        """Sends a message and answers the next one that comes; ``(None, None)`` when the peer has closed."""
        self.send(header, body)
        return self.recv()

    # ------------------------------------------------------------------ the end

    def close(self, linger: float = 1.0) -> None:
        """Lets the peer read what was sent, for at most ``linger`` seconds, and closes. May be called again."""
        self._failed = True
        try:
            if linger > 0 and self.sock.fileno() >= 0:
                self._drain(_now() + linger)
        except (OSError, ValueError):
            pass  # the peer is gone already
        self.sock.close()

    def _drain(self, deadline: float) -> None:
        """Half-closes and waits for the peer to close: bytes unread at close would take back those on their way."""
        self.sock.shutdown(socket.SHUT_WR)
        while deadline > _now():
            self.sock.settimeout(max(0.001, deadline - _now()))
            if not self.sock.recv(_READ_BYTES):
                return

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Message]:
        while True:
            message = self.recv()
            if message.header is None:
                return
            yield message


class Connected(NamedTuple):
    """What ``connect`` answers, in the order of the protocol's first description."""

    sock: socket.socket
    conn: Connection
    header: Header
    body: Value


def connect(
    host: str,
    port: int,
    header: HeaderInit,
    body: Encodable = b"",
    timeout: Optional[float] = CONNECT_SECONDS,
    *,
    tls: Optional[ssl.SSLContext] = None,
    server_hostname: Optional[str] = None,
    limits: ConnectionLimits = ConnectionLimits(),
    strict: bool = False,
    text: str = "header",
) -> Connected:
    """Connects, sends the first message and reads the answer, all within ``timeout``.

    Denied is no error: ask ``connect_allowed``. With ``tls`` the server's certificate must be ``server_hostname``'s
    (``host``'s) as far as the context checks.
    """
    deadline = None if timeout is None else _now() + timeout
    try:
        sock: socket.socket = socket.create_connection((host, port), timeout)
    except (socket.timeout, TimeoutError):
        raise late("ERR_PETRICHOR_HANDSHAKE_TIMEOUT", timeout or 0) from None
    try:
        if tls is not None:
            sock.settimeout(None if deadline is None else max(0.001, deadline - _now()))
            sock = tls.wrap_socket(sock, server_hostname=server_hostname or host)
        left = None if deadline is None else deadline - _now()
        return over(sock, header, body, timeout=left, limits=limits, strict=strict, text=text)
    except (socket.timeout, TimeoutError) as error:
        sock.close()
        if isinstance(error, PetrichorError):
            raise
        raise late("ERR_PETRICHOR_HANDSHAKE_TIMEOUT", timeout or 0) from None
    except BaseException:
        sock.close()
        raise


def over(
    sock: socket.socket,
    header: HeaderInit,
    body: Encodable = b"",
    *,
    timeout: Optional[float] = CONNECT_SECONDS,
    limits: ConnectionLimits = ConnectionLimits(),
    strict: bool = False,
    text: str = "header",
) -> Connected:
    """``connect`` over a socket that is connected already: a Unix socket, a pair, a tunnel."""
    conn = Connection(sock, limits=limits, strict=strict, text=text)
    deadline = None if timeout is None else _now() + timeout
    conn.send(header, body, deadline=deadline)
    answer = conn.recv(deadline=deadline)
    if answer.header is None:
        raise closed_before_reply()
    return Connected(sock, conn, answer.header, answer.body)


# ---------------------------------------------------------------------- the calls as the first description has them


def read_chunk(conn: Connection) -> Value:
    """See ``Connection.read_chunk``."""
    return conn.read_chunk()


def recv(conn: Connection) -> Message:
    """See ``Connection.recv``."""
    return conn.recv()


def send(conn: Connection, header: HeaderInit, body: Encodable = b"") -> None:
    """See ``Connection.send``."""
    conn.send(header, body)


def accept(conn: Connection) -> Message:
    """See ``Connection.accept``."""
    return conn.accept()


def peer_allowed(conn: Connection, header: HeaderInit, msg: Encodable = b"") -> None:
    """See ``Connection.peer_allowed``."""
    conn.peer_allowed(header, msg)


def peer_denied(conn: Connection, header: HeaderInit, msg: Encodable = b"") -> None:
    """See ``Connection.peer_denied``."""
    conn.peer_denied(header, msg)


def request(conn: Connection, header: HeaderInit, body: Encodable = b"") -> Message:
    """See ``Connection.request``."""
    return conn.request(header, body)


__all__ = [
    "Connected",
    "Connection",
    "accept",
    "connect",
    "over",
    "peer_allowed",
    "peer_denied",
    "read_chunk",
    "recv",
    "request",
    "send",
]
