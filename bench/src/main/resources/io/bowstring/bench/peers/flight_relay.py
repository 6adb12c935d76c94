"""Passes on the batches of a DoPut to the DoGets of its topic that came before it, by the C++ library of Arrow Flight.

Prints its port, then its CPU time in nanoseconds for each line of input, and ends with its input.
"""

import collections
import queue
import sys
import threading
import time

import pyarrow.flight as flight

# Batches that may wait for one subscriber: the publisher's call waits for the slowest.
WAITING = 4


class Relay(flight.FlightServerBase):
    def __init__(self):
        super().__init__("grpc://127.0.0.1:0")
        self.changed = threading.Condition()
        self.waiting = collections.defaultdict(list)  # by topic, which the ticket is

    def do_get(self, context, ticket):
        batches = queue.Queue(WAITING)
        with self.changed:
            self.waiting[ticket.ticket].append(batches)
            self.changed.notify_all()
        schema = batches.get()
        return flight.GeneratorStream(schema, iter(batches.get, None))

    def do_put(self, context, descriptor, reader, writer):
        topic, count = descriptor.path[0], int(descriptor.path[1])
        with self.changed:
            self.changed.wait_for(lambda: len(self.waiting[topic]) >= count)
            subscribers = self.waiting.pop(topic)
        for batches in subscribers:
            batches.put(reader.schema)
        for chunk in reader:
            for batches in subscribers:
                batches.put(chunk.data)
        for batches in subscribers:
            batches.put(None)


relay = Relay()
print("bench", relay.port, flush=True)
for _ in sys.stdin:
    print("bench", time.process_time_ns(), flush=True)
relay.shutdown()
