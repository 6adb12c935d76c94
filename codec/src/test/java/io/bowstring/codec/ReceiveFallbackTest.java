package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static io.bowstring.codec.ReceivePathTest.receiveOne;
import static io.bowstring.codec.ReceivePathTest.sendAside;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.Loopback.Received;
import io.bowstring.codec.Loopback.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers in front of the decoder that do not hand on what the channel has read. Bodies stay intact. */
@ExtendWith(LeakDetection.class)
class ReceiveFallbackTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    @ParameterizedTest
    @EnumSource
    void copiesOnceBehindHandlerThatCopies(Transport transport) throws Exception {
        try (Loopback loopback = behind(transport, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ByteBuf in = (ByteBuf) msg;
                ByteBuf copy = ctx.alloc().buffer(in.readableBytes()).writeBytes(in);
                in.release();
                ctx.fireChannelRead(copy);
            }
        })) {
            assertIntactAndCopiedOnce(loopback);
        }
    }

    @ParameterizedTest
    @EnumSource
    void copiesOnceBehindTls(Transport transport) throws Exception {
        X509Bundle certificate = new CertificateBuilder()
                .subject("CN=localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslContext server =
                SslContextBuilder.forServer(certificate.toKeyManagerFactory()).build();
        Consumer<Channel> tls = channel -> channel.pipeline().addLast(server.newHandler(channel.alloc()));
        try (Loopback loopback = new Loopback(transport, true, tls)) {
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(null, new TrustManager[] {certificate.toTrustManager()}, null);
            loopback.socket = client.getSocketFactory().createSocket(loopback.socket, "localhost", 0, true);
            ((SSLSocket) loopback.socket).startHandshake();

            assertIntactAndCopiedOnce(loopback);
        }
    }

    private static Loopback behind(Transport transport, ChannelInboundHandlerAdapter front) throws Exception {
        return new Loopback(transport, true, channel -> channel.pipeline().addLast(front));
    }

    private static void assertIntactAndCopiedOnce(Loopback loopback) throws Exception {
        loopback.send(SCHEMA);
        loopback.receive(SCHEMA);
        for (int bytes : new int[] {64 * KIB, 800 * KIB, MIB + 8, 3 * MIB, 20 * MIB}) {
            for (int i = 0; i < 3; i++) {
                long before = loopback.decoder.copiedBytes();
                Received received = receiveAside(loopback, message(bytes, i));
                assertThat(received.copiedBytes() - before).isLessThanOrEqualTo(bytes);
                assertThat(received.bodyAddress() % 64).isZero();
            }
        }
    }

    private static Received receiveAside(Loopback loopback, byte[] message) throws Exception {
        Thread sender = sendAside(loopback, message, new Random(1));
        Received received = loopback.receive(message);
        sender.join();
        return received;
    }

    /** Hands on what it has read only when it has so many buffers, in order. */
    private static final class Holder extends ChannelInboundHandlerAdapter {
        private final int buffers;
        private final boolean isTee;
        private final List<ByteBuf> held = new ArrayList<>();

        Holder(int buffers, boolean isTee) {
            this.buffers = buffers;
            this.isTee = isTee;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf in = (ByteBuf) msg;
            if (isTee) {
                ctx.fireChannelRead(in.retain());
            }
            held.add(in);
            if (held.size() == buffers) {
                flush(ctx);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (!isTee) {
                flush(ctx);
            }
            ctx.fireChannelReadComplete();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            flush(ctx);
            ctx.fireChannelInactive();
        }

        private void flush(ChannelHandlerContext ctx) {
            List<ByteBuf> buffersNow = List.copyOf(held);
            held.clear();
            for (ByteBuf buffer : buffersNow) {
                if (isTee) {
                    buffer.release();
                } else {
                    ctx.fireChannelRead(buffer);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesHandlerThatHoldsOnToBuffers(Transport transport) throws Exception {
        for (int buffers = 1; buffers < 5; buffers++) {
            try (Loopback loopback = behind(transport, new Holder(buffers, false))) {
                assertIntact(loopback, buffers);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesHandlerThatKeepsBuffersItHasHandedOn(Transport transport) throws Exception {
        try (Loopback loopback = behind(transport, new Holder(5, true))) {
            assertIntact(loopback, 9);
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesHandlerThatCutsBuffers(Transport transport) throws Exception {
        try (Loopback loopback = behind(transport, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ByteBuf in = (ByteBuf) msg;
                ctx.fireChannelRead(in.readRetainedSlice(in.readableBytes() / 3));
                ctx.fireChannelRead(in);
            }
        })) {
            assertIntact(loopback, 11);
        }
    }

    private static void assertIntact(Loopback loopback, long seed) throws Exception {
        Random random = new Random(seed);
        List<byte[]> messages = new ArrayList<>(List.of(SCHEMA));
        for (int i = 0; i < 12; i++) {
            messages.add(message(8 * random.nextInt(i % 3 == 0 ? 100 : 100_000), i));
        }
        Thread sender = sendAside(loopback, Wire.concat(messages.toArray(byte[][]::new)), random);
        for (byte[] message : messages) {
            loopback.receive(message);
        }
        sender.join();
    }

    @ParameterizedTest
    @EnumSource
    void survivesHandlerThatTakesAwayTheFirstBytesOfABuffer(Transport transport) throws Exception {
        byte[] message = message(300 * KIB, 1);
        int cut = 200 * KIB;
        Milestone milestone = new Milestone(SCHEMA.length + cut, 3);
        try (Loopback loopback = behind(transport, milestone)) {
            loopback.send(SCHEMA, Arrays.copyOf(message, cut));
            loopback.receive(SCHEMA);
            milestone.await();
            loopback.send(Wire.concat(new byte[] {9, 9, 9}, Arrays.copyOfRange(message, cut, message.length)));

            loopback.receive(message);
            receiveOne(loopback, message(100 * KIB, 2));
        }
    }
}
