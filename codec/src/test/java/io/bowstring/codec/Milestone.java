package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Hands on what it receives and tells when so many bytes have gone by; from the buffer after that it can take bytes
 * away. {@link #await} is for the test's thread, all else for the event loop.
 */
final class Milestone extends ChannelInboundHandlerAdapter {
    private final CountDownLatch isReached = new CountDownLatch(1);
    private final int milestone;
    private final int strippedBytes;
    private int seen;

    Milestone(int milestone, int strippedBytes) {
        this.milestone = milestone;
        this.strippedBytes = strippedBytes;
    }

    void await() throws InterruptedException {
        assertThat(isReached.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        if (seen == milestone) {
            in.skipBytes(strippedBytes);
        }
        seen += in.readableBytes();
        ctx.fireChannelRead(in);
        if (seen == milestone) {
            isReached.countDown();
        }
    }
}
