// Carries each table that pyarrow has published to another topic, for pyarrow to compare.

import { Schema } from 'apache-arrow';
import { testCaseForEach } from './cases.mjs';
import { publish, replay, withoutBowstring } from './wire.mjs';

/** What apache-arrow reads and writes again as it was, of the shapes in tables.py; it knows neither list views nor run-end encoding. */
const shapes = [
  'primitive',
  'temporal',
  'decimals',
  'small_decimals',
  'nested',
  'unions',
  'views',
  'extensions',
  'dictionaries',
  'dictionaries_in_dictionaries',
  'growing_dictionaries',
  'changing_dictionaries',
  'metadata',
  'no_rows',
  'no_columns',
  'empty_between',
  'sliced',
  'wide',
  'long',
];

testCaseForEach('carry', Object.fromEntries(shapes.map(shape => [shape, shape])), async shape => {
  const { schema, batches } = await replay(`exchange.${shape}`);
  const own = new Schema(schema.fields, withoutBowstring(schema.metadata), schema.dictionaries);
  await publish(`exchange.${shape}.back`, own, batches);
});
