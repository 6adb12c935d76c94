package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** What one writes with Netty's own means. Confined to the channel's event loop. */
final class CumulatingDecoder extends ByteToMessageDecoder {
    CumulatingDecoder(Cumulator cumulator) {
        setCumulator(cumulator);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int bytes = TrustedFrame.bytes(in);
        if (bytes >= 0 && bytes <= in.readableBytes()) {
            out.add(in.readRetainedSlice(bytes));
        }
    }
}
