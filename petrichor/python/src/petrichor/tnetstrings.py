"""TNetstrings: SIZE ":" DATA TYPE.

=====  ==========================================  ==================
type   data                                        here
=====  ==========================================  ==================
``,``  bytes                                       ``bytes``
``#``  ``[+-]?[0-9]+``                             ``int``
``^``  digits[.digits][e±digits], finite           ``float``
``!``  ``true`` or ``false``                       ``bool``
``~``  nothing                                     ``None``
``}``  keys, which are strings of UTF-8, and       ``dict``, keys ``str``
       values in turn
``]``  values                                      ``list``
=====  ==========================================  ==================

Nothing else is accepted; with ``strict`` numbers must be as they would be written, too.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .errors import TNetstringError
from .limits import BODY, Limits

#: Anything that a TNetstring holds, as it is read. ``str`` only where ``text`` was asked for.
Value = Union[None, bool, int, float, bytes, str, List[Any], Dict[str, Any]]
#: Anything that can be written. Strings become UTF-8.
Encodable = Union[
    None, bool, int, float, bytes, bytearray, memoryview, str, Sequence[Any], Mapping[str, Any], Mapping[bytes, Any]
]

SIZE_DIGITS = 9
SIZE_MAX = 999_999_999

_INTEGER = re.compile(rb"[+-]?[0-9]+")
_INTEGER_STRICT = re.compile(rb"0|-?[1-9][0-9]*")
_FLOAT = re.compile(rb"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_FLOAT_STRICT = re.compile(rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,8}):")
_WRONG_AT = re.compile(rb"(?:0|[1-9][0-9]{0,8})?")
_INF = float("inf")


def size_fault(data: Union[bytes, bytearray], start: int, end: int) -> int:
    """The index of the first byte in ``[start, end)`` that no SIZE has there; ``end`` when more bytes could mend it."""
    match = _WRONG_AT.match(data, start, end)
    assert match is not None  # the pattern matches the empty string
    return match.end()


def wrong_size(at: int) -> TNetstringError:
    return TNetstringError("ERR_TNS_SIZE", "cannot read a size: it is 0 or [1-9][0-9]* of at most 9 digits, then ':'", at)


def too_large(size: int, most: int, at: int = 0) -> TNetstringError:
    return TNetstringError("ERR_TNS_TOO_LARGE", f"cannot read a value of {size} bytes: at most {most} are allowed", at)


class Parser:
    """Reads values that lie whole in memory. One parser may be used again and again, by one thread at a time."""

    __slots__ = ("limits", "strict", "text", "_data", "_base", "_elements")

    def __init__(self, limits: Limits = BODY, *, strict: bool = False, text: bool = False) -> None:
        self.limits = limits
        self.strict = strict
        self.text = text
        self._data = b""
        self._base = 0
        self._elements = 0

    def parse(self, data: bytes, start: int, end: int, base: int = 0) -> Value:
        """Reads ``data[start:end]`` with its TYPE at ``end``. ``base`` is added to the offsets of errors."""
        self._data = data
        self._base = base
        self._elements = 0
        try:
            return self._read(start, end, 0)
        finally:
            self._data = b""

    def _fail(self, code: str, why: str, at: int) -> TNetstringError:
        return TNetstringError(code, f"cannot read a value: {why}", self._base + at)

    def _read(self, start: int, end: int, depth: int) -> Value:
        limits = self.limits
        self._elements += 1
        if self._elements > limits.elements:
            raise self._fail("ERR_TNS_COUNT", f"at most {limits.elements} values are allowed", start)
        data = self._data
        kind = data[end]
        if kind == 0x2C:  # ,
            return self._string(start, end)
        if kind == 0x23:  # #
            return self._integer(start, end)
        if kind == 0x7D or kind == 0x5D:  # } ]
            if depth >= limits.depth:
                raise self._fail("ERR_TNS_DEPTH", f"at most {limits.depth} levels are allowed", start)
            return self._dict(start, end, depth + 1) if kind == 0x7D else self._list(start, end, depth + 1)
        if kind == 0x21:  # !
            if data[start:end] == b"true":
                return True
            if data[start:end] == b"false":
                return False
            raise self._fail("ERR_TNS_BOOLEAN", "a boolean is 'true' or 'false'", start)
        if kind == 0x7E:  # ~
            if end > start:
                raise self._fail("ERR_TNS_NULL", "null has no data", start)
            return None
        if kind == 0x5E:  # ^
            return self._float(start, end)
        raise self._fail("ERR_TNS_TYPE", "the type is none of , # ^ ! ~ } ]", end)

    def _string(self, start: int, end: int) -> Union[bytes, str]:
        found = bytes(self._data[start:end])
        if self.text:
            try:
                return found.decode("utf-8")
            except UnicodeDecodeError:
                return found  # nothing is ever replaced
        return found

    def _check_number(self, start: int, end: int) -> bytes:
        most = self.limits.number
        if end - start > most:
            raise self._fail("ERR_TNS_TOO_LARGE", f"a number has at most {most} characters", start + most)
        return bytes(self._data[start:end])

    def _integer(self, start: int, end: int) -> int:
        text = self._check_number(start, end)
        if (_INTEGER_STRICT if self.strict else _INTEGER).fullmatch(text) is None:
            at = start + _wrong_in_integer(text)
            raise self._fail("ERR_TNS_INTEGER", "an integer is a sign, where it has one, and digits", at)
        try:
            return int(text)
        except ValueError:  # more digits than this Python converts, which a caller's limit may allow
            raise self._fail("ERR_TNS_TOO_LARGE", "this Python converts no integer so long", start) from None

    def _float(self, start: int, end: int) -> float:
        text = self._check_number(start, end)
        value = _INF
        if (_FLOAT_STRICT if self.strict else _FLOAT).fullmatch(text) is not None:
            value = float(text)
        if value in (_INF, -_INF):
            at = start + _wrong_in_float(text)
            raise self._fail("ERR_TNS_FLOAT", "a float is digits[.digits][e±digits], finite as a double", at)
        return value

    def _list(self, start: int, end: int, depth: int) -> List[Any]:
        values: List[Any] = []
        at = start
        while at < end:
            child, stop = self._size(at, end)
            values.append(self._read(child, stop, depth))
            at = stop + 1
        return values

    def _dict(self, start: int, end: int, depth: int) -> Dict[str, Any]:
        values: Dict[str, Any] = {}
        at = start
        while at < end:
            if len(values) >= self.limits.keys:
                raise self._fail("ERR_TNS_COUNT", f"at most {self.limits.keys} keys are allowed", at)
            key_start, key_end = self._size(at, end)
            key = self._key(at, key_start, key_end)
            if key in values:
                raise self._fail("ERR_TNS_DUPLICATE_KEY", "the key came before", at)
            if key_end + 1 == end:
                raise self._fail("ERR_TNS_DICT", "the last key has no value", end)
            child, stop = self._size(key_end + 1, end)
            values[key] = self._read(child, stop, depth)
            at = stop + 1
        return values

    def _key(self, at: int, start: int, end: int) -> str:
        if self._data[end] != 0x2C:
            raise self._fail("ERR_TNS_KEY", "a key is a string", end)
        try:
            return self._data[start:end].decode("utf-8")
        except UnicodeDecodeError:
            raise self._fail("ERR_TNS_KEY", "a key is UTF-8", start) from None

    def _size(self, at: int, end: int) -> Tuple[int, int]:
        """Where the data of the value at ``at`` begin and end, both inside a container that ends at ``end``."""
        match = _SIZE.match(self._data, at, end)
        if match is None:
            wrong = size_fault(self._data, at, end)
            if wrong < end:
                raise self._fail("ERR_TNS_SIZE", "SIZE is 0 or [1-9][0-9]* of at most 9 digits, then ':'", wrong)
            raise self._fail("ERR_TNS_OVERRUN", "it is larger than what it lies in", end)
        start = match.end()
        stop = start + int(match.group(1))
        if stop >= end:
            raise self._fail("ERR_TNS_OVERRUN", "it is larger than what it lies in", at)
        return start, stop


def _digits_end(text: bytes, at: int) -> int:
    while at < len(text) and 0x30 <= text[at] <= 0x39:
        at += 1
    return at


def _wrong_in_integer(text: bytes) -> int:
    """The first wrong byte of an integer that is known to be wrong."""
    first = 1 if text[:1] in (b"+", b"-") else 0
    at = _digits_end(text, first)
    if at < len(text) or at == first:
        return at
    return 0 if text[:1] == b"+" else first


def _wrong_in_float(text: bytes) -> int:
    """The first wrong byte of a float that is known to be wrong; 0 of one that is too large."""
    first = 1 if text[:1] in (b"+", b"-") else 0
    if _FLOAT.fullmatch(text) is not None:
        leading_zero = text[first : first + 1] == b"0" and _digits_end(text, first) > first + 1
        return first if leading_zero and text[:1] != b"+" else 0
    at = _digits_end(text, first)
    if at == first:
        return at
    if text[at : at + 1] == b".":
        fraction = at + 1
        at = _digits_end(text, fraction)
        if at == fraction:
            return at
    if text[at : at + 1] in (b"e", b"E"):
        at += 1
        if text[at : at + 1] in (b"+", b"-"):
            at += 1
        return _digits_end(text, at)
    return at


def pop(
    data: bytes, *, limits: Limits = BODY, strict: bool = False, text: bool = False
) -> Tuple[Value, bytes]:
    """The first value of ``data``, and the bytes behind it."""
    match = _SIZE.match(data)
    if match is None:
        wrong = size_fault(data, 0, len(data))
        if wrong < len(data):
            raise wrong_size(wrong)
        raise TNetstringError("ERR_TNS_TRUNCATED", "cannot read a value: the input ends within it", len(data))
    size, start = int(match.group(1)), match.end()
    if size > limits.size:
        raise too_large(size, limits.size)
    if start + size >= len(data):
        raise TNetstringError("ERR_TNS_TRUNCATED", "cannot read a value: the input ends within it", len(data))
    value = Parser(limits, strict=strict, text=text).parse(data, start, start + size)
    return value, data[start + size + 1 :]


def loads(data: bytes, *, limits: Limits = BODY, strict: bool = False, text: bool = False) -> Value:
    """Exactly one value."""
    value, rest = pop(data, limits=limits, strict=strict, text=text)
    if rest:
        raise TNetstringError("ERR_TNS_TRAILING", "cannot read one value: more follows it", len(data) - len(rest))
    return value


# The names that the protocol's first description uses.
parse = pop


def dumps(value: Encodable) -> bytes:
    """A value as bytes."""
    return b"".join(dump_parts(value))


dump = dumps


def dump_parts(value: Encodable) -> List[Union[bytes, memoryview]]:
    """A value as pieces to be sent one after the other; bytes in it are pieces of their own and not copied."""
    backwards: List[Union[bytes, memoryview]] = []
    _write(value, backwards, 0)
    backwards.reverse()
    return backwards


def _put(out: List[Union[bytes, memoryview]], data: Union[bytes, memoryview], kind: bytes) -> int:
    size = len(data)
    prefix = b"%d:" % size
    if size > SIZE_MAX:
        raise TNetstringError("ERR_TNS_VALUE", f"cannot write {size} bytes: at most {SIZE_MAX} are allowed")
    if size < 4096:
        out.append(prefix + data + kind)
    else:
        out += (kind, data, prefix)
    return len(prefix) + size + 1


def _write(value: Any, out: List[Union[bytes, memoryview]], depth: int) -> int:
    """Writes from the end to the beginning, because SIZE stands in front; answers how many bytes that were."""
    if isinstance(value, bytes):
        return _put(out, value, b",")
    if isinstance(value, str):
        try:
            return _put(out, value.encode("utf-8"), b",")
        except UnicodeEncodeError:
            raise TNetstringError("ERR_TNS_VALUE", "cannot write half of a surrogate pair as UTF-8") from None
    if value is None:
        return _put(out, b"", b"~")
    if value is True or value is False:
        return _put(out, b"true" if value else b"false", b"!")
    if isinstance(value, int):
        try:
            return _put(out, b"%d" % value, b"#")
        except ValueError:
            raise TNetstringError("ERR_TNS_VALUE", "cannot write an integer of more than 4,300 digits") from None
    if isinstance(value, float):
        return _put(out, format_float(value).encode("ascii"), b"^")
    if isinstance(value, (bytearray, memoryview)):
        return _put(out, memoryview(value).cast("B"), b",")
    if isinstance(value, (list, tuple, Mapping)):
        return _write_container(value, out, depth)
    raise TNetstringError("ERR_TNS_VALUE", f"cannot write a {type(value).__name__}: TNetstrings have no type for it")


def _write_container(value: Any, out: List[Union[bytes, memoryview]], depth: int) -> int:
    if depth >= BODY.depth:
        raise TNetstringError("ERR_TNS_VALUE", f"cannot write more than {BODY.depth} levels")
    is_dict = isinstance(value, Mapping)
    out.append(b"}" if is_dict else b"]")
    size = 0
    if is_dict:
        for key in reversed(list(value)):
            if not isinstance(key, (str, bytes)):
                raise TNetstringError("ERR_TNS_VALUE", f"cannot write a key that is a {type(key).__name__}")
            size += _write(value[key], out, depth + 1)
            size += _write(key, out, depth + 1)
    else:
        for item in reversed(value):
            size += _write(item, out, depth + 1)
    if size > SIZE_MAX:
        raise TNetstringError("ERR_TNS_VALUE", f"cannot write {size} bytes: at most {SIZE_MAX} are allowed")
    prefix = b"%d:" % size
    out.append(prefix)
    return len(prefix) + size + 1


_REPR = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?")


def format_float(value: float) -> str:
    """The shortest digits that read back as ``value``, placed as ECMAScript places them, so that all languages agree.

    Where that would look like an integer ``.0`` follows.
    """
    match = _REPR.fullmatch(repr(value))
    if match is None:
        raise TNetstringError("ERR_TNS_VALUE", f"cannot write {value!r}: a float is finite")
    sign, whole, fraction, exponent = match.groups("")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or "0")
    digits = digits.rstrip("0")
    count = len(digits)
    if count == 0:
        return sign + "0.0"
    if count <= point <= 21:
        return sign + digits + "0" * (point - count) + ".0"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


class Frames:
    """Finds outermost values in bytes that come in any pieces. Offsets of faults are those of the whole stream.

    What is kept grows with the bytes that came: a promise of 999,999,999 bytes costs nothing.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._size = -1
        self._start = 0
        self._base = 0

    @property
    def idle(self) -> bool:
        """No byte of a value is here."""
        return self._at == len(self._buffer)

    def push(self, data: Union[bytes, bytearray, memoryview]) -> None:
        if self._at > 0:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += data

    def next(self, parser: Parser, *, only_dict: bool = False) -> Tuple[bool, Value]:
        """``(True, value)``, or ``(False, None)`` until more bytes come.

        ``only_dict``: a value of another type is answered as its type's character, and not read.
        """
        buffer = self._buffer
        at = self._at
        if self._size < 0:
            match = _SIZE.match(buffer, at)
            if match is None:
                wrong = size_fault(buffer, at, len(buffer))
                if wrong < len(buffer):
                    raise wrong_size(self._base + wrong - at)
                return False, None
            size = int(match.group(1))
            if size > parser.limits.size:
                raise too_large(size, parser.limits.size, self._base)
            self._size = size
            self._start = match.end() - at
        stop = at + self._start + self._size
        if stop >= len(buffer):
            return False, None
        with memoryview(buffer) as view:
            data = bytes(view[at : stop + 1])
        self._at = stop + 1
        start, self._size = self._start, -1
        base, self._base = self._base, self._base + len(data)
        if self._at == len(buffer):
            buffer.clear()
            self._at = 0
        if only_dict and data[-1:] in (b",", b"#", b"^", b"!", b"~", b"]"):
            return True, data[-1:]
        return True, parser.parse(data, start, len(data) - 1, base)
