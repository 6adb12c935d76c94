"""Several publishers and subscribers on one topic."""

import threading

import pyarrow as pa

from cases import case
from wire import Connection, declare, fresh_topic, publish, read, replay, subscribe, wait_for_subscribers

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
