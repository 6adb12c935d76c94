"""Publishes to a topic that another library publishes to as well, with other dictionaries under another id."""

import pyarrow as pa

from cases import case
from wire import publish, replay

OTHERS = ["n0", "n1", None, "n0", "both"]
OWN = [["both", "p0", "p1", None], ["p9", "both"]]


@case
def publish_own():
    publish("together", [pa.RecordBatch.from_arrays([pa.array(words).dictionary_encode()], ["word"]) for words in OWN])


@case
def check():
    _, batches, _ = replay("together")
    assert [b["word"].to_pylist() for b in batches] == [OTHERS, *OWN, OTHERS]
