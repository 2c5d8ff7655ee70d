# PyPI's tnetstring3 with the header and body of the codec rows; prints nanoseconds as JSON.
import json
import time

import tnetstring

header = {
    b"user": b"zed",
    b"ident": b"0123456789abcdef0123456789abcdef",
    b"version": b"0.1",
    b"number": 12345,
    b"urgent": True,
    b"path": b"/var/log/messages",
}
body = b"x" * 1024
wire_header, wire_body = tnetstring.dumps(header), tnetstring.dumps(body)


def best_of(run, rounds=7, each=50_000):
    times = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        for _ in range(each):
            run()
        times.append((time.perf_counter_ns() - start) / each)
    return sorted(times)[rounds // 2]


def encode():
    return tnetstring.dumps(header), tnetstring.dumps(body)


def decode():
    return tnetstring.loads(wire_header), tnetstring.loads(wire_body)


print(json.dumps({"encode": best_of(encode), "decode": best_of(decode)}))
