"""Petrichor's C beside tnetstring3's, on the same message. python compare.py PATH-TO-petri-bench"""

import json
import subprocess
import sys
import time

import tnetstring

HEADER = {
    b"user": b"zed",
    b"ident": b"0123456789abcdef0123456789abcdef",
    b"version": b"0.1",
    b"id": 1_000_000,
    b"urgent": True,
    b"path": b"/some/where/else",
}
BODY = bytes(1024)
ROUNDS = 200_000


def best(work, *arguments):
    """Nanoseconds of one call, the best of five turns, without the loop's own."""
    turns = []
    for _ in range(5):
        start = time.perf_counter_ns()
        for _ in range(ROUNDS):
            pass
        empty = time.perf_counter_ns() - start
        start = time.perf_counter_ns()
        for _ in range(ROUNDS):
            work(*arguments)
        turns.append((time.perf_counter_ns() - start - empty) / ROUNDS)
    return min(turns)


def main() -> None:
    ours = json.loads(subprocess.run([sys.argv[1]], capture_output=True, check=True, text=True).stdout)
    header, body = tnetstring.dumps(HEADER), tnetstring.dumps(BODY)
    assert len(header) + len(body) == ours["bytes"]
    theirs = {
        "encode_ns": best(tnetstring.dumps, HEADER) + best(tnetstring.dumps, BODY),
        "decode_ns": best(tnetstring.loads, header) + best(tnetstring.loads, body),
    }
    for what in ("encode_ns", "decode_ns"):
        ratio = theirs[what] / ours[what]
        print(f"{what}: petrichor {ours[what]:.0f}, tnetstring3 {theirs[what]:.0f}, {ratio:.1f} x")


if __name__ == "__main__":
    main()
