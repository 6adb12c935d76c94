// What is published is what is received, and what else a Node client can ask for.

import assert from 'node:assert/strict';
import {
  Bool, DateMillisecond, Dictionary, Field, FixedSizeList, Float64, Int32, Int64, List, Map_, RecordBatch, Schema,
  Struct, TimestampMicrosecond, Uint8, Utf8, makeData, tableFromJSON, vectorFromArray,
} from 'apache-arrow';
import { testCase, testCaseForEach } from './cases.mjs';
import {
  freshTopic, publish, read, replay, request, rows, send, stream, subscribe, waitForSubscribers, withoutBowstring,
} from './wire.mjs';

function batch(columns, metadata) {
  const vectors = Object.values(columns);
  const fields = Object.keys(columns).map((name, i) => new Field(name, vectors[i].type, true));
  const data = makeData({
    type: new Struct(fields),
    length: vectors[0].length,
    nullCount: 0,
    children: vectors.map(vector => vector.data[0]),
  });
  return new RecordBatch(new Schema(fields, metadata), data);
}

const nullable = (name, type) => new Field(name, type, true);

const primitive = () => batch({
  int32: vectorFromArray([1, null, -3], new Int32()),
  int64: vectorFromArray([1n, null, -(2n ** 60n)], new Int64()),
  uint8: vectorFromArray([0, 255, null], new Uint8()),
  float64: vectorFromArray([0.5, null, -2], new Float64()),
  bool: vectorFromArray([true, null, false], new Bool()),
  utf8: vectorFromArray(['', null, 'größer'], new Utf8()),
  date: vectorFromArray([new Date(0), null, new Date(86_400_000)], new DateMillisecond()),
  time: vectorFromArray([1_000, null, 2_000], new TimestampMicrosecond()),
});

const nested = () => batch({
  list: vectorFromArray([[1, 2], null, []], new List(nullable('item', new Int32()))),
  fixed: vectorFromArray([[1, 2], null, [3, 4]], new FixedSizeList(2, nullable('item', new Int32()))),
  struct: vectorFromArray(
    [{ x: 1, y: ['a'] }, null, { x: null, y: null }],
    new Struct([nullable('x', new Int32()), nullable('y', new List(nullable('item', new Utf8())))]),
  ),
  map: vectorFromArray(
    [new Map([['k', 1]]), null, new Map()],
    new Map_(new Field('entries', new Struct([new Field('key', new Utf8(), false), nullable('value', new Int32())]), false)),
  ),
});

const words = (values, id = 7) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32(), id));

const shapes = {
  primitive: () => [primitive(), primitive()],
  nested: () => [nested()],
  dictionary: () => [batch({ word: words(['x', 'y', null, 'x']), n: vectorFromArray([1, 2, 3, 4], new Int32()) })],
  no_rows: () => [primitive().slice(0, 0), primitive()],
  metadata: () => [batch({ a: vectorFromArray([1], new Int32()) }, new Map([['origin', 'node']]))],
};

testCaseForEach('relays', shapes, async (_, make) => {
  const topic = freshTopic();
  const batches = make();
  const schema = batches[0].schema;
  await publish(topic, schema, []);
  const live = await subscribe(topic);
  await waitForSubscribers(topic, 1);

  await publish(topic, schema, batches, { seal: 'true' });

  for (const reply of [(await read(live))[0], await replay(topic)]) {
    assert.deepEqual(reply.batches.map(b => b.numRows), batches.map(b => b.numRows));
    assert.deepEqual(rows(reply.batches), rows(batches));
    assert.deepEqual(withoutBowstring(reply.schema.metadata), schema.metadata);
    assert.deepEqual(reply.schema.fields.map(String), schema.fields.map(String));
  }
});

testCase('reads_message_metadata', async () => {
  const topic = freshTopic();
  await publish(topic, primitive().schema, [primitive(), primitive()]);

  const { schema, batches } = await replay(topic, { from: '1' });

  assert.equal(schema.metadata.get('bowstring.topic'), topic);
  assert.equal(schema.metadata.get('bowstring.offset'), '1');
  assert.deepEqual(batches.map(b => b.metadata.get('bowstring.offset')), ['1']);
  assert.ok(BigInt(batches[0].metadata.get('bowstring.time')) > 1_700_000_000_000_000n);
});

testCase('a_live_subscriber_gets_each_batch_at_once', async () => {
  const topic = freshTopic();
  const one = primitive();
  await publish(topic, one.schema, []);
  const live = await subscribe(topic, { until: '3' });
  await waitForSubscribers(topic, 1);
  const { RecordBatchReader } = await import('apache-arrow');
  let received = 0;

  await publish(topic, one.schema, [one]);
  for await (const batch of await RecordBatchReader.from(live)) {
    received++;
    assert.deepEqual(rows([batch]), rows([one]));
    if (received < 3) {
      await publish(topic, one.schema, [one]); // not before the last one has come
    }
  }

  assert.equal(received, 3);
});

testCase('one_connection_carries_many_requests', async () => {
  const topic = freshTopic();
  const one = primitive();
  const socket = await send(
    stream(one.schema, [one], { publish: topic, ack: 'true' }),
    request({ subscribe: topic, from: 'earliest', until: 'end' }),
    request({ list: topic }),
  );

  const [acks, data, listing] = await read(socket, 3);

  assert.deepEqual(rows(acks.batches).at(-1), { batches: 1n, offset: 0n, error: null });
  assert.deepEqual(rows(data.batches), rows([one]));
  assert.deepEqual(rows(listing.batches).map(row => [row.topic, row.rows]), [[topic, 3n]]);
});

testCase('refusals_can_be_read', async () => {
  const refusals = [
    [request({ subscribe: 'x y' }), 'BAD_TOPIC_NAME'],
    [request({ subscribe: 't', form: 'earliest' }), 'BAD_REQUEST'],
    [request({ subscribe: 'nobody-publishes-this', until: 'end' }), 'UNKNOWN_TOPIC'],
    ['GET / HTTP/1.1\r\n\r\n', 'BAD_STREAM'],
  ];
  for (const [bytes, code] of refusals) {
    const [{ schema, batches }] = await read(await send(bytes));
    assert.equal(schema.metadata.get('bowstring.error'), code);
    assert.ok(schema.metadata.get('bowstring.message').length > 10);
    assert.deepEqual([schema.fields, rows(batches)], [[], []]); // the reader makes up an empty batch where there is none
  }
});

testCase('a_table_from_JSON_is_published_as_it_comes', async () => {
  const topic = freshTopic();
  const values = [{ symbol: 'ABC', price: 101.5 }, { symbol: 'XYZ', price: 7.25 }];
  const table = tableFromJSON(values); // strings become dictionaries

  await publish(topic, table.schema, table.batches);

  assert.deepEqual(rows((await replay(topic)).batches), values);
});
