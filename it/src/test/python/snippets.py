"""The two snippets of the design, word for word but for the port."""

import pathlib
import socket
import threading

import pyarrow as pa

import tables
from cases import case
from wire import PORT, declare, wait_for_subscribers

SNIPPETS = pathlib.Path(__file__).parent / "snippets"


def run(snippet, names, loop_body="..."):
    """Runs a snippet with the names that it takes for granted; the body of its loop is its user's."""
    code = (SNIPPETS / snippet).read_text().replace("8816", str(PORT)).replace(": ...", f": {loop_body}")
    exec(compile(code, snippet, "exec"), {"pa": pa, "socket": socket, **names})


@case
def publish_and_subscribe():
    table = pa.Table.from_batches(tables.nested() + tables.nested())
    received = []
    is_complete = threading.Event()

    def keep(batch):
        received.append(batch)
        if len(received) == 2:
            is_complete.set()

    declare("trades", table.schema)
    subscriber = threading.Thread(target=run, args=("subscribe.py", {"keep": keep}, "keep(batch)"), daemon=True)
    subscriber.start()
    wait_for_subscribers("trades", 1)

    run("publish.py", {"schema": table.schema, "table": table})

    is_complete.wait()
    # What a subscription's batches have in their schema beyond the publisher's is the topic's name and the offset.
    assert pa.Table.from_batches(received).equals(table)
    assert set(received[0].schema.metadata) == {b"bowstring.topic", b"bowstring.log", b"bowstring.offset"}
