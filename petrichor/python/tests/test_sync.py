from __future__ import annotations

import socket
import threading
import time
from typing import Any, Callable, Iterator, List, Tuple

import petrichor
import pytest
from conftest import Certificates
from petrichor import Connection, ConnectionLimits, PetrichorError, tls

Pair = Tuple[Connection, socket.socket]
QUICK = ConnectionLimits(handshake_seconds=0.2, message_seconds=0.2, idle_seconds=0.2, write_seconds=0.2)


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    yield Connection(ours), theirs
    ours.close()
    theirs.close()


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(PetrichorError) as caught:
        call()
    return caught.value.code


def test_recv_tells_null_from_the_end(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"0:}0:~")
    peer.close()
    assert petrichor.recv(conn) == ({}, None)
    assert petrichor.recv(conn) == (None, None)


def test_recv_ends_on_garbage_and_stays_ended(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert code_of(lambda: petrichor.recv(conn)) == "ERR_TNS_SIZE"
    assert code_of(lambda: petrichor.recv(conn)) == "ERR_PETRICHOR_CLOSED"
    assert code_of(lambda: petrichor.send(conn, {})) == "ERR_PETRICHOR_CLOSED"


def test_a_header_that_is_no_dict_ends_it(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"5:hello,0:,")
    assert code_of(lambda: petrichor.recv(conn)) == "ERR_PETRICHOR_HEADER"


def test_closing_within_a_message_is_not_the_end(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"0:}5:hel")
    peer.close()
    assert code_of(lambda: petrichor.recv(conn)) == "ERR_PETRICHOR_TRUNCATED"


def test_read_chunk_reads_any_values_between_messages(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"0:~1:7#0:}5:hello,")
    assert petrichor.read_chunk(conn) is None
    assert petrichor.read_chunk(conn) == 7
    assert petrichor.recv(conn) == ({}, b"hello")
    peer.close()
    with pytest.raises(EOFError):
        petrichor.read_chunk(conn)


def test_send_puts_the_first_descriptions_bytes_on_the_wire(pair: Pair) -> None:
    conn, peer = pair
    header = {"ident": b"f" * 32, "allowed": False}
    petrichor.peer_allowed(conn, header, "WELCOME")
    assert peer.recv(1000) == b"61:7:allowed,4:true!5:ident,32:" + b"f" * 32 + b",}7:WELCOME,"
    assert header == {"ident": b"f" * 32, "allowed": False}
    petrichor.send(conn, {})
    assert peer.recv(1000) == b"0:}0:,"


def test_connect_allowed() -> None:
    assert petrichor.connect_allowed({"allowed": True})
    assert petrichor.connect_allowed({})
    assert not petrichor.connect_allowed({}, strict=True)
    assert not petrichor.connect_allowed({"allowed": False})
    assert not petrichor.connect_allowed({"allowed": 1})
    assert not petrichor.connect_allowed(None)


@pytest.mark.parametrize(
    ("sent", "call", "code"),
    [
        (b"", petrichor.accept, "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"),
        (b"0:}5:he", petrichor.accept, "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"),
        (b"", petrichor.recv, "ERR_PETRICHOR_IDLE_TIMEOUT"),
        (b"0:}5:he", petrichor.recv, "ERR_PETRICHOR_MESSAGE_TIMEOUT"),
    ],
)
def test_deadlines(pair: Pair, sent: bytes, call: Callable[[Connection], Any], code: str) -> None:
    conn = Connection(pair[0].sock, limits=QUICK)
    pair[1].sendall(sent)
    start = time.monotonic()
    assert code_of(lambda: call(conn)) == code
    assert 0.1 < time.monotonic() - start < 5


def test_a_byte_at_a_time_does_not_hold_a_handshake_open(pair: Pair) -> None:
    conn = Connection(pair[0].sock, limits=QUICK)
    stop = threading.Event()

    def drip() -> None:
        for byte in b"0:}100:" + b"x" * 100:
            if stop.wait(0.02):
                return
            pair[1].sendall(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    assert code_of(lambda: petrichor.accept(conn)) == "ERR_PETRICHOR_HANDSHAKE_TIMEOUT"
    assert time.monotonic() - start < 1.5
    stop.set()
    thread.join()


def test_a_peer_that_never_reads_is_given_up(pair: Pair) -> None:
    conn = Connection(pair[0].sock, limits=QUICK)
    assert code_of(lambda: petrichor.send(conn, {}, b"x" * (8 << 20))) == "ERR_PETRICHOR_PEER_NOT_READING"


def test_an_unknown_peer_gets_four_kibibytes(pair: Pair) -> None:
    conn, peer = pair
    peer.sendall(b"0:}4097:")
    assert code_of(lambda: petrichor.accept(conn)) == "ERR_TNS_TOO_LARGE"


def serve(handle: Callable[[Connection], None], context: Any = None) -> Tuple[int, threading.Thread]:
    """A server for one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            sock = listener.accept()[0]
            if context is not None:
                sock.settimeout(5)
                sock = context.wrap_socket(sock, server_side=True)
            with Connection(sock) as conn:
                handle(conn)
        except (OSError, PetrichorError):
            pass  # a peer that is refused
        finally:
            listener.close()

    thread = threading.Thread(target=run)
    thread.start()
    return listener.getsockname()[1], thread


def echo(conn: Connection) -> None:
    petrichor.accept(conn)
    petrichor.peer_allowed(conn, {"ident": b"server"}, "WELCOME")
    for header, body in conn:
        petrichor.send(conn, header or {}, body)


def test_connect_over_tcp() -> None:
    port, thread = serve(echo)
    sock, conn, header, body = petrichor.connect("127.0.0.1", port, {"user": "zed"}, timeout=5)
    assert petrichor.connect_allowed(header, strict=True) and header["ident"] == "server" and body == b"WELCOME"
    large = bytes(range(256)) * 40_000
    assert petrichor.request(conn, {"n": 1}, large) == ({"n": 1}, large)
    assert petrichor.request(conn, {}, [None, 1.5, {"x": [True]}]) == ({}, [None, 1.5, {"x": [True]}])
    conn.close()
    thread.join()
    assert sock.fileno() == -1


def test_connect_tells_denied_and_no_answer() -> None:
    def deny(conn: Connection) -> None:
        petrichor.accept(conn)
        petrichor.peer_denied(conn, {}, "YOU ARE NOT ON THE LIST")

    port, thread = serve(deny)
    with petrichor.connect("127.0.0.1", port, {}).conn as conn:
        pass
    thread.join()
    port, thread = serve(lambda conn: petrichor.accept(conn) and None)
    assert code_of(lambda: petrichor.connect("127.0.0.1", port, {})) == "ERR_PETRICHOR_CLOSED_BEFORE_REPLY"
    thread.join()
    port, thread = serve(deny)
    connected = petrichor.connect("127.0.0.1", port, {})
    assert not petrichor.connect_allowed(connected.header)
    assert connected.body == b"YOU ARE NOT ON THE LIST"
    assert petrichor.recv(connected.conn) == (None, None)
    connected.conn.close()
    thread.join()
    assert conn is not None


def test_tls_checks_who_the_server_is(certificates: Certificates) -> None:
    server = tls.server_context(certificates.cert, certificates.key)
    port, thread = serve(echo, server)
    sock, conn, _, body = petrichor.connect("127.0.0.1", port, {}, tls=tls.client_context(certificates.ca))
    assert body == b"WELCOME" and sock.selected_alpn_protocol() == tls.ALPN  # type: ignore[attr-defined]
    large = b"y" * 3_000_000
    assert petrichor.request(conn, {}, large).body == large
    conn.close()
    thread.join()
    port, thread = serve(echo, server)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        petrichor.connect("127.0.0.1", port, {}, tls=tls.client_context())
    thread.join()


def test_mutual_tls_lets_no_stranger_in(certificates: Certificates) -> None:
    server = tls.server_context(certificates.cert, certificates.key, client_cafile=certificates.ca)
    port, thread = serve(echo, server)
    known = tls.client_context(certificates.ca, certfile=certificates.cert, keyfile=certificates.key)
    with petrichor.connect("127.0.0.1", port, {}, tls=known).conn as conn:
        assert petrichor.request(conn, {}, b"x").body == b"x"
    thread.join()
    port, thread = serve(echo, server)
    with pytest.raises((OSError, PetrichorError)):
        petrichor.connect("127.0.0.1", port, {}, tls=tls.client_context(certificates.ca))
    thread.join()


def test_unix_sockets_and_pairs() -> None:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=lambda: echo(Connection(theirs)))
    thread.start()
    messages: List[Any] = []
    with petrichor.over(ours, {}).conn as conn:
        messages.append(petrichor.request(conn, {}, b"hi"))
        ours.shutdown(socket.SHUT_WR)
        thread.join()
        theirs.close()
    assert messages == [({}, b"hi")]
