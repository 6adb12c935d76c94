"""The files of a durable topic are Arrow streams: together they have what a subscription from earliest gets."""

import glob
import os

import pyarrow as pa

import tables
from cases import case, case_for_each
from wire import assert_batches_equal, assert_schema_equal, fresh_topic, publish, replay, wait_until

DATA = os.path.join(os.environ["BOWSTRING_ROOT"], "it", "target", "durable")


def segments(topic):
    """The files of a topic, in the order of their offsets."""
    return sorted(glob.glob(f"{DATA}/*/{topic}/*.arrows"))


def read_segments(topic):
    """All batches and their message metadata; the schema of each file is checked by the caller."""
    schemas, batches, metadata = [], [], []
    for path in segments(topic):
        with pa.memory_map(path) as file, pa.ipc.open_stream(file) as reader:
            schemas.append(reader.schema)
            while True:
                try:
                    batch, entries = reader.read_next_batch_with_custom_metadata()
                except StopIteration:
                    break
                batches.append(batch)
                metadata.append(dict(entries or {}))
    return schemas, batches, metadata


def sealed(batches, options=None):
    """A topic of which every segment is closed."""
    topic = fresh_topic()
    for part in (batches[:1], batches[1:]):
        if part:
            publish(topic, part, options=options)
    publish(topic, [], batches[0].schema, seal="true")
    wait_until(topic, lambda row: row["sealed"])
    return topic


def assert_stored(batches, options=None):
    topic = sealed(batches, options)
    schema, received, of_received = replay(topic)
    assert_batches_equal(received, batches)
    schemas, stored, of_stored = read_segments(topic)
    assert_batches_equal(stored, batches)
    for each in schemas:
        assert_schema_equal(each, batches[0].schema)
        assert each.metadata[b"bowstring.topic"] == topic.encode(), each.metadata
        assert each.metadata[b"bowstring.log"] == schema.metadata[b"bowstring.log"], each.metadata
        assert each.metadata[b"bowstring.format"] == b"1", each.metadata
    for one, other in zip(of_stored, of_received):
        for key in (b"bowstring.offset", b"bowstring.time"):
            assert one[key] == other[key], (one, other)


@case_for_each(tables.SHAPES)
def stores(make):
    assert_stored(make())


@case
def stores_compressed():
    assert_stored(tables.long(), pa.ipc.IpcWriteOptions(compression="zstd"))


@case
def stores_dictionary_deltas():
    assert_stored(tables.growing_dictionaries(), pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))


def numbers(first, count=1_000):
    return tables.batch(n=pa.array(range(first, first + count)), s=pa.array([f"w{i % 7}" for i in range(count)]))


@case
def polars_reads_segments():
    import polars

    topic = sealed([numbers(0), numbers(1_000)])
    frames = [polars.read_ipc_stream(path) for path in segments(topic)]
    frame = polars.concat(frames)
    assert frame.equals(polars.from_arrow(pa.Table.from_batches([numbers(0), numbers(1_000)])))


@case
def duckdb_reads_segments():
    import duckdb

    topic = sealed([numbers(0), numbers(1_000)])
    stored = pa.concat_tables(pa.ipc.open_stream(path).read_all() for path in segments(topic))
    assert duckdb.sql("SELECT count(*), sum(n) FROM stored").fetchall() == [(2_000, sum(range(2_000)))]


@case
def a_live_topic_is_read_as_far_as_it_has_come():
    """Its newest segment has no end: pyarrow takes the end of the file for that."""
    topic = fresh_topic()
    for first in range(0, 3_000, 1_000):
        publish(topic, [numbers(first)])
    _, stored, _ = read_segments(topic)
    assert_batches_equal(stored, [numbers(first) for first in range(0, 3_000, 1_000)])
