"""The protocol as a user of stock pyarrow writes it by hand. Nothing of Bowstring's own is used."""

import itertools
import os
import socket
import sys
import time

import pyarrow as pa

PORT = int(os.environ["BOWSTRING_PORT"])

_topics = itertools.count()


def fresh_topic():
    """A name that no other case uses."""
    return f"py.{os.getpid()}.{next(_topics)}"


def keys(**values):
    """Metadata entries of a request: keys(on_lag="drop") is {"bowstring.on-lag": "drop"}."""
    return {"bowstring." + key.replace("_", "-"): value for key, value in values.items()}


class Connection:
    """A connection; the two file objects stay the same for all its requests, since they buffer."""

    def __init__(self, path=None):
        """Connects to the server's port, or to a Unix domain socket."""
        if path is None:
            self.socket = socket.create_connection(("localhost", PORT))
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(path)
        self.out = self.socket.makefile("wb")
        self.input = self.socket.makefile("rb")

    def request(self, **values):
        """Sends a request without columns and returns the reader of its reply."""
        with pa.ipc.new_stream(self.out, pa.schema([], keys(**values))):
            pass
        self.out.flush()
        return self.reply()

    def ask(self, **values):
        """Sends a request without columns and waits for nothing."""
        with pa.ipc.new_stream(self.out, pa.schema([], keys(**values))):
            pass
        self.out.flush()

    def reply(self):
        return pa.ipc.open_stream(self.input)

    def writer(self, schema, options=None, **values):
        """Begins a request with columns; pyarrow writes the schema with the first batch, or at the end."""
        metadata = {**(schema.metadata or {}), **keys(**values)}
        return pa.ipc.new_stream(self.out, schema.with_metadata(metadata), options=options)

    def is_ended(self):
        """Whether the server has closed in order and nothing is left to read. Waits for that."""
        return self.input.read(1) == b""

    def close(self):
        # The socket itself closes when the last of its file objects does.
        self.input.close()
        self.out.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def publish(topic, batches, schema=None, options=None, metadata=None, **values):
    """Publishes batches and waits until the topic has them."""
    schema = batches[0].schema if schema is None else schema
    with Connection() as connection:
        with connection.writer(schema, options, publish=topic, ack="true", **values) as writer:
            for i, batch in enumerate(batches):
                writer.write_batch(batch, custom_metadata=metadata and metadata[i])
        connection.out.flush()
        table = connection.reply().read_all()
        rows = table.to_pylist()
    assert rows and rows[-1]["batches"] == len(batches), (rows, table.schema.metadata)
    assert rows[-1]["error"] is None, rows


def declare(topic, schema):
    """Makes a topic, so that listings have it: they leave out those that only a subscriber waits for."""
    publish(topic, [], schema)


def subscribe(topic, **values):
    """Subscribes; the reply is read when the caller wants it."""
    connection = Connection()
    connection.ask(subscribe=topic, **values)
    return connection


def replay(topic, **values):
    """What a topic holds now, or the part of it that the keys name: schema, batches, message metadata."""
    with subscribe(topic, **{"from": "earliest", "until": "end", **values}) as connection:
        return read(connection)


def read(connection):
    """Reads a reply to its end: schema, batches, message metadata."""
    reader = connection.reply()
    check_no_refusal(reader.schema)
    batches, metadata = [], []
    while True:
        try:
            batch, entries = reader.read_next_batch_with_custom_metadata()
        except StopIteration:
            return reader.schema, batches, metadata
        batches.append(batch)
        metadata.append(dict(entries or {}))


def check_no_refusal(schema):
    metadata = schema.metadata or {}
    assert b"bowstring.error" not in metadata, metadata


def topics(prefix=""):
    """The rows of a listing."""
    with Connection() as connection:
        return connection.request(list=prefix).read_all().to_pylist()


def status(topic):
    """The row of one topic, or None."""
    return next((row for row in topics(topic) if row["topic"] == topic), None)


def wait_until(topic, condition):
    """Waits until a topic's row in a listing meets a condition; asks over one connection."""
    deadline = time.monotonic() + 20
    with Connection() as connection:
        while True:
            rows = connection.request(list=topic).read_all().to_pylist()
            row = next((row for row in rows if row["topic"] == topic), None)
            if row and condition(row):
                return row
            assert time.monotonic() < deadline, f"in vain: {rows}"
            os.sched_yield()


def wait_for_subscribers(topic, count):
    wait_until(topic, lambda row: row["subscribers"] == count)


def without_bowstring(metadata):
    """Metadata without the protocol's entries."""
    kept = {key: value for key, value in (metadata or {}).items() if not key.startswith(b"bowstring.")}
    return kept or None


def assert_schema_equal(actual, expected):
    actual = actual.with_metadata(without_bowstring(actual.metadata))
    if not actual.equals(expected, check_metadata=True):
        fail("schema", actual.to_string(), expected.to_string())


def assert_batches_equal(actual, expected):
    """The same batches, cut in the same places."""
    assert [len(batch) for batch in actual] == [len(batch) for batch in expected]
    for i, (one, other) in enumerate(zip(actual, expected)):
        one = one.replace_schema_metadata(without_bowstring(one.schema.metadata))
        one.validate(full=True)
        if not one.equals(other, check_metadata=True):
            fail(f"batch {i}", one, other)


def fail(what, actual, expected):
    print(f"{what} differs\nactual:\n{actual}\nexpected:\n{expected}", file=sys.stderr)
    raise AssertionError(what)
