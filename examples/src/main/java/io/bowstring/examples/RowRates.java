package io.bowstring.examples;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Prints every second how many rows of each table have come: {@code PORT}. Any program that writes Arrow streams can connect
 * and write; {@code table} in a schema's metadata names the table. Needs the codec alone.
 */
public final class RowRates extends ChannelInitializer<Channel> {
    private final Map<String, LongAdder> rows = new ConcurrentHashMap<>();

    public static void main(String[] args) throws InterruptedException {
        RowRates rates = new RowRates();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        ServerBootstrap server = new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class);
        server.childHandler(rates).bind(Integer.parseInt(args[0])).sync();
        loops.scheduleAtFixedRate(rates::print, 1, 1, TimeUnit.SECONDS);
    }

    private void print() {
        rows.forEach((table, count) -> System.out.println(table + ": " + count.sumThenReset() + " rows/s"));
    }

    @Override
    protected void initChannel(Channel channel) {
        channel.pipeline().addLast(new IpcDecoder(), new SimpleChannelInboundHandler<IpcMessage>() {
            private LongAdder count = new LongAdder();

            @Override
            protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
                if (message instanceof IpcSchema schema) {
                    String table = schema.schemaMetadata().getOrDefault("table", "?");
                    count = rows.computeIfAbsent(table, name -> new LongAdder());
                } else if (message instanceof IpcRecordBatch batch) {
                    count.add(batch.rowCount());
                }
            }
        });
    }
}
