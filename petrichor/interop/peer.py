"""The Python peer of the interop matrix; see README.md beside this file."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import Any, List, Optional

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python" / "src"))

import petrichor  # noqa: E402
from petrichor import tls, tnetstrings  # noqa: E402


def same(a: Any, b: Any) -> bool:
    """Equal as values: dicts in any order, and 1, 1.0 and True are three things."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def handle(sock: socket.socket, context: Any) -> None:
    try:
        sock.settimeout(10)
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
        with petrichor.Connection(sock) as conn:
            header, _ = petrichor.accept(conn)
            if header is None:
                return
            if "user" not in header:
                return petrichor.peer_denied(conn, {}, "YOU ARE NOT ON THE LIST")
            petrichor.peer_allowed(conn, {}, "WELCOME")
            for header, body in conn:
                petrichor.send(conn, header or {}, body)
    except (petrichor.PetrichorError, OSError) as error:
        print("server:", error, file=sys.stderr)


def server(port: int, cert: Optional[str] = None, key: Optional[str] = None) -> None:
    context = None if cert is None else tls.server_context(cert, key)
    listener = socket.create_server(("127.0.0.1", port))
    print("RUNNING 127.0.0.1", listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=handle, args=(listener.accept()[0], context), daemon=True).start()


def client(host: str, port: int, cases: str, ca: Optional[str] = None) -> None:
    context = None if ca is None else tls.client_context(ca)
    _, conn, header, body = petrichor.connect(host, port, {}, tls=context)
    assert not petrichor.connect_allowed(header) and body == b"YOU ARE NOT ON THE LIST"
    conn.close()
    _, conn, header, body = petrichor.connect(host, port, {"user": "python"}, tls=context)
    assert petrichor.connect_allowed(header, strict=True) and body == b"WELCOME"
    bodies: List[Any] = [tnetstrings.loads(bytes.fromhex(line)) for line in Path(cases).read_text().split()]
    bodies.append(bytes(i * 31 % 256 for i in range(1 << 20)))
    for number, sent in enumerate(bodies):
        header, back = petrichor.request(conn, {"n": number}, sent)
        assert header == {"n": number} and same(back, sent), (number, sent, header, back)
    conn.close()
    print("OK", len(bodies))


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    if role == "server":
        server(int(rest[0]), *rest[1:])
    else:
        client(rest[0], int(rest[1]), *rest[2:])
