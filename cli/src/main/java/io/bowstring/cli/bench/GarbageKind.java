package io.bowstring.cli.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Bytes that are no Arrow. The later the kind, the more of it must a server read to see that. */
enum GarbageKind {
    /** Nothing that anybody knows. */
    NOISE {
        @Override
        void fill(ByteBuffer bytes, RandomGenerator random) {
            putNoise(bytes, random, bytes.remaining());
        }
    },

    /** Another protocol. */
    HTTP {
        @Override
        void fill(ByteBuffer bytes, RandomGenerator random) {
            bytes.put("GET / HTTP/1.1\r\nHost: bowstring\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    },

    /** A message that is said to be longer than any. */
    ENDLESS {
        @Override
        void fill(ByteBuffer bytes, RandomGenerator random) {
            bytes.putInt(CONTINUATION).putInt(Integer.MAX_VALUE & -Long.BYTES);
            putNoise(bytes, random, bytes.remaining());
        }
    },

    /** A message of a fair length whose metadata are none. */
    METADATA {
        @Override
        void fill(ByteBuffer bytes, RandomGenerator random) {
            bytes.putInt(CONTINUATION).putInt(METADATA_BYTES);
            putNoise(bytes, random, METADATA_BYTES);
        }
    },

    /** A message whose end is missing: nothing comes after it but the end of the connection. */
    UNFINISHED {
        @Override
        void fill(ByteBuffer bytes, RandomGenerator random) {
            bytes.putInt(CONTINUATION).putInt(METADATA_BYTES);
            putNoise(bytes, random, METADATA_BYTES / 2);
        }
    };

    private static final int CONTINUATION = 0xFFFFFFFF;
    private static final int METADATA_BYTES = 512;
    private static final int MAX_BYTES = 4_096;

    /** Returns bytes to send; they are the caller's. */
    ByteBuffer make(RandomGenerator random) {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fill(bytes, random);
        return bytes.flip();
    }

    abstract void fill(ByteBuffer bytes, RandomGenerator random);

    private static void putNoise(ByteBuffer bytes, RandomGenerator random, int count) {
        byte[] noise = new byte[count];
        random.nextBytes(noise);
        bytes.put(noise);
    }
}
