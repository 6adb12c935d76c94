/**
 * Arrow IPC messages to and from arrow-java's vectors, which share their memory: nothing of a body is copied. The only
 * place where Netty's buffers meet Arrow's.
 *
 * <p>A {@link io.bowstring.vector.BatchReader} is given messages as they come, and never waits for one:
 *
 * <pre>{@code
 * BatchReader reader = new BatchReader(allocator); // one for a connection
 * pipeline.addLast(new IpcDecoder(), new ChannelInboundHandlerAdapter() {
 *     public void channelRead(ChannelHandlerContext ctx, Object message) {
 *         VectorBatch batch = reader.read((IpcMessage) message); // consumes the message
 *         if (batch != null) {
 *             workers.execute(() -> consume(batch)); // and close() it, on any thread
 *         }
 *     }
 * });
 * }</pre>
 *
 * <p>For code that expects an {@code ArrowReader} there is a {@link io.bowstring.vector.MessageArrowReader}, and for streams
 * that are in memory already a {@link io.bowstring.vector.StreamView}.
 *
 * <p>A {@link io.bowstring.vector.BatchWriter} makes messages of vectors, and takes their memory:
 *
 * <pre>{@code
 * BatchWriter writer = new BatchWriter(root.getSchema(), dictionaries, BatchWriterConfig.DEFAULTS, channel.alloc());
 * channel.write(writer.schema()); // after an IpcEncoder
 * writer.consume(root, Map.of()).forEach(channel::write); // the vectors are empty now, and may be filled again
 * }</pre>
 *
 * <p>A {@link io.bowstring.vector.StreamImage} is a whole stream that knows its length before it is written, to memory or
 * to a mapped file.
 *
 * <p>Files of the Arrow file format are read by an {@link io.bowstring.vector.IpcFileReader} and written by an {@link
 * io.bowstring.vector.IpcFileWriter}, message by message. A {@link io.bowstring.vector.BufferCodecFactory} lends the
 * compression of this module to arrow-java's own readers and writers.
 *
 * <p>Runs on a stock JVM from 17 on without flags. The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of
 * {@code io.bowstring.codec}, and are used of vectors and of {@code ArrowBuf}s too.
 *
 * <p>Where to start reading: {@code BatchReader} and its {@code StreamVectors}, where a {@code ColumnLoader} makes vectors of
 * {@code BodyBuffers}. {@code BatchWriter} and its {@code BatchUnloader} go the other way. {@code StreamDictionaries} are
 * those that a reader holds, {@code SentDictionaries} those that a writer has sent.
 */
@NullMarked
package io.bowstring.vector;

import org.jspecify.annotations.NullMarked;
