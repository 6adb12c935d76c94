"""What the keys of requests mean, and what a connection may do."""

import socket

import pyarrow as pa

from cases import case
from wire import (
    Connection,
    assert_batches_equal,
    declare,
    fresh_topic,
    keys,
    publish,
    read,
    replay,
    status,
    subscribe,
    topics,
    wait_for_subscribers,
    wait_until,
)


def numbered(count):
    """Batches whose only value is their number, which is their offset where they are the topic's first."""
    return [pa.RecordBatch.from_pydict({"n": [i]}) for i in range(count)]


def numbers(batches):
    return [b["n"][0].as_py() for b in batches]


@case
def from_and_until_choose_the_batches():
    topic = fresh_topic()
    publish(topic, numbered(10))
    expected = {
        ("earliest", "end"): range(10),
        ("0", "end"): range(10),
        ("7", "end"): range(7, 10),
        ("10", "end"): [],
        ("latest", "end"): [],
        ("-1", "end"): [9],
        ("-4", "end"): range(6, 10),
        ("-11", "end"): range(10),
        ("earliest", "3"): range(3),
        ("4", "6"): [4, 5],
        ("4", "4"): [],
        ("6", "4"): [],
        ("-3", "8"): [7],
    }

    for (start, end), offsets in expected.items():
        schema, received, metadata = replay(topic, **{"from": start, "until": end})
        assert numbers(received) == list(offsets), (start, end)
        assert [int(m[b"bowstring.offset"]) for m in metadata] == list(offsets), (start, end)
        if received:
            assert int(schema.metadata[b"bowstring.offset"]) == offsets[0], (start, end)


@case
def until_an_offset_to_come_waits_for_it():
    topic = fresh_topic()
    publish(topic, numbered(2))
    with subscribe(topic, **{"from": "1", "until": "4"}) as subscriber:
        wait_for_subscribers(topic, 1)
        publish(topic, numbered(6)[2:])

        assert numbers(read(subscriber)[1]) == [1, 2, 3]
        wait_for_subscribers(topic, 0)


@case
def a_live_subscriber_gets_each_batch_at_once():
    topic = fresh_topic()
    with subscribe(topic, **{"from": "earliest"}) as subscriber, Connection() as publisher:
        writer = publisher.writer(numbered(1)[0].schema, publish=topic)
        reader = None
        for one in numbered(5):
            writer.write_batch(one)
            publisher.out.flush()
            reader = reader or subscriber.reply()
            assert reader.read_next_batch().equals(one)


@case
def a_subscriber_waits_for_a_topic_that_nobody_has_published():
    topic = fresh_topic()
    with subscribe(topic, **{"from": "earliest"}) as subscriber:
        assert status(topic) is None
        publish(topic, numbered(3), seal="true")

        assert numbers(read(subscriber)[1]) == [0, 1, 2]


@case
def acknowledgements_are_cumulative():
    topic = fresh_topic()
    publish(topic, numbered(5))
    with Connection() as publisher:
        writer = publisher.writer(numbered(1)[0].schema, publish=topic, ack="true")
        acks = None
        for i, one in enumerate(numbered(4)):
            writer.write_batch(one)
            publisher.out.flush()
            acks = acks or publisher.reply()
            assert acks.read_next_batch().to_pylist() == [{"batches": i + 1, "offset": 5 + i, "error": None}]
        writer.close()
        publisher.out.flush()

        assert acks.read_all().to_pylist() == [{"batches": 4, "offset": 8, "error": None}]
        assert [str(field.type) for field in acks.schema] == ["int64", "int64", "string"]


@case
def the_last_acknowledgement_says_what_failed():
    topic = fresh_topic()
    with Connection() as publisher:
        writer = publisher.writer(numbered(1)[0].schema, publish=topic, ack="true")
        writer.write_batch(numbered(1)[0])
        publisher.out.flush()
        acks = publisher.reply()
        assert acks.read_next_batch().to_pylist()[0]["error"] is None
        publisher.socket.sendall(b"this is no message")

        (last,) = acks.read_all().to_pylist()
        assert (last["batches"], last["offset"]) == (1, 0), last
        assert last["error"].startswith("BAD_STREAM: "), last
        assert publisher.is_ended()
    assert numbers(replay(topic)[1]) == [0]


@case
def seal_completes_a_topic():
    topic = fresh_topic()
    declare(topic, numbered(1)[0].schema)
    with subscribe(topic) as live:
        wait_for_subscribers(topic, 1)
        publish(topic, numbered(2), seal="true")

        assert numbers(read(live)[1]) == [0, 1]
    with subscribe(topic, **{"from": "earliest"}) as late:
        assert numbers(read(late)[1]) == [0, 1]
    assert status(topic)["sealed"] is True


@case
def the_end_of_a_publisher_that_does_not_seal_leaves_the_topic_open():
    topic = fresh_topic()
    publish(topic, numbered(2))
    publish(topic, numbered(4)[2:])

    assert numbers(replay(topic)[1]) == [0, 1, 2, 3]
    assert status(topic)["sealed"] is False


@case
def list_describes_the_topics():
    prefix = fresh_topic()
    batch = pa.RecordBatch.from_pydict({"a": [1, 2, 3], "s": pa.array(["x", "y", "x"]).dictionary_encode()})
    publish(f"{prefix}.b", [batch, batch])
    declare(f"{prefix}.a", batch.schema)

    rows = topics(prefix)

    assert [row["topic"] for row in rows] == [f"{prefix}.a", f"{prefix}.b"]
    row = rows[1]
    assert "a" in row["fields"] and "s" in row["fields"], row
    assert row["bytes"] > 0 and row["appended_bytes"] > 0, row
    del row["fields"], row["bytes"], row["appended_bytes"]
    assert row == {
        "topic": f"{prefix}.b",
        "first_offset": 0,
        "next_offset": 2,
        "batches": 2,
        "rows": 6,
        "publishers": 0,
        "subscribers": 0,
        "sealed": False,
        "appended_batches": 2,
        "appended_rows": 6,
        "delivered_batches": 0,
        "delivered_bytes": 0,
        "gap_batches": 0,
        "cut_subscribers": 0,
    }
    assert set(row["topic"] for row in rows) <= set(row["topic"] for row in topics())
    assert topics(prefix + ".none") == []


@case
def list_counts_who_is_connected():
    topic = fresh_topic()
    with Connection() as publisher:
        writer = publisher.writer(numbered(1)[0].schema, publish=topic)
        writer.write_batch(numbered(1)[0])
        publisher.out.flush()
        with subscribe(topic), subscribe(topic):
            wait_until(topic, lambda row: (row["publishers"], row["subscribers"]) == (1, 2))

        def is_alone(row):
            # A close without unread data looks like a half-close: only data that nobody takes shows who is gone.
            writer.write_batch(numbered(1)[0])
            publisher.out.flush()
            return (row["publishers"], row["subscribers"]) == (1, 0)

        wait_until(topic, is_alone)
    wait_until(topic, lambda row: row["publishers"] == 0)


@case
def one_connection_carries_many_requests():
    topic = fresh_topic()
    with Connection() as connection:
        for i in range(3):
            writer = connection.writer(numbered(1)[0].schema, publish=topic, ack="true")
            writer.write_batch(numbered(3)[i])
            writer.close()
            connection.out.flush()
            assert connection.reply().read_all().to_pylist()[-1]["offset"] == i
            received = connection.request(subscribe=topic, **{"from": "earliest", "until": "end"}).read_all()
            assert received["n"].to_pylist() == list(range(i + 1))
            assert connection.request(list=topic).read_all()["next_offset"].to_pylist() == [i + 1]


@case
def requests_may_be_sent_ahead_of_replies():
    topic = fresh_topic()
    with Connection() as connection:
        for one in numbered(3):
            writer = connection.writer(one.schema, publish=topic)  # no reply
            writer.write_batch(one)
            writer.close()
        connection.ask(subscribe=topic, **{"from": "earliest", "until": "3"})
        connection.ask(list=topic)

        assert numbers(read(connection)[1]) == [0, 1, 2]
        assert connection.reply().read_all()["next_offset"].to_pylist() == [3]


@case
def a_connection_may_go_on_after_a_topic_was_completed():
    topic = fresh_topic()
    publish(topic, numbered(2), seal="true")
    with subscribe(topic, **{"from": "earliest"}) as connection:
        assert numbers(read(connection)[1]) == [0, 1]
        assert connection.request(list=topic).read_all()["sealed"].to_pylist() == [True]


@case
def a_subscriber_may_close_its_side():
    topic = fresh_topic()
    declare(topic, numbered(1)[0].schema)
    with subscribe(topic) as subscriber:
        subscriber.socket.shutdown(socket.SHUT_WR)
        wait_for_subscribers(topic, 1)
        publish(topic, numbered(3), seal="true")

        assert numbers(read(subscriber)[1]) == [0, 1, 2]
        assert subscriber.is_ended()


@case
def a_request_needs_no_end_of_stream():
    topic = fresh_topic()
    publish(topic, numbered(2), seal="true")
    with Connection() as connection:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, pa.schema([], keys(subscribe=topic, **{"from": "earliest"}))):
            pass
        connection.socket.sendall(sink.getvalue()[:-8])

        assert numbers(read(connection)[1]) == [0, 1]


@case
def a_publisher_that_closes_its_side_without_an_end_keeps_what_is_whole():
    topic = fresh_topic()
    with Connection() as publisher:
        writer = publisher.writer(numbered(1)[0].schema, publish=topic, seal="true")
        writer.write_batch(numbered(1)[0])
        publisher.out.flush()
        publisher.socket.shutdown(socket.SHUT_WR)
        assert publisher.is_ended()

    assert numbers(replay(topic)[1]) == [0]
    assert status(topic)["sealed"] is False


@case
def bytes_of_a_batch_may_come_one_by_one():
    topic = fresh_topic()
    batch = pa.RecordBatch.from_pydict({"n": [1], "s": pa.array(["x"]).dictionary_encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema.with_metadata(keys(publish=topic, ack="true"))) as writer:
        writer.write_batch(batch)
    with Connection() as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in sink.getvalue().to_pybytes():
            connection.socket.send(bytes([byte]))
        assert connection.reply().read_all().to_pylist()[-1]["batches"] == 1

    assert_batches_equal(replay(topic)[1], [batch])
