package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakDetection.class)
class GarbageKindTest {
    @ParameterizedTest
    @EnumSource
    void isNoArrow(GarbageKind kind) {
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());
        try {
            assertThatThrownBy(() -> {
                        channel.writeInbound(Unpooled.wrappedBuffer(kind.make(new SplittableRandom(7))));
                        channel.finish();
                    })
                    .isInstanceOf(IpcException.class);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "HTTP", mode = EnumSource.Mode.EXCLUDE)
    void differsEachTime(GarbageKind kind) {
        SplittableRandom random = new SplittableRandom(7);
        assertThat(kind.make(random)).isNotEqualTo(kind.make(random));
    }
}
