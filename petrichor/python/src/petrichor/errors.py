"""What can go wrong, with codes that stay."""

from __future__ import annotations

from typing import Optional


class PetrichorError(Exception):
    """Anything that ends a connection. ``code`` is stable and meant to be tested; the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TNetstringError(PetrichorError):
    """Bytes that are no TNetstring, or a value that cannot be one.

    ``offset`` is that of the first wrong byte from the beginning of the input, None for values to be written.
    """

    def __init__(self, code: str, message: str, offset: Optional[int] = None) -> None:
        super().__init__(code, message if offset is None else f"{message} (at byte {offset})")
        self.offset = offset


class PeerTimeout(PetrichorError, TimeoutError):
    """The peer did not do in time what it had to."""


def truncated() -> PetrichorError:
    return PetrichorError("ERR_PETRICHOR_TRUNCATED", "cannot read a message: the connection ends within it")


def closed_before_reply() -> PetrichorError:
    return PetrichorError("ERR_PETRICHOR_CLOSED_BEFORE_REPLY", "cannot read the answer: the peer closed before it")


def header_is_no_dict(kind: str) -> PetrichorError:
    return PetrichorError(
        "ERR_PETRICHOR_HEADER", f"cannot read a header: found a value of type '{kind}'; a header is a dict"
    )


def closed() -> PetrichorError:
    return PetrichorError("ERR_PETRICHOR_CLOSED", "cannot use a connection that was closed or has failed")


#: What is late, and the words for it.
_LATE = {
    "ERR_PETRICHOR_HANDSHAKE_TIMEOUT": "cannot finish the handshake: it is not done",
    "ERR_PETRICHOR_MESSAGE_TIMEOUT": "cannot read a message: it began and is not complete",
    "ERR_PETRICHOR_IDLE_TIMEOUT": "cannot read a message: none began",
    "ERR_PETRICHOR_PEER_NOT_READING": "cannot send: the peer took no byte",
}


def late(code: str, seconds: float) -> PeerTimeout:
    return PeerTimeout(code, f"{_LATE[code]} within {seconds:g} s")
