"""What is published is what is received: values, batch boundaries, schema, metadata."""

import pyarrow as pa

import tables
from cases import case, case_for_each
from wire import (
    assert_batches_equal,
    assert_schema_equal,
    declare,
    fresh_topic,
    publish,
    read,
    replay,
    subscribe,
    wait_for_subscribers,
    without_bowstring,
)

COMPRESSED = {
    f"{shape}, {codec}": (shape, codec)
    for shape in ("primitive", "nested", "views", "dictionaries", "growing_dictionaries", "no_rows", "long")
    for codec in ("lz4", "zstd")
}


def assert_relayed(batches, options=None):
    """Live and replayed, to readers that were there before, during and after."""
    topic = fresh_topic()
    declare(topic, batches[0].schema)
    with subscribe(topic) as live:
        wait_for_subscribers(topic, 1)
        publish(topic, batches, options=options, seal="true")
        for schema, received, _ in (read(live), replay(topic)):
            assert_schema_equal(schema, batches[0].schema)
            assert_batches_equal(received, batches)


@case_for_each(tables.SHAPES)
def relays(make):
    assert_relayed(make())


def quoted(names):
    """The value of bowstring.columns, always in quotes."""
    return ",".join('"' + name.replace('"', '""') + '"' for name in names)


def selections(names):
    """Some of the ways to choose from columns; at most six of them alone."""
    return [[], list(names), names[::-1], names[::2], names[1::2], *([name] for name in names[:6])]


def assert_projected(batches, options=None):
    topic = fresh_topic()
    publish(topic, batches, options=options, metadata=[{"own": str(i)} for i in range(len(batches))], seal="true")
    for names in selections(batches[0].schema.names):
        schema, received, metadata = replay(topic, columns=quoted(names))
        expected = [one.select(names) for one in batches]
        assert_schema_equal(schema, expected[0].schema)
        assert_batches_equal(received, expected)
        assert [without_bowstring(entries) for entries in metadata] == [{b"own": b"%d" % i} for i in range(len(batches))]


@case_for_each(tables.SHAPES)
def projects(make):
    assert_projected(make())


@case_for_each(COMPRESSED)
def projects_compressed(parameters):
    shape, codec = parameters
    assert_projected(tables.SHAPES[shape](), pa.ipc.IpcWriteOptions(compression=codec))


@case
def projects_dictionary_deltas():
    assert_projected(tables.growing_dictionaries(), pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))


@case
def projects_for_many_live_subscribers():
    batches = tables.dictionaries() * 5
    topic = fresh_topic()
    declare(topic, batches[0].schema)
    wanted = selections(batches[0].schema.names) * 2
    subscribers = [subscribe(topic, columns=quoted(names)) for names in wanted]
    wait_for_subscribers(topic, len(wanted))
    publish(topic, batches, seal="true")
    for names, subscriber in zip(wanted, subscribers):
        schema, received, _ = read(subscriber)
        assert_schema_equal(schema, batches[0].select(names).schema)
        assert_batches_equal(received, [one.select(names) for one in batches])


@case_for_each(COMPRESSED)
def relays_compressed(parameters):
    shape, codec = parameters
    assert_relayed(tables.SHAPES[shape](), pa.ipc.IpcWriteOptions(compression=codec))


@case_for_each({shape: tables.SHAPES[shape] for shape in ("primitive", "dictionaries", "growing_dictionaries", "no_rows")})
def relays_metadata_v4(make):
    assert_relayed(make(), pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4))


@case
def relays_dictionary_deltas():
    assert_relayed(tables.growing_dictionaries(), pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))


@case
def relays_compressed_dictionary_deltas():
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True, compression="zstd")
    assert_relayed(tables.growing_dictionaries(), options)


@case
def relays_unified_dictionaries():
    table = pa.Table.from_batches(tables.changing_dictionaries())
    assert_relayed(table.unify_dictionaries().to_batches())


@case
def relays_a_stream_without_batches():
    schema = tables.nested()[0].schema
    topic = fresh_topic()
    publish(topic, [], schema=schema, seal="true")

    received, batches, _ = replay(topic)

    assert_schema_equal(received, schema)
    assert batches == []


@case
def keeps_message_metadata_and_adds_offset_and_time():
    batches = tables.primitive()
    topic = fresh_topic()
    own = [{"source": "a", "bowstring-like": "kept"}, {"source": "größer", "empty": ""}]
    publish(topic, batches, metadata=own)

    _, received, metadata = replay(topic)

    assert_batches_equal(received, batches)
    for i, entries in enumerate(metadata):
        assert entries[b"bowstring.offset"] == str(i).encode(), entries
        assert int(entries[b"bowstring.time"]) > 1_700_000_000_000_000, entries
        kept = {key.decode(): value.decode() for key, value in without_bowstring(entries).items()}
        assert kept == own[i], entries
    assert metadata[0][b"bowstring.time"] <= metadata[1][b"bowstring.time"]


@case
def names_topic_and_offset_in_the_schema():
    batches = tables.primitive() * 2
    topic = fresh_topic()
    publish(topic, batches)

    schema, _, _ = replay(topic, **{"from": "3"})

    metadata = dict(schema.metadata)
    assert len(metadata.pop(b"bowstring.log")) == 36, schema.metadata
    assert metadata == {b"bowstring.topic": topic.encode(), b"bowstring.offset": b"3"}, schema.metadata


@case
def carries_what_was_received_on_to_another_topic():
    batches = tables.dictionaries() + tables.dictionaries()
    first, second = fresh_topic(), fresh_topic()
    publish(first, batches, metadata=[{"own": "1"}, {"own": "2"}])
    schema, received, metadata = replay(first)

    publish(second, received, schema=schema, metadata=metadata)

    schema, received, metadata = replay(second)
    assert_schema_equal(schema, batches[0].schema)
    assert_batches_equal(received, batches)
    assert [without_bowstring(entries) for entries in metadata] == [{b"own": b"1"}, {b"own": b"2"}]
