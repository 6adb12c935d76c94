"""Reads the segments of topics, and prints what each batch is: TOPIC OFFSET MICROS PRODUCER SEQUENCE WORDS PAYLOAD.

segments.py FOLDER...: the newest segment of each may be open, and is left out then."""

import pathlib
import sys
import zlib

import pyarrow as pa

END = b"\xff\xff\xff\xff\0\0\0\0"


def words(column):
    checksum = 0
    for word in column.cast(pa.string()).to_pylist():
        checksum = zlib.crc32(b"\xff" if word is None else word.encode(), checksum)
    return checksum


def payload(column):
    checksum = 0
    for value in column:
        checksum = zlib.crc32(value.as_buffer(), checksum)
    return checksum


def read(path):
    offset = int(path.stem)
    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
        while True:
            try:
                batch, mark = stream.read_next_batch_with_custom_metadata()
            except StopIteration:
                break
            batch.validate(full=True)
            assert int(mark["bowstring.offset"]) == offset, (path, offset, mark)
            micros = mark["bowstring.time"].decode()
            producer, sequence = batch["producer"][0].as_py(), batch["sequence"][0].as_py()
            print(path.parent.name, offset, micros, producer, sequence, words(batch["word"]), payload(batch["payload"]))
            offset += 1


def is_ended(path):
    with open(path, "rb") as file:
        return file.read()[-len(END) :] == END


def main(folder):
    paths = sorted(folder.glob("*.arrows"))
    if paths and not is_ended(paths[-1]):
        paths.pop()
    for path in paths:
        assert is_ended(path), f"{path} has no end"
        read(path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        main(pathlib.Path(name))
