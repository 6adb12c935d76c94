// The protocol as a user of stock apache-arrow writes it by hand. Nothing of Bowstring's own is used.

import assert from 'node:assert/strict';
import net from 'node:net';
import { RecordBatchReader, RecordBatchStreamWriter, Schema } from 'apache-arrow';

const port = Number(process.env.BOWSTRING_PORT);
let topics = 0;

/** A name that no other case uses. */
export function freshTopic() {
  return `js.${process.pid}.${topics++}`;
}

export function metadata(keys) {
  return new Map(Object.entries(keys).map(([key, value]) => [`bowstring.${key}`, value]));
}

/** The bytes of a stream; its schema is that of the batches with the keys added. */
export async function stream(schema, batches, keys) {
  const writer = new RecordBatchStreamWriter();
  const entries = new Map([...schema.metadata, ...metadata(keys)]);
  writer.reset(undefined, new Schema(schema.fields, entries, schema.dictionaries));
  for (const batch of batches) {
    writer.write(batch);
  }
  writer.finish();
  return writer.toUint8Array();
}

/** The bytes of a request without columns. */
export function request(keys) {
  return stream(new Schema([]), [], keys);
}

/** A new connection on which bytes have been sent. */
export async function send(...parts) {
  const socket = net.connect(port, 'localhost');
  for (const part of parts) {
    socket.write(await part);
  }
  return socket;
}

/** Reads replies to their ends, one after another: a list of {schema, batches} for each. */
export async function read(socket, count = 1) {
  const replies = [];
  for await (const reader of RecordBatchReader.readAll(socket)) {
    await reader.open();
    const batches = [];
    for await (const batch of reader) {
      batches.push(batch);
    }
    replies.push({ schema: reader.schema, batches });
    if (replies.length === count) {
      break;
    }
  }
  socket.destroy();
  assert.equal(replies.length, count);
  return replies;
}

/** Publishes batches and waits until the topic has them. */
export async function publish(topic, schema, batches, keys = {}) {
  const [acks] = await read(await send(stream(schema, batches, { publish: topic, ack: 'true', ...keys })));
  const last = rows(acks.batches).at(-1);
  assert.deepEqual({ ...last, offset: 0 }, { batches: BigInt(batches.length), offset: 0, error: null });
}

/** Subscribes; the reply is read when the caller wants it. */
export async function subscribe(topic, keys = {}) {
  return send(request({ subscribe: topic, ...keys }));
}

/** What a topic holds now. */
export async function replay(topic, keys = {}) {
  const [reply] = await read(await subscribe(topic, { from: 'earliest', until: 'end', ...keys }));
  assert.equal(reply.schema.metadata.get('bowstring.error'), undefined);
  return reply;
}

/** The rows of a listing. */
export async function list(prefix) {
  const [reply] = await read(await send(request({ list: prefix })));
  return rows(reply.batches);
}

/** Waits until a topic has subscribers. */
export async function waitForSubscribers(topic, count) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = (await list(topic)).find(row => row.topic === topic);
    if (found?.subscribers === BigInt(count)) {
      return;
    }
    assert.ok(Date.now() < deadline, `in vain: ${found}`);
  }
}

/** Rows as plain values. */
export function rows(batches) {
  return batches.flatMap(batch => batch.toArray().map(plain));
}

function plain(value) {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) {
    return value;
  }
  const content = typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (Array.isArray(content)) {
    return content.map(plain);
  }
  return typeof content === 'object'
    ? Object.fromEntries(Object.entries(content).map(([key, entry]) => [key, plain(entry)]))
    : content;
}

/** Metadata without the protocol's entries. */
export function withoutBowstring(entries) {
  return new Map([...entries].filter(([key]) => !key.startsWith('bowstring.')));
}
