"""The echo client of the protocol's first description, line by line.

python samples/client.py HOST PORT USER
"""

import sys
from uuid import uuid4

import petrichor

VERSION = "0.1"


def main() -> None:
    host, port, user = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    ident = {"user": user, "ident": uuid4().hex, "version": VERSION}

    sock, conn, header, body = petrichor.connect(host, port, ident)

    if petrichor.connect_allowed(header):
        print("CONNECTED", body.decode())
    else:
        print("YOU WERE DENIED", body.decode())
        sys.exit(1)

    while header is not None:
        try:
            msg = input("> ")
        except EOFError:
            break
        header, reply = petrichor.request(conn, {}, msg)
        if header is not None:
            print(reply.decode())

    sock.close()


if __name__ == "__main__":
    main()
