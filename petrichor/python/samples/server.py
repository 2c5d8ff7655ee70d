"""The echo server of the protocol's first description, line by line; it lets in whoever says a user.

python samples/server.py HOST PORT
"""

import socketserver
import sys
from uuid import uuid4

import petrichor

IDENT = uuid4().hex
VERSION = "0.1"


class PetrichorServer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        conn = petrichor.Connection(self.request)
        try:
            self.converse(conn)
        except (petrichor.PetrichorError, OSError) as error:
            print("LOST", error, flush=True)
        conn.close()

    def converse(self, conn: petrichor.Connection) -> None:
        ident, body = petrichor.accept(conn)
        if ident is None:
            return

        reply = {"ident": IDENT, "version": VERSION}
        if "user" not in ident:
            petrichor.peer_denied(conn, reply, "YOU ARE NOT ON THE LIST")
            return
        petrichor.peer_allowed(conn, reply, "WELCOME")

        header = {}
        while header is not None:
            # just keep looping until you get a None which is returned on close
            header, body = petrichor.recv(conn)
            print("RECEIVED", ident["user"], ident.get("ident"), header, body, flush=True)

            if header is not None:
                petrichor.send(conn, {}, body)

        print("ALL DONE", flush=True)


class ThreadedServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    HOST, PORT = sys.argv[1], int(sys.argv[2])
    server = ThreadedServer((HOST, PORT), PetrichorServer)
    print("RUNNING", *server.server_address, flush=True)
    server.serve_forever()
