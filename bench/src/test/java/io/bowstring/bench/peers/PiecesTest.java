package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class PiecesTest {
    private static final int MAX_BYTES = 16;

    @ParameterizedTest
    @ValueSource(ints = {9, 23, 24, 25, 40, 41, 1_000})
    void whatWasSplitIsJoinedAgain(int length) {
        byte[] message = message(length);
        List<byte[]> pieces = split(message);
        Pieces.Joining joining = new Pieces.Joining();

        for (int i = 0; i < 2; i++) { // the second uses the room of the first
            assertThat(pieces.subList(0, pieces.size() - 1)).allMatch(piece -> joining.add(piece) == null);
            assertThat(joining.add(pieces.get(pieces.size() - 1))).isEqualTo(ByteBuffer.wrap(message));
        }
    }

    @Test
    void noPieceIsLongerThanIsAllowed() {
        assertThat(split(message(41)))
                .hasSize(4)
                .extracting(piece -> piece.length)
                .containsExactly(16, 16, 16, 1);
    }

    @Test
    void aMessageThatFitsIsOnePieceAndIsNotCopied() {
        List<byte[]> pieces = split(message(8));
        Pieces.Joining joining = new Pieces.Joining();

        assertThat(pieces).hasSize(1);
        assertThat(joining.add(pieces.get(0)).array()).isSameAs(pieces.get(0));
    }

    private static byte[] message(int length) {
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) (i + 1);
        }
        return message;
    }

    private static List<byte[]> split(byte[] message) {
        ByteBuf buffer = Unpooled.wrappedBuffer(message);
        try {
            return Pieces.of(buffer, MAX_BYTES);
        } finally {
            buffer.release();
        }
    }
}
