"""What stock pyarrow says about each of many streams. Usage: verdicts.py FILE

FILE is a sequence of [length: u32][stream]. For each stream one line is written: "accepted", or where it
was refused (schema, batch, values), a tab, and why.
"""

import struct
import sys

import pyarrow as pa


def verdict(stream):
    stage = "schema"
    try:
        with pa.ipc.open_stream(pa.py_buffer(stream)) as reader:
            stage = "batch"
            for batch in reader:
                stage = "values"
                batch.validate(full=True)
                stage = "batch"
    except (pa.ArrowException, OSError) as error:
        return stage + "\t" + " ".join(str(error).split())
    return "accepted"


def streams(file):
    while head := file.read(4):
        yield file.read(struct.unpack(">I", head)[0])


with open(sys.argv[1], "rb") as file:
    for stream in streams(file):
        print(verdict(stream), flush=True)
