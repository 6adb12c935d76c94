"""Each refusal is an Arrow stream that says what is wrong, and the connection is closed in order behind it."""

import os
import pathlib
import socket
import struct

import pyarrow as pa

from cases import Unmet, case
from wire import (
    Connection,
    assert_batches_equal,
    declare,
    fresh_topic,
    publish,
    read,
    replay,
    subscribe,
    wait_for_subscribers,
)

BATCH = pa.RecordBatch.from_pydict({"a": [1, 2], "b": ["x", None]})


def assert_refused(connection, code, *words):
    """Reads the refusal and what follows it, which is nothing."""
    reader = connection.reply()
    metadata = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
    assert metadata.get("bowstring.error") == code, metadata
    message = metadata["bowstring.message"]
    for word in words:
        assert word in message, message
    assert len(reader.schema) == 0 and list(reader) == []
    assert connection.is_ended()


def assert_request_refused(code, *words, **values):
    with Connection() as connection:
        connection.ask(**values)
        assert_refused(connection, code, *words)


def assert_bytes_refused(data, code, *words):
    """Sends bytes, and no more to come."""
    with Connection() as connection:
        connection.socket.sendall(data)
        connection.socket.shutdown(socket.SHUT_WR)
        assert_refused(connection, code, *words)


def stream(batches, **values):
    """The bytes of a request with columns."""
    sink = pa.BufferOutputStream()
    metadata = {f"bowstring.{key}": value for key, value in values.items()}
    with pa.ipc.new_stream(sink, batches[0].schema.with_metadata(metadata)) as writer:
        for one in batches:
            writer.write_batch(one)
    return sink.getvalue().to_pybytes()


def prefix_bytes(data):
    """The length of the first message, which has no body."""
    return 8 + struct.unpack_from("<i", data, 4)[0]


@case
def bad_topic_name():
    for name in ("", "x y", "../up", ".", "x" * 250, "größer"):
        assert_request_refused("BAD_TOPIC_NAME", "topic", subscribe=name)
    with Connection() as connection:
        connection.writer(BATCH.schema, publish="a/b").close()
        connection.out.flush()
        assert_refused(connection, "BAD_TOPIC_NAME", "a/b")


@case
def unknown_columns():
    topic = fresh_topic()
    publish(topic, [BATCH])
    assert_request_refused("BAD_REQUEST", "bowstring.columns: bb", "such as b", subscribe=topic, columns="a,bb")
    assert_request_refused("BAD_REQUEST", "each column once", subscribe=topic, columns="a,a")
    assert_request_refused("BAD_REQUEST", "names with commas between", subscribe=topic, columns="a,")


@case
def unknown_columns_of_a_topic_that_comes_later():
    topic = fresh_topic()
    with subscribe(topic, columns="a,bb") as waiting:
        publish(topic, [BATCH])
        assert_refused(waiting, "BAD_REQUEST", "bowstring.columns: bb")


@case
def unknown_key():
    assert_request_refused("BAD_REQUEST", "bowstring.form", subscribe="t", form="earliest")
    assert_request_refused("BAD_REQUEST", "bowstring.seal", subscribe="t", seal="true")
    assert_request_refused("BAD_REQUEST", "bowstring.from", list="", **{"from": "earliest"})


@case
def wrong_value():
    for key, value in (("from", "first"), ("from", "-0"), ("until", "-1"), ("on-lag", "skip"), ("from", "9" * 30)):
        assert_request_refused("BAD_REQUEST", f"bowstring.{key}", value, subscribe="t", **{key: value})
    with Connection() as connection:
        connection.writer(BATCH.schema, publish="t", ack="yes").close()
        connection.out.flush()
        assert_refused(connection, "BAD_REQUEST", "bowstring.ack")


@case
def no_verb_or_two():
    assert_request_refused("BAD_REQUEST", "bowstring.subscribe")
    assert_request_refused("BAD_REQUEST", "bowstring.list", subscribe="t", list="")


@case
def columns_in_a_request_that_has_none():
    with Connection() as connection:
        connection.writer(BATCH.schema, subscribe="t").close()
        connection.out.flush()
        assert_refused(connection, "BAD_REQUEST", "fields")


@case
def schema_mismatch_names_the_first_difference():
    topic = fresh_topic()
    declare(topic, BATCH.schema)
    others = {
        "b": pa.schema([("a", pa.int64()), ("b", pa.large_string())]),
        "a": pa.schema([pa.field("a", pa.int64(), nullable=False), ("b", pa.string())]),
        "c": pa.schema([("a", pa.int64()), ("c", pa.string())]),
        "field b: absent": pa.schema([("a", pa.int64())]),
    }
    for word, schema in others.items():
        with Connection() as connection:
            connection.writer(schema, publish=topic).close()
            connection.out.flush()
            assert_refused(connection, "SCHEMA_MISMATCH", word)


@case
def sealed_topic():
    topic = fresh_topic()
    publish(topic, [BATCH], seal="true")
    with Connection() as connection:
        connection.writer(BATCH.schema, publish=topic).close()
        connection.out.flush()
        assert_refused(connection, "TOPIC_SEALED", topic)
    assert_batches_equal(replay(topic)[1], [BATCH])


@case
def unknown_topic():
    assert_request_refused("UNKNOWN_TOPIC", "nobody-publishes-this", subscribe="nobody-publishes-this", until="end")


@case
def offset_that_is_not_there():
    topic = fresh_topic()
    publish(topic, [BATCH])
    assert_request_refused("BAD_REQUEST", "bowstring.from", "2", subscribe=topic, **{"from": "2"})


@case
def offset_that_is_no_longer_there():
    topic = fresh_topic()
    large = pa.RecordBatch.from_pydict({"n": [bytes(4 << 20)]})
    publish(topic, [large] * 20)
    assert_request_refused("OFFSET_EXPIRED", "bowstring.from", subscribe=topic, **{"from": "0"})


@case
def first_bytes_of_another_protocol():
    assert_bytes_refused(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "BAD_STREAM", "continuation")
    assert_bytes_refused(b"\x16\x03\x01\x02\x00\x01\x00\x01", "BAD_STREAM", "continuation")


@case
def lengths_that_nobody_means():
    for length in (-1, -8, 1, 0x7FFFFFFF):
        assert_bytes_refused(b"\xff\xff\xff\xff" + struct.pack("<i", length) + bytes(64), "BAD_STREAM")
    assert_bytes_refused(b"\xff\xff\xff\xff" + struct.pack("<i", 0x7FFFFFF8), "TOO_LARGE")


@case
def big_endian_stream():
    data = pathlib.Path(os.environ.get("ARROW_TEST_DATA") or os.environ["BOWSTRING_ROOT"] + "/../shared/arrow-testing/data")
    golden = data / "arrow-ipc-stream/integration/1.0.0-bigendian/generated_primitive.stream"
    if not golden.exists():
        raise Unmet(f"no golden stream {golden} (set ARROW_TEST_DATA to the data of arrow-testing)")
    assert_bytes_refused(golden.read_bytes(), "UNSUPPORTED", "endian")


@case
def body_above_the_limit():
    large = pa.RecordBatch.from_pydict({"b": [bytes(65 << 20)]})
    topic = fresh_topic()
    with Connection() as connection:
        with connection.writer(large.schema, publish=topic) as writer:
            writer.write_batch(large)
        connection.out.flush()
        assert_refused(connection, "TOO_LARGE", "body")
    assert replay(topic)[1] == []


@case
def truncated_at_any_byte():
    topic = fresh_topic()
    whole = stream([BATCH], publish=topic)
    schema_bytes = prefix_bytes(whole)
    for cut in (*range(1, schema_bytes, 40), schema_bytes - 1, *range(schema_bytes + 1, len(whole) - 8, 60)):
        assert_bytes_refused(whole[:cut], "BAD_STREAM", "whole message")
    assert replay(topic)[1] == [], "a batch that never was whole"


@case
def messages_out_of_order():
    topic = fresh_topic()
    whole = stream([BATCH], publish=topic)
    schema_bytes = prefix_bytes(whole)
    assert_bytes_refused(whole[schema_bytes:], "BAD_STREAM", "schema")
    assert_bytes_refused(whole[:schema_bytes] * 2, "BAD_STREAM", "batch")
    assert_bytes_refused(whole[-8:], "BAD_STREAM", "schema")


@case
def a_neighbour_is_not_disturbed():
    topic = fresh_topic()
    declare(topic, BATCH.schema)
    with subscribe(topic) as live, Connection() as publisher:
        wait_for_subscribers(topic, 1)
        writer = publisher.writer(BATCH.schema, publish=topic, seal="true")
        for refusal in (bad_topic_name, unknown_key, lengths_that_nobody_means, messages_out_of_order):
            writer.write_batch(BATCH)
            publisher.out.flush()
            refusal()
        with Connection() as another:
            another.socket.sendall(stream([BATCH] * 2, publish=topic)[:-20])
        writer.close()
        publisher.out.flush()

        received = read(live)[1]
    assert len(received) >= 4
    assert_batches_equal(received, [BATCH] * len(received))
