// Publishes to a topic that pyarrow publishes to as well, with another dictionary under another id.

import assert from 'node:assert/strict';
import { Dictionary, Field, Int32, RecordBatch, Schema, Struct, Utf8, makeData, vectorFromArray } from 'apache-arrow';
import { testCase } from './cases.mjs';
import { publish, replay, rows } from './wire.mjs';

const words = ['n0', 'n1', null, 'n0', 'both'];

testCase('publish', async () => {
  const fields = [new Field('word', new Dictionary(new Utf8(), new Int32(), 4711), true)];
  const vector = vectorFromArray(words, fields[0].type);
  const data = makeData({ type: new Struct(fields), length: words.length, nullCount: 0, children: [vector.data[0]] });
  const schema = new Schema(fields);
  await publish('together', schema, [new RecordBatch(schema, data)]);
});

testCase('check', async () => {
  const { batches } = await replay('together');
  const expected = [words, ['both', 'p0', 'p1', null], ['p9', 'both'], words].flat();
  assert.deepEqual(rows(batches).map(row => row.word), expected);
});
