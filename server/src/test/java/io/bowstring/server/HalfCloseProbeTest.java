package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class HalfCloseProbeTest {
    private final HalfCloseProbe probe = new HalfCloseProbe(Duration.ofSeconds(10));
    private final EmbeddedChannel channel = new EmbeddedChannel(probe);

    @BeforeEach
    void stopTheClock() {
        channel.freezeTime();
    }

    @AfterEach
    void leavesNothing() {
        assertThat(channel.finish()).isFalse();
    }

    private String sent() {
        StringBuilder hex = new StringBuilder();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            hex.append(ByteBufUtil.hexDump(bytes));
            bytes.release();
        }
        return hex.toString();
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runPendingTasks();
        }
    }

    private void write(String hex) {
        channel.writeOutbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    @Test
    void sendsNothingUntilItIsStarted() {
        pass(100);

        assertThat(sent()).isEmpty();
    }

    @Test
    void sendsOneByteOfTheMarkerEachTimeAndNoMoreThanTheMarker() {
        probe.start();
        assertThat(sent()).isEqualTo("ff");
        pass(9);
        assertThat(sent()).isEmpty();
        pass(1);
        assertThat(sent()).isEqualTo("ff");
        pass(10);
        assertThat(sent()).isEqualTo("ff");
        pass(10);
        assertThat(sent()).isEqualTo("ff");

        pass(1_000);

        assertThat(sent()).isEmpty();
    }

    @Test
    void sendsTheRestOfTheMessage() {
        probe.start();
        pass(10);
        assertThat(sent()).isEqualTo("ffff");

        write("ffffffff08000000");
        write("ffffffff10000000");

        assertThat(sent()).isEqualTo("ffff08000000" + "ffffffff10000000");
    }

    @Test
    void beginsAgainAfterMessage() {
        probe.start();
        pass(30);
        assertThat(sent()).isEqualTo("ffffffff");
        write("ffffffff08000000");
        assertThat(sent()).isEqualTo("08000000");

        pass(20);

        assertThat(sent()).isEqualTo("ffff");
    }

    @Test
    void passesOnWhatIsEmpty() {
        probe.start();
        write("");
        write("ffffffff00000000");

        assertThat(sent()).isEqualTo("ff" + "ffffff00000000");
    }

    @Test
    void stopsButCompletesTheMessageThatItHasBegun() {
        probe.start();
        probe.stop();
        pass(100);
        write("ffffffff00000000");
        pass(100);
        write("ffffffff08000000");

        assertThat(sent()).isEqualTo("ffffffff00000000" + "ffffffff08000000");
    }
}
