"""A table larger than the server's memory: written to a file, published, received into another file, compared.

large_table.py FOLDER; the server's port is BOWSTRING_PORT."""

import os
import pathlib
import random
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc

from wire import PORT, Connection, publish

ROWS = 10_000_000
BATCH_ROWS = 62_500
MIN_BYTES = 1 << 30
TOPIC = "large"
BOWSTRING = pathlib.Path(os.environ["BOWSTRING_ROOT"]) / "bowstring"
SCHEMA = pa.schema(
    [("id", pa.int64()), *((f"value{i}", pa.float64()) for i in range(12)), ("name", pa.string())]
)


def batches():
    """Each row differs from all others, so that a batch lost, doubled or out of order shows."""
    numbers = random.Random(8816)
    ids = pa.array(range(BATCH_ROWS))
    values = [pa.array([numbers.random() for _ in range(BATCH_ROWS)]) for _ in range(12)]
    names = pa.array([f"name-{i % 997}" for i in range(BATCH_ROWS)])
    for start in range(0, ROWS, BATCH_ROWS):
        columns = [pc.add(ids, start), *(pc.add(value, float(start)) for value in values), names]
        yield pa.record_batch(columns, schema=SCHEMA)


def start(command, *arguments):
    return subprocess.Popen([BOWSTRING, command, "--url", f"bowstring://127.0.0.1:{PORT}", *map(str, arguments)])


def await_subscriber():
    deadline = time.monotonic() + 60
    with Connection() as connection:
        while connection.request(list=TOPIC).read_all().to_pylist()[0]["subscribers"] == 0:
            assert time.monotonic() < deadline, "no subscriber"


def main(folder):
    source, received = folder / "source.arrows", folder / "received.arrows"
    with pa.OSFile(str(source), "wb") as file, pa.ipc.new_stream(file, SCHEMA) as writer:
        for batch in batches():
            writer.write_batch(batch)
    assert source.stat().st_size >= MIN_BYTES
    publish(TOPIC, [], SCHEMA)

    subscriber = start("subscribe", TOPIC, "--on-lag", "block", "--output", received)
    await_subscriber()
    publisher = start("publish", TOPIC, source, "--seal", "--ack")
    assert publisher.wait() == 0
    assert subscriber.wait() == 0

    with pa.memory_map(str(source)) as a, pa.memory_map(str(received)) as b:
        expected, actual = pa.ipc.open_stream(a), pa.ipc.open_stream(b)
        rows = 0
        for batch in expected:
            assert actual.read_next_batch().equals(batch), rows
            rows += batch.num_rows
        assert rows == ROWS
        assert next(actual, None) is None
    with open(received, "rb") as file:
        file.seek(-8, os.SEEK_END)
        assert file.read() == b"\xff\xff\xff\xff\0\0\0\0"


main(pathlib.Path(sys.argv[1]))
