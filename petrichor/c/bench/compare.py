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
ROUNDS = 100_000
#: Both take turns, so that what else the machine does meets both; the best turn of each counts.
TURNS = 9


def nanoseconds(work, *arguments):
    """Of one call, without the loop's own."""
    start = time.perf_counter_ns()
    for _ in range(ROUNDS):
        pass
    empty = time.perf_counter_ns() - start
    start = time.perf_counter_ns()
    for _ in range(ROUNDS):
        work(*arguments)
    return (time.perf_counter_ns() - start - empty) / ROUNDS


def main() -> None:
    header, body = tnetstring.dumps(HEADER), tnetstring.dumps(BODY)
    ours = {"encode_ns": [], "decode_ns": []}
    theirs = {"encode_ns": [], "decode_ns": []}
    for _ in range(TURNS):
        done = subprocess.run([sys.argv[1], str(ROUNDS)], capture_output=True, check=True, text=True)
        turn = json.loads(done.stdout)
        assert len(header) + len(body) == turn["bytes"]
        for what, times in ours.items():
            times.append(turn[what])
        theirs["encode_ns"].append(nanoseconds(tnetstring.dumps, HEADER) + nanoseconds(tnetstring.dumps, BODY))
        theirs["decode_ns"].append(nanoseconds(tnetstring.loads, header) + nanoseconds(tnetstring.loads, body))
    for what in ours:
        mine, other = min(ours[what]), min(theirs[what])
        print(f"{what}: petrichor {mine:.0f}, tnetstring3 {other:.0f}, {other / mine:.1f} x")


if __name__ == "__main__":
    main()
