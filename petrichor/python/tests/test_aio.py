from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any, Awaitable, Callable, List, Optional

import pytest
from conftest import Certificates
from petrichor import ConnectionLimits, PetrichorError, connect_allowed, tls
from petrichor.aio import Connection, Server, connect, serve

QUICK = ConnectionLimits(handshake_seconds=0.3, message_seconds=0.3, idle_seconds=0.3, write_seconds=0.3)


async def echo(conn: Connection) -> None:
    await conn.accept()
    await conn.peer_allowed({"ident": b"server"}, b"WELCOME")
    async for header, body in conn:
        await conn.send(header or {}, body)


def run(test: Callable[[Server, List[BaseException]], Awaitable[Any]], **options: Any) -> Any:
    """Runs a test beside an echo server; answers what it answered."""

    async def main() -> Any:
        errors: List[BaseException] = []
        async with await serve(options.pop("handler", echo), on_error=errors.append, **options) as server:
            return await asyncio.wait_for(test(server, errors), 30)

    return asyncio.run(main())


async def poll(until: Callable[[], bool]) -> None:
    while not until():
        await asyncio.sleep(0.005)


def test_many_requests_on_many_connections() -> None:
    async def client(server: Server, number: int) -> None:
        conn, header, body = await connect("127.0.0.1", server.port, {"user": "zed"})
        assert connect_allowed(header, strict=True) and body == b"WELCOME"
        async with conn:
            for turn in range(20):
                assert await conn.request({"n": turn}, b"%d" % number) == ({"n": turn}, b"%d" % number)

    async def test(server: Server, errors: List[BaseException]) -> None:
        await asyncio.gather(*(client(server, number) for number in range(20)))
        assert errors == []

    run(test)


def test_null_and_large_bodies_and_the_end() -> None:
    async def test(server: Server, _: List[BaseException]) -> None:
        conn = (await connect("127.0.0.1", server.port, {})).conn
        assert await conn.request({}, None) == ({}, None)
        large = bytes(range(256)) * 40_000
        assert (await conn.request({}, large)).body == large
        await conn.close()
        await conn.close()

    run(test)


def codes(errors: List[BaseException]) -> List[Optional[str]]:
    return [getattr(error, "code", None) for error in errors]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "ERR_TNS_SIZE"),
        (b"999999999:", "ERR_TNS_TOO_LARGE"),
        (b"4:true!0:,", "ERR_PETRICHOR_HEADER"),
        (b"0:}5:he", "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"),
        (b"", "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"),
        (b"0:}0:,0:}5:he", "ERR_PETRICHOR_MESSAGE_TIMEOUT"),
        (b"0:}0:,", "ERR_PETRICHOR_IDLE_TIMEOUT"),
        (b"0:}0:,1:x;", "ERR_TNS_TYPE"),
    ],
)
def test_a_bad_peer_costs_its_own_connection(sent: bytes, code: str) -> None:
    async def test(server: Server, errors: List[BaseException]) -> None:
        good = await connect("127.0.0.1", server.port, {}, limits=ConnectionLimits())
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        while code not in codes(errors):
            assert (await good.conn.request({}, b"still here")).body == b"still here"
            await asyncio.sleep(0.01)
        try:
            await reader.read()
        except OSError:
            pass  # reset, which says the same
        writer.close()
        await good.conn.close()

    run(test, limits=QUICK)


def test_a_peer_that_closes_within_a_message_is_told_as_that() -> None:
    async def test(server: Server, errors: List[BaseException]) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"0:}0:,0:}5:he")
        writer.close()
        await poll(lambda: "ERR_PETRICHOR_TRUNCATED" in codes(errors))

    run(test)


def test_a_peer_that_never_reads_is_given_up() -> None:
    async def flood(conn: Connection) -> None:
        await conn.accept()
        while True:
            await conn.send({}, b"x" * 100_000)

    async def test(server: Server, errors: List[BaseException]) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(b"0:}0:,")
        await poll(lambda: "ERR_PETRICHOR_PEER_NOT_READING" in codes(errors))
        writer.close()

    run(test, handler=flood, limits=QUICK)


def test_a_peer_that_reads_a_large_message_slowly_gets_all_of_it() -> None:
    size = 24 << 20

    async def give(conn: Connection) -> None:
        await conn.recv()
        await conn.send({}, bytes(size))

    async def test(server: Server, errors: List[BaseException]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"0:}0:,")
        got = 0
        while got < size and not errors:
            got += len(await reader.read(65_536))
            await asyncio.sleep(0.005)
        assert errors == []
        writer.close()

    run(test, handler=give, limits=ConnectionLimits(write_seconds=0.4))


def test_closing_a_server_ends_its_connections() -> None:
    async def test(server: Server, errors: List[BaseException]) -> None:
        conn, _, _ = await connect("127.0.0.1", server.port, {"user": "zed"})
        await asyncio.wait_for(server.close(), 5)
        assert (await asyncio.wait_for(conn.recv(), 5)).header is None
        await conn.close()
        assert errors == []

    run(test)


def test_silent_connections_cost_little_and_those_beyond_the_limit_nothing() -> None:
    async def test(server: Server, _: List[BaseException]) -> None:
        tracemalloc.start()
        writers = [(await asyncio.open_connection("127.0.0.1", server.port))[1] for _ in range(300)]
        conn = (await connect("127.0.0.1", server.port, {})).conn
        assert (await conn.request({}, b"x")).body == b"x"
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
        tracemalloc.stop()
        with pytest.raises((PetrichorError, OSError)):
            await connect("127.0.0.1", server.port, {})
        await conn.close()
        for writer in writers:
            writer.close()

    run(test, connections=301)


def test_tls_both_ways(certificates: Certificates) -> None:
    async def test(server: Server, errors: List[BaseException]) -> None:
        conn = (await connect("127.0.0.1", server.port, {}, tls=tls.client_context(certificates.ca))).conn
        assert (await conn.request({}, b"x" * 1_000_000)).body == b"x" * 1_000_000
        await conn.close()
        with pytest.raises(OSError):
            await connect("127.0.0.1", server.port, {}, tls=tls.client_context())

    run(test, tls=tls.server_context(certificates.cert, certificates.key))
