package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A channel with a decoder and a handler behind it that keeps what the decoder fires. Closing it releases what it keeps
 * and checks that nothing is left and that every error was expected, by {@link #error}.
 *
 * <p>Confined to the test's thread.
 */
public final class DecoderProbe implements AutoCloseable {
    final IpcDecoder decoder;
    final EmbeddedChannel channel;
    public final List<IpcMessage> messages = new ArrayList<>();
    /** What was fired that is not a message. */
    final List<Object> others = new ArrayList<>();

    /** How many batches each run had, whose batches are among the messages. */
    final List<Integer> runs = new ArrayList<>();

    final List<Object> events = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    int reads;
    int readCompletes;

    /** What the handler does with each message, after having kept it. */
    Consumer<IpcMessage> onMessage = message -> {};

    /** What the handler does with each run, before it has taken it apart. */
    Consumer<IpcRecordBatchRun> onRun = run -> {};

    public DecoderProbe() {
        this(IpcLimits.DEFAULTS);
    }

    DecoderProbe(IpcLimits limits) {
        this(limits, IpcVerification.FRAMING);
    }

    DecoderProbe(IpcLimits limits, IpcVerification verification) {
        this(IpcDecoderConfig.DEFAULTS.withLimits(limits).withVerification(verification));
    }

    DecoderProbe(IpcDecoderConfig config) {
        this(new IpcDecoder(config));
    }

    DecoderProbe(IpcDecoder decoder) {
        this.decoder = decoder;
        channel = new EmbeddedChannel(new ReadCounter(), decoder, new Recorder());
        reads = 0;
    }

    public DecoderProbe feed(byte[]... chunks) {
        return feed(List.of(chunks));
    }

    DecoderProbe feed(byte[] bytes, Chunking chunking) {
        return feed(chunking.cut(bytes));
    }

    private DecoderProbe feed(List<byte[]> chunks) {
        chunks.forEach(chunk -> channel.writeInbound(direct(chunk)));
        return this;
    }

    /** Returns a new buffer with {@code bytes}; owned. */
    ByteBuf direct(byte[] bytes) {
        return channel.alloc().directBuffer(bytes.length).writeBytes(bytes);
    }

    void halfClose() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /** Returns the message at {@code index}; borrowed. */
    public <M extends IpcMessage> M message(int index, Class<M> type) {
        return type.cast(messages.get(index));
    }

    List<IpcKind> kinds() {
        return messages.stream().map(IpcMessage::kind).toList();
    }

    /** Returns the frames of all messages, one behind the other. */
    byte[] frames() {
        return Wire.concat(messages.stream()
                .map(message -> ByteBufUtil.getBytes(message.frame()))
                .toArray(byte[][]::new));
    }

    /** Takes the one error that was fired. */
    IpcException error() {
        assertThat(errors).singleElement().isInstanceOf(IpcException.class);
        return (IpcException) errors.remove(0);
    }

    /** Takes the messages out, which the caller then owns. */
    List<IpcMessage> take() {
        List<IpcMessage> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }

    @Override
    public void close() {
        messages.forEach(ReferenceCountUtil::release);
        others.forEach(ReferenceCountUtil::release);
        assertThat(channel.finish()).isFalse();
        assertThat(errors).isEmpty();
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof IpcMessage message) {
                messages.add(message);
                onMessage.accept(message);
            } else if (msg instanceof IpcRecordBatchRun run) {
                runs.add(run.count());
                onRun.accept(run);
                for (int i = 0; i < run.count(); i++) {
                    IpcRecordBatch batch = run.batch(i);
                    messages.add(batch);
                    onMessage.accept(batch);
                }
                run.release();
            } else {
                others.add(msg);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            readCompletes++;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            errors.add(cause);
        }
    }

    private final class ReadCounter extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext ctx) {
            reads++;
            ctx.read();
        }
    }
}
