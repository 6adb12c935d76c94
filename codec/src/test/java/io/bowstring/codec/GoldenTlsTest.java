package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Golden streams go through TLS to a decoder, back from its encoder, and come out as they were, however they and the
 * records of TLS are cut.
 */
@ExtendWith(LeakDetection.class)
class GoldenTlsTest {
    /** But once for those that are long: encryption takes its time. */
    private static final int ROUNDS = 5;

    private static final long SEED = Seeds.fresh("GoldenTlsTest");
    private static final IntSupplier WHOLE = () -> Integer.MAX_VALUE;

    @Test
    void relaysStreamsThatAreCutAtRandom() throws Exception {
        Random random = new Random(SEED);
        try (TlsRelay relay = new TlsRelay()) {
            for (Path file : GoldenStreams.readable()) {
                byte[] stream = GoldenStreams.read(file);
                int rounds = stream.length < 32 << 10 ? ROUNDS : 1;
                for (int round = 0; round < rounds; round++) {
                    int longest = 1 + stream.length / (1 + random.nextInt(64));
                    relay.send(stream, () -> 1 + random.nextInt(longest), () -> 1 + random.nextInt(longest));
                }
            }
        }
    }

    @Test
    void relaysStreamWhoseRecordsAreCutInTwoAnywhere() throws Exception {
        byte[] stream =
                Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END, Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.END);
        try (TlsRelay relay = new TlsRelay()) {
            for (int cut = 1; cut < stream.length; cut++) {
                int first = cut;
                relay.send(stream, () -> first, WHOLE); // records of that many bytes
                relay.send(stream, WHOLE, () -> first); // one record, received so many bytes at a time
            }
        }
    }

    @Test
    void relaysStreamByteByByte() throws Exception {
        byte[] stream = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END);
        try (TlsRelay relay = new TlsRelay()) {
            relay.send(stream, () -> 1, () -> 1);
        }
    }

    /** A TLS connection over which a peer gets its streams back. */
    private static final class TlsRelay implements AutoCloseable {
        private final DecoderToEncoder server = new DecoderToEncoder(IpcDecoderConfig.DEFAULTS.withLegacyFraming(true));
        private final EmbeddedChannel client = new EmbeddedChannel();
        private final ByteBuf received = client.alloc().directBuffer();

        TlsRelay() throws Exception {
            X509Bundle certificate = new CertificateBuilder()
                    .subject("CN=localhost")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            SslContext serverContext = SslContextBuilder.forServer(certificate.toKeyManagerFactory())
                    .build();
            SslContext clientContext = SslContextBuilder.forClient()
                    .trustManager(certificate.toTrustManagerFactory())
                    .build();
            SslHandler clientHandler = clientContext.newHandler(client.alloc(), "localhost", 0);
            server.pipeline().addFirst(serverContext.newHandler(server.alloc()));
            client.pipeline().addFirst(clientHandler);
            exchange(WHOLE);
            assertThat(clientHandler.handshakeFuture().isSuccess()).isTrue();
        }

        /** Sends a stream in buffers of {@code plain} bytes, whose records arrive {@code cipher} bytes at a time. */
        void send(byte[] stream, IntSupplier plain, IntSupplier cipher) {
            for (int from = 0; from < stream.length; ) {
                int bytes = Math.min(plain.getAsInt(), stream.length - from);
                client.writeOutbound(client.alloc().directBuffer(bytes).writeBytes(stream, from, bytes));
                from += bytes;
            }
            exchange(cipher);
            assertThat(ByteBufUtil.getBytes(received)).isEqualTo(stream);
            received.clear();
        }

        /** Lets both sides receive what the other has sent until there is nothing more. */
        private void exchange(IntSupplier cipher) {
            while (move(client, server, cipher) | move(server, client, cipher)) {
                for (ByteBuf plain = client.readInbound(); plain != null; plain = client.readInbound()) {
                    received.writeBytes(plain);
                    plain.release();
                }
            }
        }

        private static boolean move(EmbeddedChannel from, EmbeddedChannel to, IntSupplier cipher) {
            boolean hasMoved = false;
            for (ByteBuf records = from.readOutbound(); records != null; records = from.readOutbound()) {
                while (records.isReadable()) {
                    to.writeInbound(records.readRetainedSlice(Math.min(cipher.getAsInt(), records.readableBytes())));
                }
                records.release();
                hasMoved = true;
            }
            return hasMoved;
        }

        @Override
        public void close() {
            received.release();
            client.finishAndReleaseAll();
            server.finishAndReleaseAll();
        }
    }
}
