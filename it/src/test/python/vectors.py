"""Streams in files, for Java to read and write again, and what pyarrow finds in those.

vectors.py write FOLDER     writes each table to FOLDER/TABLE.arrows
vectors.py compare FOLDER   holds each FOLDER/NAME.N.back against FOLDER/NAME.arrows
vectors.py files FOLDER     holds each FOLDER/NAME.arrow, in the file format, against the stream FOLDER/NAME.arrows
vectors.py map FILE         reads the stream in a mapped file, which must not be copied
vectors.py share FILE       writes such a stream
"""

import pathlib
import sys

import pyarrow as pa

import tables

# arrow-java has no decimals of 32 and 64 bits, and no metadata that is not text.
NOT_IN_JAVA = {"small_decimals", "binary_metadata"}


def write(folder):
    for name in tables.SHAPES.keys() - NOT_IN_JAVA:
        batches = tables.SHAPES[name]()
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True, unify_dictionaries=False)
        with pa.ipc.new_stream(folder / f"{name}.arrows", batches[0].schema, options=options) as writer:
            for i, batch in enumerate(batches):
                writer.write_batch(batch, {"number": str(i)})


def read(path):
    with pa.ipc.open_stream(path.read_bytes()) as reader:
        batches = []
        metadata = []
        while True:
            try:
                batch, entries = reader.read_next_batch_with_custom_metadata()
            except StopIteration:
                return reader.schema, batches, metadata, reader.stats
            batches.append(batch)
            metadata.append(entries and entries.to_dict())


def compare(folder):
    count = 0
    for back in sorted(folder.glob("*.back")):
        try:
            schema, batches, metadata, stats = read(back)
            expected, expected_batches, expected_metadata, expected_stats = read(
                folder / (back.name.rsplit(".", 2)[0] + ".arrows")
            )
            assert schema.equals(expected, check_metadata=True), (schema, expected)
            assert_equal(batches, expected_batches)
            assert metadata == expected_metadata, (metadata, expected_metadata)
            if back.name.endswith(".0.back"):
                deltas = stats.num_dictionary_deltas, expected_stats.num_dictionary_deltas
                assert deltas[0] == deltas[1], deltas
        except Exception as e:
            raise AssertionError(back.name) from e
        count += 1
    print(count)


def files(folder):
    count = 0
    for path in sorted(folder.glob("*.arrow")):
        try:
            schema, expected, metadata, _ = read(path.with_suffix(".arrows"))
            with pa.ipc.open_file(str(path)) as reader:
                assert reader.schema.equals(schema, check_metadata=True), (reader.schema, schema)
                read_back = [reader.get_batch_with_custom_metadata(i) for i in range(reader.num_record_batches)]
            # A file's dictionaries are whole in all batches, a stream's grow from one to the next.
            assert_equal([decoded(batch) for batch, _ in read_back], [decoded(batch) for batch in expected])
            assert [entries and entries.to_dict() for _, entries in read_back] == metadata
        except Exception as e:
            raise AssertionError(path.name) from e
        count += 1
    print(count)


def decoded(batch):
    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.record_batch(columns, batch.schema.names)


def assert_equal(batches, expected):
    """The same batches, as valid as they were: Arrow's own test data have dates that are none."""
    assert len(batches) == len(expected)
    for batch, other in zip(batches, expected):
        if is_valid(other):
            batch.validate(full=True)
        assert batch.equals(other, check_metadata=True), (batch.to_pylist(), other.to_pylist())


def is_valid(batch):
    try:
        batch.validate(full=True)
        return True
    except pa.ArrowInvalid:
        return False


def map_file(path):
    with pa.memory_map(str(path)) as file:
        memory = file.read_buffer()
        before = pa.total_allocated_bytes()
        with pa.ipc.open_stream(memory) as reader:
            table = reader.read_all()
        assert pa.total_allocated_bytes() - before < 10_000, pa.total_allocated_bytes() - before
        for column in table.columns:
            for chunk in column.chunks:
                buffer = chunk.buffers()[1]
                assert memory.address <= buffer.address < memory.address + memory.size - buffer.size
        table.validate(full=True)
        print(table.num_rows, sum(table["i"].to_pylist()), table["s"][table.num_rows - 1])


def share(path):
    numbers = range(100_000)
    columns = {"i": pa.array(numbers, pa.int64()), "s": pa.array([f"text {i}" for i in numbers])}
    table = pa.table(columns)
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table)
        writer.write_table(table)


{"write": write, "compare": compare, "files": files, "map": map_file, "share": share}[sys.argv[1]](pathlib.Path(sys.argv[2]))
