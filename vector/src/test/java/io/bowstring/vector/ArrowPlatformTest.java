package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What JVMs with and without certain flags do, each in a process of its own. */
class ArrowPlatformTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @Test
    void usesArrowsMemoryWithoutFlags() throws Exception {
        assertThat(run(CLASS_PATH)).contains("allocated 100 bytes");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_24, disabledReason = "older JVMs do not deny it")
    void saysWhichFlagHelpsWhereUnsafeIsDenied() throws Exception {
        assertThat(run(CLASS_PATH, "--sun-misc-unsafe-memory-access=deny"))
                .contains("Arrow's memory: not usable on this JVM, arrayBaseOffset"
                        + " (expected: --sun-misc-unsafe-memory-access=allow)");
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_23, disabledReason = "newer ones can do without, and by default do")
    void saysWhichFlagHurtsWhereNettyIsToldNotToUseUnsafe() throws Exception {
        assertThat(run(CLASS_PATH, "-Dio.netty.noUnsafe=true"))
                .contains("Arrow's memory: not usable on this JVM, null (expected: no -Dio.netty.noUnsafe=true)");
    }

    @Test
    void saysThatArrowsDefaultIsMissing() throws Exception {
        String without = Arrays.stream(CLASS_PATH.split(File.pathSeparator))
                .filter(entry -> !entry.contains("arrow-memory-netty"))
                .collect(Collectors.joining(File.pathSeparator));

        assertThat(run(without))
                .contains("Arrow's memory: not usable on this JVM, No DefaultAllocationManager found on classpath"
                        + " (expected: arrow-memory-netty or arrow-memory-unsafe on the class path)");
    }

    @Test
    void keepsTheCause() {
        assertThatThrownBy(() -> ArrowPlatform.requireUsable(() -> {
                    throw new NoClassDefFoundError("x");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("x")
                .hasCauseInstanceOf(NoClassDefFoundError.class);
    }

    /** Returns what a JVM prints that allocates through Netty. */
    private static String run(String classPath, String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", classPath, Probe.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** Runs in a JVM of its own. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) {
            NettyAllocationFactory factory = new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT);
            try (BufferAllocator allocator = factory.newRootAllocator(1 << 20);
                    ArrowBuf buffer = allocator.buffer(100)) {
                buffer.setLong(92, 7);
                System.out.println("allocated " + allocator.getAllocatedMemory() + " bytes");
            }
        }
    }
}
