package io.bowstring.it;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.Mutator;
import io.bowstring.codec.NewerTypes;
import io.bowstring.codec.Seeds;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Damaged streams that a decoder with the default configuration, which verifies the structure, lets pass. Not
 * instantiable.
 */
final class Mutants {
    private static final int DRAWN = 10_000;
    private static final long SEED = Seeds.fixed("Mutants", 20_261_122);
    private static final int MAX_STREAM_BYTES = 8 << 10;

    private Mutants() {}

    /**
     * A stream that passes.
     *
     * @param name how to have it again
     */
    record Mutant(String name, byte[] stream) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Returns those of a fixed number of mutants that pass, behind the streams that they are made of. */
    static List<Mutant> accepted() {
        List<byte[]> whole = Stream.concat(
                        GoldenStreams.littleEndian().stream().map(GoldenStreams::read), NewerTypes.streams().stream())
                .filter(stream -> stream.length <= MAX_STREAM_BYTES)
                .toList();
        Mutator mutator = new Mutator(whole);
        Stream<Mutant> mutants = LongStream.range(SEED, SEED + DRAWN)
                .mapToObj(seed -> new Mutant("-Dbowstring.seed=" + seed, mutator.mutant(seed)));
        return Stream.concat(whole.stream().map(stream -> new Mutant("whole stream", stream)), mutants)
                .filter(mutant -> isAccepted(mutant.stream()))
                .toList();
    }

    private static boolean isAccepted(byte[] stream) {
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(stream));
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            channel.checkException();
            return channel.inboundMessages().peek() instanceof IpcSchema; // not where nothing is left of it
        } catch (IpcException e) {
            return false;
        } finally {
            channel.finishAndReleaseAll();
        }
    }
}
