"""Files that the command line reads and writes, and pyarrow with them."""

import datetime
import json
import os
import pathlib
import signal
import stat
import subprocess
import tempfile

import pyarrow as pa
import pyarrow.csv

import tables
from cases import case, case_for_each
from wire import PORT, Connection, assert_batches_equal, assert_schema_equal, fresh_topic, publish, read, subscribe

BOWSTRING = pathlib.Path(os.environ["BOWSTRING_ROOT"]) / "bowstring"
SHAPES = {name: tables.SHAPES[name] for name in ("nested", "no_columns", "growing_dictionaries")}


def bowstring(command, *arguments):
    """Runs a command and returns what it prints."""
    url = f"bowstring://127.0.0.1:{PORT}"
    done = subprocess.run([BOWSTRING, command, "--url", url, *map(str, arguments)], stdout=subprocess.PIPE)
    assert done.returncode == 0, done
    return done.stdout


@case_for_each(SHAPES)
def subscribe_writes_what_pyarrow_published(make):
    topic = fresh_topic()
    batches = make()
    publish(topic, batches)
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "received.arrows"

        bowstring("subscribe", topic, "--from", "earliest", "--until", "end", "--format", "arrow", "--output", output)

        with pa.ipc.open_stream(output.read_bytes()) as reader:
            assert_schema_equal(reader.schema, batches[0].schema)
            assert_batches_equal(list(reader), batches)


@case_for_each(SHAPES)
def publish_sends_what_pyarrow_wrote(make):
    batches = make()
    for form, new in (("arrows", pa.ipc.new_stream), ("arrow", pa.ipc.new_file)):
        if form == "arrow" and make is tables.growing_dictionaries:
            continue  # the file format has one dictionary per field, or deltas
        topic = fresh_topic()
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / f"table.{form}"
            with new(str(source), batches[0].schema) as writer:
                for one in batches:
                    writer.write_batch(one)

            bowstring("publish", topic, source, "--seal", "--ack")

        with subscribe(topic, **{"from": "earliest"}) as connection:
            schema, received, _ = read(connection)
        assert_schema_equal(schema, batches[0].schema)
        assert_batches_equal(received, batches)


@case
def publish_sends_the_rows_of_text():
    day = datetime.date(2026, 11, 21)
    expected = pa.table(
        {
            "n": pa.array([1, -(2**63), None] * 2_000, pa.int64()),
            "price": pa.array([0.1, None, 1e300] * 2_000, pa.float64()),
            "open": pa.array([True, False, None] * 2_000, pa.bool_()),
            "day": pa.array([None, day, datetime.date(1, 1, 1)] * 2_000, pa.date32()),
            "at": pa.array([datetime.datetime(2026, 11, 21, 20, 38, 0, 1), None, None] * 2_000, pa.timestamp("us")),
            "word": pa.array(['größer, "𐀀"\nend', "", None] * 2_000, pa.utf8()),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        texts = pathlib.Path(folder) / "table.csv", pathlib.Path(folder) / "table.jsonl"
        pa.csv.write_csv(expected, texts[0])
        with texts[1].open("w") as lines:
            for row in expected.to_pylist():
                lines.write(json.dumps(row, default=lambda time: time.isoformat()) + "\n")
        for text in texts:
            topic = fresh_topic()

            bowstring("publish", topic, text, "--batch-rows", 1_001, "--seal")

            with subscribe(topic, **{"from": "earliest"}) as connection:
                schema, received, _ = read(connection)
            assert_schema_equal(schema, expected.schema)
            assert [batch.num_rows for batch in received] == [1_001] * 5 + [995]
            whole = pa.Table.from_batches(received).combine_chunks()
            assert_batches_equal(whole.to_batches(), expected.combine_chunks().to_batches())


@case
def subscribe_prints_rows_as_json():
    topic = fresh_topic()
    batch = pa.RecordBatch.from_pydict({"n": [1, None], "word": pa.array(["x", "größer"]).dictionary_encode()})
    publish(topic, [batch], seal="true")

    lines = bowstring("subscribe", topic, "--from", "earliest", "--format", "json").decode().splitlines()

    assert [json.loads(line) for line in lines] == batch.to_pylist()


@case
def topics_lists_what_pyarrow_published():
    topic = fresh_topic()
    publish(topic, tables.primitive())

    rows = [json.loads(line) for line in bowstring("topics", "--format", "json").decode().splitlines()]

    (row,) = [row for row in rows if row["topic"] == topic]
    assert (row["batches"], row["rows"]) == (2, 6), row


@case
def serves_a_unix_domain_socket():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bowstring.sock")
        command = [BOWSTRING, "serve", "--port", "0", "--unix", path]
        # What the tests tell each other in the environment is no setting of a server.
        settings = {key: value for key, value in os.environ.items() if not key.startswith("BOWSTRING_")}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=settings) as server:
            assert server.stdout.readline().startswith(b"bowstring ready on 127.0.0.1:")
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            batches = tables.nested()
            with Connection(path) as publisher:
                with publisher.writer(batches[0].schema, publish="t", seal="true", ack="true") as writer:
                    for one in batches:
                        writer.write_batch(one)
                publisher.out.flush()
                assert publisher.reply().read_all().to_pylist()[-1]["batches"] == len(batches)
            with Connection(path) as subscriber:
                subscriber.ask(subscribe="t", **{"from": "earliest"})
                schema, received, _ = read(subscriber)
            assert_schema_equal(schema, batches[0].schema)
            assert_batches_equal(received, batches)
            url = f"bowstring+unix:{path}"
            listed = subprocess.check_output([BOWSTRING, "topics", "--format", "json", "--url", url])
            assert json.loads(listed)["delivered_batches"] == len(batches)
            server.terminate()
            assert server.wait() == 0
        assert os.listdir(folder) == []


@case
def topics_watches_until_it_is_interrupted():
    topic = fresh_topic()
    publish(topic, tables.primitive())
    command = [BOWSTRING, "topics", "--watch", "--format", "json", "--url", f"bowstring://127.0.0.1:{PORT}"]
    # A shell lets its background jobs ignore SIGINT, and so all that they start.
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed) as watch:
        rates = []
        while rates != [None, 0]:
            row = json.loads(watch.stdout.readline())
            if row["topic"] == topic:
                rates.append(row["batches_per_second"])

        watch.send_signal(signal.SIGINT)
        _, errors = watch.communicate()

    assert watch.returncode == 128 + signal.SIGINT, watch.returncode
    assert errors == b"", errors
