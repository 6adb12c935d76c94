package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private static ByteBuffer random(Random random, int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return ByteBuffer.wrap(content);
    }

    @Test
    void isThatOfTheStandard() {
        ByteBuffer digits = ByteBuffer.wrap(new byte[] {'1', '2', '3', '4', '5', '6', '7', '8', '9'});
        assertThat(Checksum.of(digits)).isEqualTo(0xE306_9283); // RFC 3720, appendix B.4, and every table of CRCs
    }

    @Test
    void comesOfTheChecksumsOfItsParts() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            ByteBuffer first = random(random, random.nextInt(300));
            ByteBuffer second = random(random, random.nextInt(1 << random.nextInt(14)));
            int combined =
                    Checksum.combine(Checksum.of(first), Checksum.of(second), Checksum.shift(second.remaining()));
            assertThat(combined).isEqualTo(Checksum.of(first, second));
        }
    }

    /** A zero byte more multiplies by x to the power of 8; so many bytes cannot be gone through. */
    @Test
    void movesByAnyNumberOfBytes() {
        long many = (1L << 40) + 12_345;
        int both = Checksum.combine(Checksum.combine(1, 0, Checksum.shift(many)), 0, Checksum.shift(1_000_000_007));
        assertThat(both).isEqualTo(Checksum.combine(1, 0, Checksum.shift(many + 1_000_000_007)));
    }
}
