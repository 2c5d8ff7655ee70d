"""The outside judge of the interop matrix: `tnetstring3` of PyPI, with a socket and nothing of ours. See README.md."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any, Optional, Tuple

import tnetstring


class Wire:
    """Pairs of TNetstrings over a socket, as the protocol's first description has it."""

    def __init__(self, sock: socket.socket) -> None:
        self.file = sock.makefile("rwb")

    def read(self) -> Tuple[bool, Any]:
        prefix = b""
        while not prefix.endswith(b":"):
            byte = self.file.read(1)
            if not byte:
                assert prefix == b"", prefix
                return False, None
            prefix += byte
        rest = self.file.read(int(prefix[:-1]) + 1)
        return True, tnetstring.loads(prefix + rest)

    def recv(self) -> Tuple[Any, Any]:
        there, header = self.read()
        if not there:
            return None, None
        assert isinstance(header, dict)
        there, body = self.read()
        assert there
        return header, body

    def send(self, header: Any, body: Any) -> None:
        self.file.write(tnetstring.dumps(header) + tnetstring.dumps(body))
        self.file.flush()


def handle(sock: socket.socket, context: Optional[ssl.SSLContext]) -> None:
    try:
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
        wire = Wire(sock)
        header, _ = wire.recv()
        if b"user" not in header:
            wire.send({b"allowed": False}, b"YOU ARE NOT ON THE LIST")
            return
        wire.send({b"allowed": True}, b"WELCOME")
        while True:
            header, body = wire.recv()
            if header is None:
                break
            wire.send(header, body)
    except OSError as error:
        print("server:", error, file=sys.stderr)
    finally:
        sock.close()


def server(port: int, cert: Optional[str] = None, key: Optional[str] = None) -> None:
    context = None
    if cert is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", port))
    print("RUNNING 127.0.0.1", listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=handle, args=(listener.accept()[0], context), daemon=True).start()


def dial(host: str, port: int, ca: Optional[str]) -> Wire:
    sock = socket.create_connection((host, port), 30)
    if ca is not None:
        sock = ssl.create_default_context(cafile=ca).wrap_socket(sock, server_hostname=host)
    return Wire(sock)


def client(host: str, port: int, cases: str, ca: Optional[str] = None) -> None:
    wire = dial(host, port, ca)
    wire.send({}, b"")
    assert wire.recv() == ({b"allowed": False}, b"YOU ARE NOT ON THE LIST")
    wire = dial(host, port, ca)
    wire.send({b"user": b"judge"}, b"")
    assert wire.recv() == ({b"allowed": True}, b"WELCOME")
    bodies = [tnetstring.loads(bytes.fromhex(line)) for line in Path(cases).read_text().split()]
    bodies.append(bytes(i * 31 % 256 for i in range(1 << 20)))
    for number, sent in enumerate(bodies):
        wire.send({b"n": number}, sent)
        header, back = wire.recv()
        assert header == {b"n": number} and back == sent, (number, sent, header, back)
    print("OK", len(bodies))


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    if role == "server":
        server(int(rest[0]), *rest[1:])
    else:
        client(rest[0], int(rest[1]), *rest[2:])
