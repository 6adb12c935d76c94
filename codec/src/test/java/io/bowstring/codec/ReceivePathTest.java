package io.bowstring.codec;

import static io.bowstring.codec.AdvanceRuleTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.Loopback.Received;
import io.bowstring.codec.Loopback.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages over a real socket that the channel reads with the decoder's receive allocator. */
@ExtendWith(LeakDetection.class)
class ReceivePathTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final byte[] SCHEMA = StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1)));

    @ParameterizedTest
    @EnumSource
    void receivesLargeBodiesWithoutCopyingThem(Transport transport) throws Exception {
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            for (int bytes : new int[] {64 * KIB, 64 * KIB + 8, 100_000, MIB, 2 * MIB, 4 * MIB, 64 * KIB}) {
                receiveOne(loopback, message(bytes, 1)); // what the connection has to earn, it earns here
                long before = receiveOne(loopback, message(bytes, 2)).copiedBytes();
                Received third = receiveOne(loopback, message(bytes, 3));

                assertThat(third.copiedBytes() - before)
                        .as("copies of %d bytes", bytes)
                        .isZero();
                assertThat(third.bodyAddress() % 64).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void receivesStreamOfLargeBodiesWithoutCopyingThem(Transport transport) throws Exception {
        byte[][] messages = new byte[12][];
        Arrays.setAll(messages, i -> message(MIB + 8 * KIB, i));
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            receiveOne(loopback, message(MIB + 8 * KIB, 99));
            long before = receiveOne(loopback, message(MIB + 8 * KIB, 100)).copiedBytes();
            loopback.send(messages); // one runs into the next
            long after = before;
            for (byte[] message : messages) {
                after = loopback.receive(message).copiedBytes();
            }

            assertThat(after - before).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void copiesHalfOfBodiesThatTheRuleDoesNotCover(Transport transport) throws Exception {
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            long before = receiveOne(loopback, message(64 * KIB, 1)).copiedBytes();
            Received large = receiveOne(loopback, message(33 * MIB, 2));

            assertThat(large.copiedBytes() - before).isBetween(16L * MIB, 17L * MIB);
            assertThat(large.bodyAddress() % 64).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsBodiesOfAllSizesIntact(Transport transport) throws Exception {
        Random random = new Random(Seeds.fixed("ReceivePathTest", 3));
        int[] around = {8, 4 * KIB, 32 * KIB, 64 * KIB, 128 * KIB, MIB, 2 * MIB};
        List<byte[]> messages = new ArrayList<>(List.of(SCHEMA));
        for (int i = 0; i < 60; i++) {
            int large = around[random.nextInt(around.length)] + 8 * random.nextInt(-1, 4);
            messages.add(message(large, i));
            if (random.nextBoolean()) {
                messages.add(message(8 * random.nextInt(200), i)); // a small one in between
            }
        }
        try (Loopback loopback = new Loopback(transport)) {
            Thread sender = sendAside(loopback, Wire.concat(messages.toArray(byte[][]::new)), random);
            long bodyBytes = 0;
            long copied = 0;
            for (byte[] message : messages) {
                copied = loopback.receive(message).copiedBytes();
                bodyBytes += message.length;
            }
            sender.join();

            assertThat(copied).isLessThanOrEqualTo(bodyBytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsWhenAskedTo(Transport transport) throws Exception {
        byte[][] messages = new byte[9][];
        Arrays.setAll(messages, i -> message(i % 2 == 0 ? 300 * KIB : 80, i));
        try (Loopback loopback = new Loopback(transport, false, channel -> {})) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            loopback.send(messages);
            for (byte[] message : messages) {
                loopback.receive(message);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfBodyThatIsCutOffByHalfClose(Transport transport) throws Exception {
        byte[] message = message(300 * KIB, 1);
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA, Arrays.copyOf(message, 200 * KIB));
            loopback.receive(SCHEMA);
            loopback.socket.shutdownOutput();

            assertTruncated(loopback);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfBodyThatIsCutOffByClose(Transport transport) throws Exception {
        byte[] message = message(300 * KIB, 1);
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA, Arrays.copyOf(message, 200 * KIB));
            loopback.receive(SCHEMA);
            loopback.socket.close();

            assertTruncated(loopback);
        }
    }

    @ParameterizedTest
    @EnumSource
    void acceptsHalfCloseBetweenMessages(Transport transport) throws Exception {
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            receiveOne(loopback, message(300 * KIB, 1));
            loopback.socket.shutdownOutput();
        }
    }

    @ParameterizedTest
    @EnumSource
    void discardsEverythingAfterAnError(Transport transport) throws Exception {
        try (Loopback loopback = new Loopback(transport)) {
            loopback.send(SCHEMA);
            loopback.receive(SCHEMA);
            receiveOne(loopback, message(300 * KIB, 1));
            loopback.send(SCHEMA);
            assertThat(((IpcException) loopback.next()).code()).isEqualTo(IpcErrorCode.OUT_OF_ORDER);
            loopback.send(message(300 * KIB, 2), new byte[3 * MIB]);
            loopback.socket.shutdownOutput();
        }
    }

    @ParameterizedTest
    @EnumSource
    void handsOnTheRestWhenRemovedInMidBody(Transport transport) throws Exception {
        byte[] message = message(300 * KIB, 1);
        int cut = 200 * KIB;
        Milestone milestone = new Milestone(SCHEMA.length + cut, 0);
        try (Loopback loopback =
                new Loopback(transport, true, channel -> channel.pipeline().addLast(milestone))) {
            loopback.send(SCHEMA, Arrays.copyOf(message, cut));
            loopback.receive(SCHEMA);
            milestone.await();
            loopback.onLoop(channel -> channel.pipeline().remove(loopback.decoder));
            loopback.send(Arrays.copyOfRange(message, cut, message.length));
            byte[] raw = {};
            while (raw.length < message.length) {
                raw = Wire.concat(raw, (byte[]) loopback.next());
            }

            assertThat(raw).isEqualTo(message);
        }
    }

    static Received receiveOne(Loopback loopback, byte[] message) throws Exception {
        loopback.send(message);
        return loopback.receive(message);
    }

    /** Sends in pieces of all sizes from a thread of its own: the socket's buffers cannot take it all. */
    static Thread sendAside(Loopback loopback, byte[] bytes, Random random) {
        Thread sender = new Thread(() -> {
            try {
                for (int from = 0; from < bytes.length; ) {
                    int to = Math.min(bytes.length, from + 1 + random.nextInt(1 << (1 + random.nextInt(19))));
                    loopback.send(Arrays.copyOfRange(bytes, from, to));
                    from = to;
                }
            } catch (Exception e) {
                loopback.events.add(e);
            }
        });
        sender.start();
        return sender;
    }

    private static void assertTruncated(Loopback loopback) throws InterruptedException {
        Object error = loopback.next();
        assertThat(error).isInstanceOf(IpcException.class);
        assertThat(((IpcException) error).code()).isEqualTo(IpcErrorCode.TRUNCATED);
    }
}
