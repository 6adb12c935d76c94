"""Tables of every type and shape: a dict of name to a list of batches of one schema."""

import datetime
import decimal

import pyarrow as pa

DAY = datetime.date(2026, 11, 21)
NOW = datetime.datetime(2026, 11, 21, 8, 30, 1, 250_000)


def batch(**columns):
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def primitive():
    columns = {str(t): pa.array([1, None, 3], t) for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64())}
    columns |= {str(t): pa.array([0, None, 200], t) for t in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())}
    columns |= {str(t): pa.array([0.5, None, -2.0], t) for t in (pa.float16(), pa.float32(), pa.float64())}
    columns |= {
        "bool": pa.array([True, None, False]),
        "null": pa.nulls(3),
        "string": pa.array(["", None, "größer"]),
        "large_string": pa.array(["a", None, "bc"], pa.large_string()),
        "binary": pa.array([b"\0", None, b""]),
        "large_binary": pa.array([b"\0", None, b""], pa.large_binary()),
        "fixed": pa.array([b"abc", None, b"def"], pa.binary(3)),
    }
    return [batch(**columns), batch(**columns)]


def temporal():
    columns = {f"timestamp_{unit}": pa.array([NOW, None], pa.timestamp(unit)) for unit in ("ms", "us", "ns")}
    columns |= {f"duration_{unit}": pa.array([7, None], pa.duration(unit)) for unit in ("s", "ms", "us", "ns")}
    columns |= {
        "zoned": pa.array([NOW, None], pa.timestamp("us", "Europe/Berlin")),
        "date32": pa.array([DAY, None], pa.date32()),
        "date64": pa.array([DAY, None], pa.date64()),
        "time32": pa.array([NOW.time().replace(microsecond=0), None], pa.time32("s")),
        "time64": pa.array([NOW.time(), None], pa.time64("ns")),
        "month_day_nano": pa.array([(1, -2, 3), None], pa.month_day_nano_interval()),
    }
    return [batch(**columns)]


DECIMALS = [decimal.Decimal("1.25"), None, decimal.Decimal("-99.99")]


def decimals():
    return [batch(**{str(t): pa.array(DECIMALS, t) for t in (pa.decimal128(38, 2), pa.decimal256(76, 2))})]


def small_decimals():
    return [batch(**{str(t): pa.array(DECIMALS, t) for t in (pa.decimal32(9, 2), pa.decimal64(18, 2))})]


def nested():
    lists = [[1, 2], None, [], [None]]
    structs = [{"x": 1, "y": ["a"]}, None, {"x": None, "y": None}, {"x": 4, "y": []}]
    deep = pa.list_(pa.struct([("m", pa.map_(pa.string(), pa.list_(pa.int64())))]))
    return [
        batch(
            list=pa.array(lists),
            large_list=pa.array(lists, pa.large_list(pa.int16())),
            fixed_list=pa.array([[1, 2], None, [3, None], [5, 6]], pa.list_(pa.int32(), 2)),
            struct=pa.array(structs),
            map=pa.array([[("k", 1)], None, [], [("a", None), ("b", 2)]], pa.map_(pa.string(), pa.int32())),
            deep=pa.array([[{"m": [("k", [1, 2])]}], None, [], [None]], deep),
        )
    ]


def unions():
    kinds = pa.array([0, 1, 0, 1], pa.int8())
    offsets = pa.array([0, 0, 1, 1], pa.int32())
    dense = pa.UnionArray.from_dense(kinds, offsets, [pa.array([1, 2]), pa.array(["a", None])])
    sparse = pa.UnionArray.from_sparse(kinds, [pa.array([1, 0, 2, 0]), pa.array(["", "a", "", "b"])])
    return [batch(dense=dense, sparse=sparse)]


def views():
    short_and_long = ["short", None, "longer than what fits into a view itself", ""] * 3
    return [
        batch(
            string_view=pa.array(short_and_long, pa.string_view()),
            binary_view=pa.array([s and s.encode() for s in short_and_long], pa.binary_view()),
            views_in_a_list=pa.array([["another one that does not fit into a view"]] * 12, pa.list_(pa.string_view())),
        )
    ]


def list_views():
    lists = [[1, 2], None, [], [3]]
    return [
        batch(
            list_view=pa.array(lists, pa.list_view(pa.int32())),
            large_list_view=pa.array(lists, pa.large_list_view(pa.int32())),
        )
    ]


def run_end_encoded():
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 7], pa.int32()), pa.array(["a", None, "b"]))
    narrow = pa.RunEndEncodedArray.from_arrays(pa.array([7], pa.int16()), pa.array([1.5]))
    return [batch(runs=runs, narrow=narrow), batch(runs=runs, narrow=narrow).slice(1, 4)]


def extensions():
    tensor = pa.fixed_shape_tensor(pa.int32(), [2, 2])
    storage = pa.array([[1, 2, 3, 4], [5, 6, 7, 8]], tensor.storage_type)
    unknown = pa.field("unknown", pa.int32(), metadata={"ARROW:extension:name": "it.unknown", "ARROW:extension:metadata": ""})
    columns = [
        pa.array([b"0123456789abcdef", None], pa.uuid()),
        pa.array(['{"a": 1}', None], pa.json_(pa.string())),
        pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8())),
        pa.ExtensionArray.from_storage(tensor, storage),
        pa.array([1, 2], pa.int32()),
    ]
    names = ["uuid", "json", "bool8", "tensor"]
    fields = [pa.field(name, column.type) for name, column in zip(names, columns)]
    return [pa.RecordBatch.from_arrays(columns, schema=pa.schema([*fields, unknown]))]


def dictionaries():
    words = pa.array(["x", "y", None, "x"])
    indices = pa.array([0, 1, None, 0], pa.uint8())
    return [
        batch(
            plain=words.dictionary_encode(),
            narrow=pa.DictionaryArray.from_arrays(indices, pa.array(["x", "y"])),
            ordered=pa.DictionaryArray.from_arrays(indices, pa.array(["lo", "hi"]), ordered=True),
            numbers=pa.array([7, 7, None, 9]).dictionary_encode(),
            structs=pa.DictionaryArray.from_arrays(indices, pa.array([{"a": 1}, {"a": None}])),
            listed=pa.ListArray.from_arrays([0, 1, 1, 3, 4], words.dictionary_encode()),
        )
    ]


def dictionaries_in_dictionaries():
    inner = pa.array(["a", "b", "a", None]).dictionary_encode()
    of_structs = pa.StructArray.from_arrays([inner, pa.array([1, 2, 3, 4])], ["word", "n"])
    of_lists = pa.ListArray.from_arrays([0, 2, 4], inner)
    return [
        batch(
            structs=pa.DictionaryArray.from_arrays(pa.array([3, 0, None, 1]), of_structs),
            lists=pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1]), of_lists),
        )
    ]


def growing_dictionaries():
    """Each batch's dictionary begins with the one before."""
    words = [f"word {i}" for i in range(12)]
    return [encoded(words[: i + 3], [i + 2, 0, None, i]) for i in range(0, 10, 2)]


def changing_dictionaries():
    """Each batch's dictionary is another; the same indices mean other words."""
    return [encoded([f"{i} {word}" for word in "abc"], [0, 1, 2, None]) for i in range(5)]


def encoded(words, indices):
    word = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(words))
    return batch(word=word, n=pa.array(range(len(indices))))


def metadata():
    fields = [
        pa.field("a", pa.int32(), nullable=False, metadata={"unit": "m"}),
        pa.field("b", pa.list_(pa.field("item", pa.string(), metadata={"deep": "yes"}))),
    ]
    schema = pa.schema(fields, metadata={"origin": "it", "": "empty key", "bowstring": "no dot", "empty value": ""})
    return [pa.RecordBatch.from_arrays([pa.array([1, 2], pa.int32()), pa.array([["x"], None])], schema=schema)]


def binary_metadata():
    """Not text, as the format wants it, but pandas and others write such."""
    field = pa.field("a", pa.int32(), metadata={"bytes": b"\xff\x00"})
    return [pa.RecordBatch.from_arrays([pa.array([1], pa.int32())], schema=pa.schema([field], {b"\xfe": b"\xff"}))]


def no_rows():
    return [one.slice(0, 0) for one in nested() + nested()]


def no_columns():
    columns = batch(n=pa.array(range(5)))
    return [columns.select([]), columns.slice(0, 0).select([]), columns.slice(2).select([])]


def empty_between():
    full = batch(a=pa.array([1, 2]), s=pa.array(["x", "y"]).dictionary_encode())
    return [full.slice(0, 0), full, full.slice(1, 0), full.slice(0, 0), full]


def sliced():
    whole = pa.concat_tables([pa.Table.from_batches(nested())] * 50).combine_chunks().to_batches()[0]
    return [whole.slice(3, 17), whole.slice(101, 1), whole.slice(198)]


def wide():
    return [batch(**{f"column {i}": pa.array([i, None]) for i in range(1_000)})]


def long():
    rows = 300_000
    columns = batch(
        n=pa.array(range(rows)),
        word=pa.array([f"w{i % 1000}" for i in range(rows)]).dictionary_encode(),
        text=pa.array([f"row {i}" for i in range(rows)]),
    )
    return [columns.slice(i, 50_000) for i in range(0, rows, 50_000)]


SHAPES = {
    make.__name__: make
    for make in (
        primitive,
        temporal,
        decimals,
        small_decimals,
        nested,
        unions,
        views,
        list_views,
        run_end_encoded,
        extensions,
        dictionaries,
        dictionaries_in_dictionaries,
        growing_dictionaries,
        changing_dictionaries,
        metadata,
        binary_metadata,
        no_rows,
        no_columns,
        empty_between,
        sliced,
        wide,
        long,
    )
}
