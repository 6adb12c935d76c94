package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class Lz4FrameReaderTest {
    /** Bytes around the target that must not be written to. */
    private static final int GUARD_BYTES = 32;

    /** Flags: version 1, blocks that may refer to earlier ones; a block size of 64 KiB; no checksum of that. */
    private static final String HEAD = "04 22 4D 18 40 40 00 ";

    private static final String END = "00 00 00 00";

    @Test
    void readsLiteralsAndMatches() {
        assertThat(text(HEAD
                        + "0C 00 00 00 "
                        + "32 61 62 63 03 00 " // 3 literals "abc", then 6 from 3 back
                        + "50 64 65 66 67 68 " // 5 literals "defgh"
                        + END))
                .isEqualTo("abcabcabcdefgh");
    }

    @Test
    void readsMatchesThatReachIntoEarlierBlocks() {
        assertThat(text(HEAD
                        + "08 00 00 80 61 62 63 64 65 66 67 68 " // as it is: "abcdefgh"
                        + "05 00 00 00 04 08 00 10 69 " // none, then 8 from 8 back; 1 literal "i"
                        + END))
                .isEqualTo("abcdefghabcdefghi");
    }

    @Test
    void readsLongLengths() {
        String literals = "61 ".repeat(15 + 255);
        String block = "F0 FF 00 " + literals + "01 00 10 62 ";
        int bytes = block.length() / 3;
        assertThat(text(HEAD + String.format("%02X %02X 00 00 ", bytes & 0xFF, bytes >> 8) + block + END))
                .isEqualTo("a".repeat(15 + 255 + 4) + "b");
    }

    @ParameterizedTest
    @CsvSource({
        "04 22 4D 19 40 40 00 00 00 00 00, magic number",
        "04 22 4D 18 80 40 00 00 00 00 00, version",
        "04 22 4D 18 42 40 00 00 00 00 00, reserved flag",
        "04 22 4D 18 41 40 00 00 00 00 00, dictionary",
        "04 22 4D 18 40 40, shorter than its head",
        "04 22 4D 18 40 40 00, no block",
        "04 22 4D 18 40 40 00 00 00 00, half of a block size",
        "04 22 4D 18 48 40 00 00 00 00 00, no content size",
        "04 22 4D 18 40 40 00 00 00 00 00 00, more behind the end",
        "04 22 4D 18 44 40 00 00 00 00 00, no checksum",
        "04 22 4D 18 40 40 00 02 00 00 80 61, block behind the end",
        "04 22 4D 18 50 40 00 01 00 00 80 61 00 00 00, block checksum behind the end",
        "04 22 4D 18 40 40 00 FF FF FF 7F 61, long block behind the end",
        "04 22 4D 18 40 40 00 02 00 00 00 20 61 00 00 00 00, literals behind the end",
        "04 22 4D 18 40 40 00 01 00 00 00 F0 00 00 00 00, length behind the end",
        "04 22 4D 18 40 40 00 03 00 00 00 10 61 01 00 00 00 00, half of an offset",
        "04 22 4D 18 40 40 00 04 00 00 00 10 61 00 00 00 00 00 00, offset 0",
        "04 22 4D 18 40 40 00 04 00 00 00 10 61 02 00 00 00 00 00, offset before the beginning",
        "04 22 4D 18 40 40 00 04 00 00 00 10 61 01 00 00 00 00 00, ends with a match",
        "04 22 4D 18 40 40 00 05 00 00 00 1F 61 01 00 FF 00 00 00 00, match without its length",
    })
    void refuses(String frame, String what) {
        assertThat(text(frame)).as(what).isNull();
    }

    @Test
    void refusesMoreThanThereIsRoomFor() {
        byte[] literals = bytes(HEAD + "09 00 00 80 61 62 63 64 65 66 67 68 69 " + END);
        byte[] match = bytes(HEAD + "06 00 00 00 14 61 01 00 10 62 " + END); // 1 literal, 8 from 1 back, 1 literal

        assertThat(decompress(literals, 9)).hasSize(9);
        assertThat(decompress(literals, 8)).isNull();
        assertThat(decompress(match, 10)).hasSize(10);
        assertThat(decompress(match, 9)).isNull();
        assertThat(decompress(match, 8)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 13, 1000, 65_536, 70_000, 300_000})
    void readsWhatAnotherLibraryWrites(int bytes) {
        Random random = new Random(bytes);
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        byte[] text = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            text[i] = (byte) (random.nextInt(10) == 0 ? random.nextInt(4) : i / 7 % 5);
        }
        for (byte[] content : new byte[][] {noise, text, new byte[bytes]}) {
            assertThat(decompress(frame(content), bytes)).isEqualTo(content);
            assertThat(decompress(frame(content, FLG.Bits.BLOCK_CHECKSUM, FLG.Bits.CONTENT_CHECKSUM), bytes))
                    .isEqualTo(content);
        }
    }

    @Test
    void staysInsideOfItsMemoryWhateverIsInTheSource() {
        long seed = Seeds.fixed("Lz4FrameReaderTest", 20_261_121);
        byte[] text =
                "to be or not to be, that is to be the question ".repeat(20).getBytes(StandardCharsets.US_ASCII);
        byte[] frame = frame(text);
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            Random random = new Random(seed + i);
            byte[] mutant = random.nextInt(4) == 0 ? Arrays.copyOf(frame, random.nextInt(frame.length)) : frame.clone();
            for (int flips = random.nextInt(4); flips >= 0 && mutant.length > 7; flips--) {
                mutant[7 + random.nextInt(mutant.length - 7)] ^= (byte) (1 << random.nextInt(8));
            }
            accepted += decompress(mutant, random.nextInt(2 * text.length)) == null ? 0 : 1;
        }
        assertThat(accepted).isBetween(1_000, 199_000);
    }

    private static String text(String frame) {
        byte[] content = decompress(bytes(frame), 1000);
        return content == null ? null : new String(content, StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex.trim());
    }

    static byte[] frame(byte[] content, FLG.Bits... flags) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FLG.Bits[] all = Arrays.copyOf(flags, flags.length + 1);
        all[flags.length] = FLG.Bits.BLOCK_INDEPENDENCE; // which it cannot do without
        try (LZ4FrameOutputStream frame = new LZ4FrameOutputStream(out, BLOCKSIZE.SIZE_64KB, all)) {
            frame.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Returns the content, null where it is refused; checks that nothing around it is touched. */
    private static byte[] decompress(byte[] frame, int targetBytes) {
        ByteBuf source =
                UnpooledByteBufAllocator.DEFAULT.directBuffer(frame.length + 1).writeBytes(frame);
        ByteBuf target = UnpooledByteBufAllocator.DEFAULT.directBuffer(targetBytes + 2 * GUARD_BYTES);
        byte[] guard = new byte[GUARD_BYTES];
        Arrays.fill(guard, (byte) 0xA5);
        try {
            target.writeBytes(guard).writeZero(targetBytes).writeBytes(guard);
            long address = ByteBufAllocation.address(target) + GUARD_BYTES;
            long written =
                    Lz4FrameReader.decompress(ByteBufAllocation.address(source), frame.length, address, targetBytes);
            assertThat(ByteBufUtil.getBytes(target, 0, GUARD_BYTES)).isEqualTo(guard);
            assertThat(ByteBufUtil.getBytes(target, GUARD_BYTES + targetBytes, GUARD_BYTES))
                    .isEqualTo(guard);
            assertThat(written).isLessThanOrEqualTo(targetBytes);
            return written < 0 ? null : ByteBufUtil.getBytes(target, GUARD_BYTES, (int) written);
        } finally {
            source.release();
            target.release();
        }
    }
}
