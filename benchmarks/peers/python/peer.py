"""hdfs-native from PyPI as a peer of the benchmark; see ../README.md for the lines it understands."""
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from hdfs_native import Client, WriteOptions


def options(replication):
    made = WriteOptions()
    made.overwrite, made.replication, made.block_size = True, replication, 128 << 20
    return made


def read(client, path):
    total = 0
    with client.read(path) as file:
        while chunk := file.read(1 << 20):
            total += len(chunk)
    return total


def write(client, path, size, replication):
    chunk = bytes((i * 31 + (i >> 8) * 7) & 255 for i in range(1 << 20))
    with client.create(path, options(replication)) as file:
        for start in range(0, size, len(chunk)):
            file.write(chunk[: size - start])
    return size


def create(client, path):
    with client.create(path, options(1)) as file:
        file.write(bytes(1024))


def each(word, step):
    count, inflight = int(word[2]), int(word[3])
    if inflight == 1:
        for index in range(count):
            step(index)
    else:
        with ThreadPoolExecutor(inflight) as pool:
            for _ in pool.map(step, range(count), chunksize=1):
                pass
    return count


def pread(client, word):
    file = client.read(word[1])
    seeded = random.Random(7)
    places = [seeded.randrange(len(file) - 4096) for _ in range(int(word[2]))]
    return each(word, lambda index: file.read_range(places[index], 4096))


def job(client, word):
    path = word[1]
    match word[0]:
        case "read":
            return read(client, path)
        case "write":
            return write(client, path, int(word[2]), int(word[3]))
        case "stat":
            return each(word, lambda index: client.get_file_info(path))
        case "create":
            return each(word, lambda index: create(client, f"{path}/f{index}"))
        case "mkdirs":
            return each(word, lambda index: client.mkdirs(f"{path}/d{index}"))
        case "list":
            return sum(1 for _ in client.list_status(path))
        case "pread":
            return pread(client, word)


client = None
for line in sys.stdin:
    word = line.split()
    start = time.perf_counter()
    try:
        if word[0] == "CONNECT":
            client, count = Client(word[1]), 0
        else:
            count = job(client, word)
        print("ok", (time.perf_counter() - start) * 1000, count, flush=True)
    except Exception as problem:  # The bench shows what a peer could not do.
        print("error", str(problem).replace("\n", " "), flush=True)
