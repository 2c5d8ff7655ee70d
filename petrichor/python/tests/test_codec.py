from __future__ import annotations

import random
import time
import tracemalloc
from typing import Any

import pytest

from petrichor import ConnectionLimits, Limits, MessageReader, PetrichorError, TNetstringError
from petrichor import tnetstrings as tns

from test_vectors import same


def anything(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(7 if depth < 4 else 5)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.randrange(-(10 ** chance.randrange(1, 30)), 10 ** chance.randrange(1, 30))
    if kind == 2:
        return chance.choice([chance.uniform(-1e6, 1e6), chance.random() * 10.0 ** chance.randrange(-300, 300), 0.0, -0.0])
    if kind < 5:
        return bytes(chance.randrange(256) for _ in range(chance.choice([0, 1, 9, 10, 100, 5000 if depth < 2 else 3])))
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(6))]
    return {f"k{i}☂": anything(chance, depth + 1) for i in range(chance.randrange(6))}


def test_any_value_comes_back() -> None:
    chance = random.Random(4)
    for _ in range(500):
        value = anything(chance)
        assert same(tns.loads(tns.dumps(value), strict=True), value)


def test_truncated_anywhere_is_told_as_that() -> None:
    data = tns.dumps({"a": [1, 2.5, None, True, b"x" * 20], "b": {"c": b""}})
    for end in range(len(data)):
        with pytest.raises(TNetstringError) as caught:
            tns.loads(data[:end])
        assert (caught.value.code, caught.value.offset) == ("ERR_TNS_TRUNCATED", end)


def test_noise_ends_in_a_value_or_a_typed_error() -> None:
    chance = random.Random(5)
    seed = tns.dumps({"user": b"zed", "n": [1, 2.5, None, True, {"x": b""}]}) + tns.dumps(b"body")
    for _ in range(5000):
        data = bytearray(seed)
        for _ in range(chance.randrange(1, 5)):
            data[chance.randrange(len(data))] = chance.choice(b"0123456789:,#^!~}]-x\x00\xff")
        reader = MessageReader(ConnectionLimits())
        try:
            reader.push(bytes(data))
            while reader.next() is not None:
                pass
            reader.end()
        except PetrichorError as error:
            assert error.code.startswith("ERR_")


def limited(**limits: int) -> Limits:
    return Limits()._replace(**limits)


@pytest.mark.parametrize(
    ("limits", "good", "bad", "code"),
    [
        (limited(size=5), b"5:hello,", b"6:hello!,", "ERR_TNS_TOO_LARGE"),
        (limited(depth=1), b"3:0:~]", b"3:0:]]", "ERR_TNS_DEPTH"),
        (limited(depth=0), b"0:~", b"0:]", "ERR_TNS_DEPTH"),
        (limited(elements=2), b"3:0:~]", b"6:0:~0:~]", "ERR_TNS_COUNT"),
        (limited(keys=1), b"7:1:a,0:~}", b"14:1:a,0:~1:b,0:~}", "ERR_TNS_COUNT"),
        (limited(number=3), b"3:123#", b"4:1234#", "ERR_TNS_TOO_LARGE"),
    ],
)
def test_limits_hold_at_the_limit(limits: Limits, good: bytes, bad: bytes, code: str) -> None:
    tns.loads(good, limits=limits)
    with pytest.raises(TNetstringError) as caught:
        tns.loads(bad, limits=limits)
    assert caught.value.code == code


def nested(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = b"%d:%s]" % (len(data), data)
    return data


def test_depth_of_the_defaults() -> None:
    assert tns.loads(nested(64)) is not None
    for levels in (65, 10_000):
        with pytest.raises(TNetstringError) as caught:
            tns.loads(nested(levels))
        assert caught.value.code == "ERR_TNS_DEPTH"
    reader = MessageReader(ConnectionLimits())
    reader.push(b"%d:1:x,%s}" % (len(nested(16)) + 4, nested(16)))
    with pytest.raises(TNetstringError) as deep:
        reader.next()
    assert deep.value.code == "ERR_TNS_DEPTH"


def test_what_is_promised_costs_nothing() -> None:
    tracemalloc.start()
    readers = [MessageReader(ConnectionLimits()) for _ in range(100)]
    for reader in readers:
        reader.push(b"0:}16777216:some bytes")
        assert reader.next() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


def test_a_byte_at_a_time_costs_no_more_than_linear_time() -> None:
    reader = MessageReader(ConnectionLimits())
    start = time.monotonic()
    for byte in b"0:}200000:" + b"x" * 200_000 + b",":
        reader.push(bytes([byte]))
        message = reader.next()
    assert message is not None and len(message.body) == 200_000  # type: ignore[arg-type]
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}, {"a": {b"b": {3}}}, "\ud800"])
def test_what_no_tnetstring_can_hold_is_refused(value: Any) -> None:
    with pytest.raises(TNetstringError) as caught:
        tns.dumps(value)
    assert caught.value.code == "ERR_TNS_VALUE"


def test_text_is_text_only_where_it_is_utf8() -> None:
    assert tns.loads(b"3:\xe2\x98\x82,", text=True) == "☂"
    assert tns.loads(b"2:\xff\xfe,", text=True) == b"\xff\xfe"


def test_large_bodies_are_not_copied_into_one() -> None:
    body = bytearray(1 << 20)
    parts = tns.dump_parts([body, b"x"])
    assert any(isinstance(part, memoryview) and part.obj is body for part in parts)
    assert tns.loads(b"".join(parts)) == [bytes(body), b"x"]


def test_an_integer_beyond_what_python_converts_is_a_typed_error_at_worst() -> None:
    try:
        # Pythons that are old enough convert any.
        assert tns.loads(b"6000:" + b"1" * 6_000 + b"#", limits=Limits(number=10_000)) > 10**5999  # type: ignore[operator]
    except TNetstringError as error:
        assert error.code == "ERR_TNS_TOO_LARGE"
