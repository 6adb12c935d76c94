package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcEncoder;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.Acknowledgement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A publisher that wants acknowledgements and does not read them. */
@ExtendWith(LeakDetection.class)
class AcknowledgementBacklogTest {
    private static final int BATCHES = 5_000;
    private static final int HIGH_WATER_BYTES = 16 << 10;

    private final Socket socket = new Socket();
    private final EmbeddedChannel channel = new EmbeddedChannel(socket);
    private final Broker broker = new Broker(
            BrokerConfig.DEFAULTS, channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, InstantSource.system());

    @BeforeEach
    void publish() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(HIGH_WATER_BYTES / 2, HIGH_WATER_BYTES));
        channel.pipeline().addLast(handlers());
        receive(Messages.publish("t", "bowstring.ack", "true"));
    }

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        broker.close().toCompletableFuture().join();
    }

    private ChannelHandler[] handlers() {
        return new ChannelHandler[] {
            new IpcDecoder(),
            new IpcEncoder(),
            new ConnectionHandler(broker, ConnectionSource.NO_ADDRESS, Duration.ofSeconds(10))
        };
    }

    @Test
    void holdsNoMoreRowsThanItMayWriteAhead() {
        byte[] batch = Messages.batch(1);
        long peakBytes = 0;
        for (int i = 0; i < BATCHES; i++) {
            receive(batch); // and all that follows from it: each would get a row
            peakBytes = Math.max(peakBytes, channel.unsafe().outboundBuffer().totalPendingWriteBytes());
        }
        assertThat(peakBytes).isBetween((long) HIGH_WATER_BYTES, HIGH_WATER_BYTES + 1_024L);

        List<Acknowledgement> rows = takenRows();
        assertThat(rows.get(rows.size() - 1)).isEqualTo(new Acknowledgement(BATCHES, BATCHES - 1L, null));
    }

    @Test
    void getsABatchForEachRowAlsoWhereManyAreDueAtOnce() {
        EmbeddedChannel other = new EmbeddedChannel(handlers());
        other.writeInbound(Unpooled.wrappedBuffer(Messages.publish("t")));
        channel.runPendingTasks();
        byte[] batch = Messages.batch(1);
        List<Acknowledgement> expected = new ArrayList<>();
        long peakBytes = 0;
        for (int i = 0; i < 250; i++) {
            receive(batch);
            other.writeInbound(Unpooled.wrappedBuffer(batch)); // which stands between two of the first
            channel.runPendingTasks();
            expected.add(new Acknowledgement(i + 1, 2 * i, null));
            peakBytes = Math.max(peakBytes, channel.unsafe().outboundBuffer().totalPendingWriteBytes());
        }
        assertThat(peakBytes).isBetween((long) HIGH_WATER_BYTES, HIGH_WATER_BYTES + 1_024L);

        assertThat(takenRows()).isEqualTo(expected);
        other.finishAndReleaseAll();
    }

    private void receive(byte[] bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    /** Lets the publisher read on; returns what it gets, each row in a batch. */
    private List<Acknowledgement> takenRows() {
        socket.isTaking = true;
        channel.flush();
        channel.runPendingTasks();
        EmbeddedChannel client = new EmbeddedChannel(new IpcDecoder());
        for (ByteBuf sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            client.writeInbound(sent);
        }
        client.<IpcMessage>readInbound().release(); // the schema
        List<Acknowledgement> rows = new ArrayList<>();
        for (IpcRecordBatch row = client.readInbound(); row != null; row = client.readInbound()) {
            assertThat(row.rowCount()).isOne();
            rows.add(Acknowledgement.parse(row));
            row.release();
        }
        client.finishAndReleaseAll();
        return rows;
    }

    /** Keeps what is written until the peer takes it. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {
        private boolean isTaking;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (isTaking) {
                ctx.flush();
            }
        }
    }
}
