"""The nine calls on asyncio's streams, and a server."""

from __future__ import annotations

import asyncio
import socket
import ssl
from types import TracebackType
from typing import AsyncIterator, Awaitable, Callable, List, NamedTuple, Optional, Type, TypeVar

from .errors import PeerTimeout, PetrichorError, closed, closed_before_reply, late
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
_READ_BYTES = 65_536


def _now() -> float:
    return asyncio.get_running_loop().time()


class Connection:
    """Petrichor on a stream's two halves. One task may read while another one sends."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        limits: ConnectionLimits = ConnectionLimits(),
        strict: bool = False,
        text: str = "header",
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.limits = limits
        self._reader = MessageReader(limits, strict=strict, text=text)
        self._failed = False

    async def read_chunk(self) -> Value:
        """One value, whatever it is. ``EOFError`` when the peer has closed, since None is a value."""
        patience = Patience(self.limits, _now())
        while True:
            found, value = self._guard(self._reader.next_chunk)
            if found:
                return value
            if not await self._fill(patience):
                raise EOFError("the peer closed between two values")

    async def recv(self, *, deadline: Optional[float] = None) -> Message:
        """The next message; ``(None, None)`` when the peer has closed. ``deadline`` is for handshakes."""
        patience = Patience(self.limits, _now(), deadline)
        while True:
            message = self._guard(self._reader.next)
            if message is not None:
                return message
            if not await self._fill(patience):
                return CLOSED

    async def accept(self) -> Message:
        """The peer's first message, within ``handshake_seconds`` and ``handshake_bytes``."""
        self._reader.restrict(self.limits.handshake_bytes)
        try:
            return await self.recv(deadline=self._handshake_deadline())
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

    async def _fill(self, patience: Patience) -> bool:
        """Waits for more bytes; False at the end."""
        start = _now()
        patience.came(0, self._reader.mid_message, start)
        left = patience.left(start)
        try:
            if left is not None and left <= 0:
                raise asyncio.TimeoutError
            data = await asyncio.wait_for(self.reader.read(_READ_BYTES), left)
        except (asyncio.TimeoutError, TimeoutError):
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

    async def send(self, header: HeaderInit, body: Encodable = b"", *, deadline: Optional[float] = None) -> None:
        """Sends one message; returns when few enough bytes wait to be taken by the peer."""
        parts = message_parts(header, body)
        if self._failed:
            raise closed()
        # Not by writelines: in CPython 3.12.0 to 3.13.0 it never says that too much waits (CVE-2024-12254).
        for piece in [b"".join(parts)] if sum(map(len, parts)) <= _READ_BYTES else parts:
            self.writer.write(piece)
        left = self.limits.write_seconds if deadline is None else max(0.0, deadline - _now())
        try:
            await self._until_taken(left, deadline is None)
        except (asyncio.TimeoutError, TimeoutError):
            self._failed = True
            code = "ERR_PETRICHOR_PEER_NOT_READING" if deadline is None else "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"
            self.writer.transport.abort()
            raise late(code, left or 0) from None
        except OSError:
            self._failed = True
            raise

    async def _until_taken(self, seconds: Optional[float], goes_on: bool) -> None:
        """Waits for room; with ``goes_on`` again as long as the peer took something meanwhile."""
        transport = self.writer.transport
        while True:
            waiting = transport.get_write_buffer_size()
            try:
                return await asyncio.wait_for(self.writer.drain(), seconds)
            except (asyncio.TimeoutError, TimeoutError):
                if not goes_on or transport.get_write_buffer_size() >= waiting:
                    raise

    async def peer_allowed(self, header: HeaderInit, body: Encodable = b"") -> None:
        """Answers ``accept``: the peer may stay."""
        await self.send(answer_header(header, True), body, deadline=self._handshake_deadline())

    async def peer_denied(self, header: HeaderInit, body: Encodable = b"") -> None:
        """Answers ``accept``: the peer may not stay, and why. Close then; the peer reads the reason first."""
        await self.send(answer_header(header, False), body, deadline=self._handshake_deadline())

    async def request(self, header: HeaderInit, body: Encodable = b"") -> Message:
        """Sends a message and answers the next one that comes; ``(None, None)`` when the peer has closed."""
        await self.send(header, body)
        return await self.recv()

    async def close(self, linger: float = 1.0) -> None:
        """Lets the peer read what was sent, for at most ``linger`` seconds, and closes. May be called again."""
        self._failed = True
        try:
            if linger > 0 and not self.writer.is_closing():
                await asyncio.wait_for(self._drain(), linger)
        except (asyncio.TimeoutError, TimeoutError, OSError):
            pass  # it was given its time, or is gone
        self.writer.close()
        try:
            await asyncio.wait_for(self.writer.wait_closed(), max(linger, 0.1))
        except (asyncio.TimeoutError, TimeoutError, OSError):
            self.writer.transport.abort()

    async def _drain(self) -> None:
        await self.writer.drain()
        if self.writer.can_write_eof():
            self.writer.write_eof()
            while await self.reader.read(_READ_BYTES):
                pass

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            message = await self.recv()
            if message.header is None:
                return
            yield message


class Connected(NamedTuple):
    """What ``connect`` answers."""

    conn: Connection
    header: Header
    body: Value


async def connect(
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
    """Connects, sends the first message and reads the answer, all within ``timeout``."""
    deadline = None if timeout is None else _now() + timeout
    name = (server_hostname or host) if tls is not None else None
    try:
        streams = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=tls, server_hostname=name), timeout)
    except (asyncio.TimeoutError, TimeoutError):
        raise late("ERR_PETRICHOR_HANDSHAKE_TIMEOUT", timeout or 0) from None
    conn = Connection(*streams, limits=limits, strict=strict, text=text)
    try:
        await conn.send(header, body, deadline=deadline)
        answer = await conn.recv(deadline=deadline)
        if answer.header is None:
            raise closed_before_reply()
        return Connected(conn, answer.header, answer.body)
    except BaseException:
        conn.writer.transport.abort()
        raise


Handler = Callable[[Connection], Awaitable[None]]


class Server:
    """Listens, and gives each connection to ``handler``; a handler that fails costs its own connection."""

    def __init__(self, server: asyncio.AbstractServer, live: List[Connection]) -> None:
        self._server = server
        self._live = live

    @property
    def port(self) -> int:
        sockets: List[socket.socket] = list(getattr(self._server, "sockets", []))
        return int(sockets[0].getsockname()[1])

    async def close(self, linger: float = 1.0) -> None:
        """Stops listening, and closes every connection after what is queued for it, within ``linger`` seconds."""
        self._server.close()
        live = list(self._live)
        for conn in live:
            conn.writer.close()
        if live:
            ends = [asyncio.ensure_future(conn.writer.wait_closed()) for conn in live]
            await asyncio.wait(ends, timeout=linger)
            for conn in live:
                conn.writer.transport.abort()
            await asyncio.gather(*ends, return_exceptions=True)
        await self._server.wait_closed()

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def serve(
    handler: Handler,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    tls: Optional[ssl.SSLContext] = None,
    limits: ConnectionLimits = ConnectionLimits(),
    connections: int = 1_000,
    strict: bool = False,
    text: str = "header",
    on_error: Optional[Callable[[BaseException], None]] = None,
) -> Server:
    """Serves at most ``connections`` peers at a time; those beyond are closed at once.

    Errors that peers cause end their connection and go to ``on_error``; so do those of the handler.
    """
    live: List[Connection] = []

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(live) >= connections:
            writer.transport.abort()
            return
        conn = Connection(reader, writer, limits=limits, strict=strict, text=text)
        live.append(conn)
        try:
            await handler(conn)
            await conn.close()
        except (PetrichorError, OSError, EOFError) as error:
            writer.transport.abort()
            if on_error is not None:
                on_error(error)
        except Exception as error:
            writer.transport.abort()
            if on_error is None:
                raise
            on_error(error)
        finally:
            live.remove(conn)

    if tls is None:
        return Server(await asyncio.start_server(serve_one, host, port), live)
    handshake = limits.handshake_seconds
    server = await asyncio.start_server(serve_one, host, port, ssl=tls, ssl_handshake_timeout=handshake)
    return Server(server, live)


__all__ = ["Connected", "Connection", "Handler", "PeerTimeout", "Server", "connect", "serve"]
