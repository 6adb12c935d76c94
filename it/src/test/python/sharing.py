"""Several publishers and subscribers on one topic."""

import datetime
import decimal
import itertools
import random
import threading

import pyarrow as pa

from cases import case
from wire import Connection, declare, fresh_topic, publish, read, replay, status, subscribe, wait_for_subscribers

DELTAS = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)


def batch(publisher, first, rows, words, tags):
    """Rows that say who published them and as which, and two dictionaries that must turn into the right words."""
    numbers = range(first, first + rows)
    word = pa.DictionaryArray.from_arrays(pa.array([n % len(words) for n in numbers], pa.int32()), pa.array(words))
    tag = pa.DictionaryArray.from_arrays(pa.array([n % len(tags) for n in numbers], pa.int8()), pa.array(tags))
    columns = [pa.array([publisher] * rows), pa.array(numbers), word, pa.ListArray.from_arrays(range(rows + 1), tag)]
    return pa.RecordBatch.from_arrays(columns, ["publisher", "n", "word", "tags"])


def replacing(publisher, batches, rows):
    """Another dictionary every third batch."""
    return [
        batch(publisher, i * rows, rows, [f"{publisher} {i // 3} {w}" for w in "abcde"], [publisher, "shared"])
        for i in range(batches)
    ]


def growing(publisher, batches, rows):
    """Dictionaries that grow by a word with every batch."""
    return [
        batch(publisher, i * rows, rows, [f"{publisher} {w}" for w in range(i + 2)], ["t0", "t1", publisher])
        for i in range(batches)
    ]


def in_parallel(*tasks):
    """Runs tasks in threads and returns their results; the first failure is the caller's."""
    results, failures = [None] * len(tasks), []

    def run(i):
        try:
            results[i] = tasks[i]()
        except BaseException as e:  # to be raised where somebody sees it
            failures.append(e)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def seal(topic, schema):
    publish(topic, [], schema, seal="true")


def rows_of(batches, publisher):
    table = pa.Table.from_batches(batches)
    return [row for row in table.to_pylist() if row["publisher"] == publisher]


def assert_all_received(received, published):
    """Every batch of every publisher, whole, in its publisher's order, with the right words."""
    for publisher, batches in published.items():
        assert rows_of(received, publisher) == pa.Table.from_batches(batches).to_pylist(), publisher
    lengths = sorted(len(b) for batches in published.values() for b in batches)
    assert sorted(len(b) for b in received) == lengths
    for one in received:
        assert len(set(one["publisher"].to_pylist())) == 1, "batches of two publishers were mixed"


def check_two_publishers_and_three_subscribers(first, second, options_of_second=None):
    topic = fresh_topic()
    published = {"one": first, "two": second}
    declare(topic, first[0].schema)
    subscribers = [subscribe(topic) for _ in range(3)]
    wait_for_subscribers(topic, 3)

    def publish_all():
        in_parallel(
            lambda: publish(topic, first),
            lambda: publish(topic, second, options=options_of_second),
        )
        seal(topic, first[0].schema)

    *replies, _ = in_parallel(*(lambda s=s: read(s) for s in subscribers), publish_all)
    replies.append(replay(topic))

    for _, received, metadata in replies:
        assert_all_received(received, published)
        offsets = [int(entries[b"bowstring.offset"]) for entries in metadata]
        assert offsets == list(range(len(first) + len(second))), offsets
        assert [b.to_pylist() for b in received] == [b.to_pylist() for b in replies[0][1]], "another order"


@case
def two_publishers_that_replace_dictionaries_reach_three_subscribers():
    check_two_publishers_and_three_subscribers(replacing("one", 60, 7), replacing("two", 25, 31))


@case
def two_publishers_of_which_one_sends_deltas_reach_three_subscribers():
    check_two_publishers_and_three_subscribers(replacing("one", 60, 7), growing("two", 40, 13), DELTAS)


@case
def publishers_that_alternate_get_their_own_dictionaries_back():
    topic = fresh_topic()
    one, two = replacing("one", 6, 5), growing("two", 6, 8)
    with Connection() as first, Connection() as second:
        writers = [
            (first, first.writer(one[0].schema, publish=topic, ack="true")),
            (second, second.writer(two[0].schema, DELTAS, publish=topic, ack="true")),
        ]
        acks = [None, None]
        for pair in zip(one, two):
            for i, (connection, writer) in enumerate(writers):
                writer.write_batch(pair[i])
                connection.out.flush()
                acks[i] = acks[i] or connection.reply()
                acks[i].read_next_batch()  # it is in the log before the other one's turn

        _, received, _ = replay(topic)

    assert [b["publisher"][0].as_py() for b in received] == ["one", "two"] * 6
    assert_all_received(received, {"one": one, "two": two})


@case
def late_subscriber_gets_the_dictionaries_in_force():
    topic = fresh_topic()
    batches = growing("one", 4, 6) + replacing("one", 4, 6)[3:]
    last = batches[-1]
    with Connection() as publisher:
        writer = publisher.writer(batches[0].schema, DELTAS, publish=topic, ack="true")
        for one in batches:
            writer.write_batch(one)
        publisher.out.flush()
        acks = publisher.reply()
        while acks.read_next_batch()["batches"][0].as_py() < len(batches):
            pass
        with subscribe(topic) as live, subscribe(topic, **{"from": "-2"}) as late:
            wait_for_subscribers(topic, 2)
            writer.write_batch(last)  # its dictionaries are in force: nothing of them is sent again
            writer.close()
            publisher.out.flush()
            assert acks.read_all().to_pylist()[-1]["batches"] == len(batches) + 1
            seal(topic, batches[0].schema)

            assert [b.to_pylist() for b in read(live)[1]] == [last.to_pylist()]
            assert [b.to_pylist() for b in read(late)[1]] == [b.to_pylist() for b in [*batches[-2:], last]]


@case
def subscriber_at_every_offset_reads_every_dictionary_right():
    topic = fresh_topic()
    batches = growing("one", 5, 6) + replacing("one", 7, 6) + growing("one", 3, 6)
    publish(topic, batches, options=DELTAS)

    for offset in range(len(batches)):
        _, received, _ = replay(topic, **{"from": str(offset)})
        assert [b.to_pylist() for b in received] == [b.to_pylist() for b in batches[offset:]], offset


@case
def a_publisher_with_other_metadata_and_the_same_fields_is_welcome():
    topic = fresh_topic()
    batches = replacing("one", 2, 3)
    publish(topic, batches)
    relabelled = [b.replace_schema_metadata({"library": "another"}) for b in batches]
    publish(topic, relabelled)

    schema, received, _ = replay(topic)

    assert b"library" not in schema.metadata
    assert [b.to_pylist() for b in received] == [b.to_pylist() for b in batches * 2]


def mixed(publisher, batches, rows):
    """Dictionaries that grow with every batch, and every seventh begin anew."""
    return [
        batch(publisher, i * rows, rows, [f"{publisher} {i // 7} {w}" for w in range(i % 7 + 2)], ["t0", publisher])
        for i in range(batches)
    ]


@case
def two_hundred_join_late_while_two_publishers_change_their_dictionaries():
    topic = fresh_topic()
    chance = random.Random(20_261_121)
    published = {"one": mixed("one", 400, 3), "two": mixed("two", 400, 5)}
    expected = {(name, b["n"][0].as_py()): b.to_pylist() for name, batches in published.items() for b in batches}
    publish(topic, published["one"][:1])
    joined = threading.Event()

    def join():
        try:
            for _ in range(200):
                row = status(topic)
                offset = chance.randrange(row["first_offset"], row["next_offset"])
                until = min(offset + 15, row["next_offset"])
                _, received, metadata = replay(topic, **{"from": str(offset), "until": str(until)})
                offsets = [int(entries[b"bowstring.offset"]) for entries in metadata]
                assert offsets == list(range(offset, until)), offsets
                for one in received:
                    assert one.to_pylist() == expected[one["publisher"][0].as_py(), one["n"][0].as_py()], offset
        finally:
            joined.set()

    def publish_parts(batches):
        """In streams that begin with the dictionary which the one before ended with, until all have joined."""
        for start in itertools.cycle(range(0, len(batches), 40)):
            publish(topic, batches[max(0, start - 1) : start + 40], options=DELTAS)
            if joined.is_set():
                return

    in_parallel(join, lambda: publish_parts(published["one"]), lambda: publish_parts(published["two"]))


# More than the server's 256 deltas, so that they are put together.
MANY = 300

VALUES = {
    pa.string(): lambda i: f"{i} ä",
    pa.large_string(): str,
    pa.binary(): lambda i: bytes([i % 256] * (i % 7)),
    pa.large_binary(): lambda i: bytes([i % 256] * (i % 3)),
    pa.binary(3): lambda i: i.to_bytes(3, "big"),
    pa.int8(): lambda i: i % 100,
    pa.uint16(): lambda i: i,
    pa.int64(): lambda i: -i,
    pa.float64(): lambda i: i / 2,
    pa.date32(): lambda i: datetime.date(2026, 1, 1) + datetime.timedelta(i),
    pa.timestamp("us", "UTC"): lambda i: datetime.datetime(2026, 1, 1, 0, 0, i % 60, i, datetime.timezone.utc),
    pa.decimal128(20, 3): lambda i: decimal.Decimal(i) / 8 // 1,
    pa.decimal256(60, 0): lambda i: decimal.Decimal(10**50 + i),
    pa.month_day_nano_interval(): lambda i: pa.MonthDayNano([i, i, i]),
}


def words_one_by_one(kind, value):
    """Batches of which each adds a value to the dictionary; the fifth and every 40th is null."""
    values = [None if i == 4 or i % 40 == 39 else value(i) for i in range(MANY)]
    return [
        pa.RecordBatch.from_arrays(
            [pa.DictionaryArray.from_arrays(pa.array([i, 0, i // 2], pa.int16()), pa.array(values[: i + 1], kind))],
            ["word"],
        )
        for i in range(MANY)
    ]


@case
def dictionaries_of_any_values_grow_for_those_who_join_late():
    for kind, value in VALUES.items():
        topic = fresh_topic()
        batches = words_one_by_one(kind, value)
        declare(topic, batches[0].schema)
        with subscribe(topic, until=str(MANY)) as live:
            wait_for_subscribers(topic, 1)
            publish(topic, batches, options=DELTAS)
            assert [b.to_pylist() for b in read(live)[1]] == [b.to_pylist() for b in batches], kind
        for offset in (0, 150, 256, 257, 258, MANY - 1):
            _, received, _ = replay(topic, **{"from": str(offset)})
            assert [b.to_pylist() for b in received] == [b.to_pylist() for b in batches[offset:]], (kind, offset)


@case
def dictionaries_that_cannot_be_put_together_may_have_so_many_deltas():
    compressed = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True, compression="zstd")
    for kind, value, options in [
        (pa.string(), lambda i: "word " * 20 + str(i), compressed),
        (pa.string_view(), lambda i: f"a word that is long enough {i}", DELTAS),
        (pa.list_(pa.int32()), lambda i: [i, None, i], DELTAS),
        (pa.struct([("a", pa.int32())]), lambda i: {"a": i}, DELTAS),
    ]:
        topic = fresh_topic()
        batches = words_one_by_one(kind, value)
        with Connection() as connection:
            with connection.writer(batches[0].schema, options, publish=topic, ack="true") as writer:
                for one in batches:
                    writer.write_batch(one)
            connection.out.flush()
            last = connection.reply().read_all().to_pylist()[-1]
        assert last["batches"] == 257, (kind, last)
        assert last["error"] == "TOO_LARGE: deltas of a dictionary: 257 (expected: <= 256, then a whole dictionary; max-dictionary-deltas)", last
        _, received, _ = replay(topic)
        assert [b.to_pylist() for b in received] == [b.to_pylist() for b in batches[:257]], kind
