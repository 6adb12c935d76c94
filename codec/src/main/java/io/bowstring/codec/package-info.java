/**
 * Arrow IPC streams as Netty messages.
 *
 * <p>A stream is a sequence of encapsulated messages: a schema, dictionary batches and record batches, an end marker.
 *
 * <pre>
 *    byte 0            4              8                    8 + metadata bytes
 *   ┌────────────────┬──────────────┬────────────────────┬───────────────────────┐
 *   │ FF FF FF FF    │ metadata     │ metadata:          │ body: buffers of the  │
 *   │ continuation   │ bytes: i32   │ flatbuffer Message │ columns, each padded  │
 *   └────────────────┴──────────────┴────────────────────┴───────────────────────┘
 *    little-endian      0 = end of     padded to a          bodyLength bytes,
 *                       the stream     multiple of 8        from the metadata
 * </pre>
 *
 * <p>Before Arrow 0.15 there was no continuation; {@link io.bowstring.codec.IpcDecoderConfig#withLegacyFraming} accepts
 * that too.
 *
 * <p>Put {@link io.bowstring.codec.IpcDecoder} and {@link io.bowstring.codec.IpcEncoder} into a pipeline; a handler
 * after them receives and writes {@link io.bowstring.codec.IpcMessage}s:
 *
 * <pre>{@code
 * pipeline.addLast(new IpcDecoder(), new IpcEncoder(), new SimpleChannelInboundHandler<IpcMessage>() {
 *     protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) { // borrowed: released on return
 *         if (message instanceof IpcRecordBatch batch) {
 *             System.out.println(batch.rowCount() + " rows in " + batch.frameBytes() + " bytes");
 *         }
 *     }
 * });
 * }</pre>
 *
 * <p>Many small batches cost less together: a decoder that {@linkplain io.bowstring.codec.IpcDecoderConfig#withBatchRuns is told
 * to} hands on an {@link io.bowstring.codec.IpcRecordBatchRun} for all that came in one received buffer, and an {@link
 * io.bowstring.codec.IpcBatchEditor} copies them to where they shall stand, with numbers of their own, and
 * texts that all of them get.
 *
 * <p>Arrow Flight carries the same messages in protobuf: module {@code bowstring-flight} converts them for those who have
 * gRPC and not Arrow's Flight library.
 *
 * <h2>Ownership</h2>
 *
 * Every buffer and message has one owner. Three words say who it is and are used literally throughout:
 *
 * <ul>
 *   <li><b>consumed</b>, of a parameter: the method releases it exactly once on every path, also when it throws or
 *       refuses;
 *   <li><b>borrowed</b>, of a parameter: valid until the method returns; of a result: valid while its owner lives. The
 *       borrower does not release it, and calls {@code retain()} to keep it;
 *   <li><b>owned</b>, of a result: the caller must release it.
 * </ul>
 *
 * <h2>Memory</h2>
 *
 * A small message is a slice of a received buffer, a large one has a buffer of its own from the channel's allocator. Netty's
 * default allocator pools nothing above 1 MiB; an {@link io.bowstring.codec.IpcBodyPool} does:
 *
 * <pre>{@code
 * IpcBodyPool pool = new IpcBodyPool(64 << 20); // for all channels; at most 64 MiB of it unused
 * IpcDecoder decoder = new IpcDecoder(IpcDecoderConfig.DEFAULTS.withPool(pool));
 * channel.config().setRecvByteBufAllocator(decoder.receiveAllocator()); // bodies are read straight into the blocks
 * }</pre>
 *
 * <p>An {@link io.bowstring.codec.IpcBudget} bounds what the messages of a connection, and those of all, use at once,
 * until the last reference to them is dropped. Above it the decoder holds back {@code read()}, whether the channel reads by
 * itself or when asked to, and continues when memory has come back. It is for handlers that pass messages on or use them up;
 * what is kept for long, such as a log of messages, needs a bound of its own.
 *
 * <p>A small message pins the whole buffer that it was received in, see {@link io.bowstring.codec.IpcMessage#pinnedBytes};
 * what is kept for long is better kept by {@link io.bowstring.codec.IpcMessage#toKeep}.
 *
 * <p>No number that a peer sent is used before it is checked. Violations end in one typed
 * {@link io.bowstring.codec.IpcException}.
 *
 * <h2>Where to start reading</h2>
 *
 * {@code IpcMessage} is what all is about. {@code IpcStreamReader} reads one from bytes that are there, {@code IpcDecoder}
 * and {@code PartialMessage} from bytes that come; {@code IpcBatchVerifier} holds a batch against its {@code BatchLayout}, and a
 * {@code BatchTemplate} does it for the batches after it that are like it. All that is written begins in a {@code MetadataWriter} and ends in a {@code Frame}; {@code RootTables} edits it.
 */
@NullMarked
package io.bowstring.codec;

import org.jspecify.annotations.NullMarked;
