"""Publishes each table for another library to carry to a second topic, and compares what came of it."""

import tables
from cases import case_for_each
from wire import assert_batches_equal, assert_schema_equal, publish, replay

NAMES = {name: name for name in tables.SHAPES}


@case_for_each(NAMES)
def publish_for_another(shape):
    publish(f"exchange.{shape}", tables.SHAPES[shape]())


@case_for_each(NAMES)
def compare_what_came_back(shape):
    batches = tables.SHAPES[shape]()

    schema, received, _ = replay(f"exchange.{shape}.back")

    assert_schema_equal(schema, batches[0].schema)
    assert_batches_equal(received, batches)
