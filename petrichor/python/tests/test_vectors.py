"""The cases that all implementations share: petrichor/vectors/petrichor.json."""

from __future__ import annotations

from typing import Any, List

import pytest

from petrichor import ConnectionLimits, MessageReader, PetrichorError, TNetstringError
from petrichor import tnetstrings as tns


def plain(shown: Any) -> Any:
    """A vector's way to show a value, as the value."""
    if isinstance(shown, list):
        return [plain(item) for item in shown]
    if isinstance(shown, dict):
        ((kind, data),) = shown.items()
        if kind == "int":
            return int(data)
        if kind == "f":
            return float(data)
        if kind == "b":
            return bytes.fromhex(data)
        return {bytes.fromhex(key).decode("utf-8"): plain(value) for key, value in data}
    return shown


def same(a: Any, b: Any) -> bool:
    """Equal, and of the same type: 1, 1.0 and True are three things, and so are 0.0 and -0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return repr(a) == repr(b)


def test_accepts(vectors: Any) -> None:
    for case in vectors["accept"]:
        data, value = bytes.fromhex(case["hex"]), plain(case["value"])
        for strict in (False, True):
            assert same(tns.loads(data, strict=strict), value), data
        if case["canonical"]:
            assert tns.dumps(value) == data
        else:
            assert same(tns.loads(tns.dumps(value)), value)


def test_accepts_what_strict_rejects(vectors: Any) -> None:
    for case in vectors["lenient"]:
        data = bytes.fromhex(case["hex"])
        assert same(tns.loads(data), plain(case["value"])), data
        with pytest.raises(TNetstringError) as caught:
            tns.loads(data, strict=True)
        assert (caught.value.code, caught.value.offset) == (case["code"], case["offset"]), data


def test_rejects(vectors: Any) -> None:
    for case in vectors["reject"]:
        data = bytes.fromhex(case["hex"])
        with pytest.raises(TNetstringError) as caught:
            tns.loads(data)
        assert (caught.value.code, caught.value.offset) == (case["code"], case["offset"]), data


def pieces(data: bytes, size: int) -> List[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000_000])
def test_streams(vectors: Any, size: int) -> None:
    for case in vectors["streams"]:
        data = case["ascii"].encode() if "ascii" in case else bytes.fromhex(case["hex"])
        reader = MessageReader(ConnectionLimits(), text="none")
        found, end, offset = [], "clean", None
        try:
            for piece in pieces(data, size):
                reader.push(piece)
                while True:
                    message = reader.next()
                    if message is None:
                        break
                    found.append(message)
            reader.end()
        except PetrichorError as error:
            end, offset = error.code, getattr(error, "offset", None)
        expected = [(plain(message["header"]), plain(message["body"])) for message in case["messages"]]
        assert len(found) == len(expected) and all(same(list(a), list(b)) for a, b in zip(found, expected)), case
        assert end == case["end"], case
        if "offset" in case:
            assert offset == case["offset"], case


def test_pairs(vectors: Any) -> None:
    for case in vectors["pairs"]:
        written = tns.dumps(plain(case["header"])) + tns.dumps(plain(case["body"]))
        assert written == case["ascii"].encode()
