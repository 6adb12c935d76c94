package io.bowstring.bench.peers;

import io.bowstring.bench.Streams;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;

/** The bytes that a plain socket sends before batches come. */
enum SocketRequests {
    /** To a {@link RawRelay}. */
    RAW {
        @Override
        ByteBuf publish(int topic) {
            return Unpooled.buffer(RawRelay.REQUEST_BYTES)
                    .writeByte(RawRelay.PUBLISHER)
                    .writeInt(topic);
        }

        @Override
        ByteBuf subscribe(int topic, long until) {
            return Unpooled.buffer(RawRelay.REQUEST_BYTES)
                    .writeByte(RawRelay.SUBSCRIBER)
                    .writeInt(topic);
        }
    },
    /** To a Bowstring server. */
    BOWSTRING {
        @Override
        ByteBuf publish(int topic) {
            return schema(Streams.fields(), Map.of("bowstring.publish", name(topic)));
        }

        @Override
        ByteBuf subscribe(int topic, long until) {
            return subscribe(topic, "latest", until);
        }
    },
    /** To a Bowstring server that acknowledges. */
    ACKNOWLEDGED {
        @Override
        ByteBuf publish(int topic) {
            return schema(Streams.fields(), Map.of("bowstring.publish", name(topic), "bowstring.ack", "true"));
        }

        @Override
        ByteBuf subscribe(int topic, long until) {
            return subscribe(topic, "latest", until);
        }
    };

    /** The end of a stream. */
    static final ByteBuf END = Unpooled.unreleasableBuffer(Unpooled.copyLong(0xFFFF_FFFF_0000_0000L));

    /** Returns the first bytes of a publisher; owned, on the heap. */
    abstract ByteBuf publish(int topic);

    /** Returns the first bytes of a subscriber that wants what comes before an offset; owned, on the heap. */
    abstract ByteBuf subscribe(int topic, long until);

    /** Returns the request for what a Bowstring server has of a topic from a position on and before an offset; owned, on the heap. */
    static ByteBuf subscribe(int topic, String from, long until) {
        Map<String, String> request = Map.of(
                "bowstring.subscribe",
                name(topic),
                "bowstring.from",
                from,
                "bowstring.on-lag",
                "block",
                "bowstring.until",
                String.valueOf(until));
        return Unpooled.wrappedBuffer(schema(List.of(), request), END.duplicate());
    }

    /** Returns the name of a topic of a Bowstring server. */
    static String name(int topic) {
        return "bench-" + topic;
    }

    private static ByteBuf schema(List<IpcField> fields, Map<String, String> metadata) {
        IpcSchema schema = IpcSchema.of(fields, metadata, UnpooledByteBufAllocator.DEFAULT);
        try {
            return Unpooled.copiedBuffer(schema.frame());
        } finally {
            schema.release();
        }
    }
}
