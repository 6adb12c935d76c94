package io.bowstring.vector;

import io.bowstring.codec.IpcMessage;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;

/** What is in files of the Arrow IPC file format, for tests. Not instantiable. */
final class WrittenFile {
    private WrittenFile() {}

    /** Writes messages, consumed, to a file and ends it. */
    static void write(Path path, List<? extends IpcMessage> messages) throws IOException {
        try (IpcFileWriter file = IpcFileWriter.create(path)) {
            for (IpcMessage message : messages) {
                file.write(message);
            }
            file.end();
        }
    }

    /**
     * Returns what arrow-java's own reader finds, as the text of {@link StockStream#batches}. It reads in a JVM of its own,
     * since it needs flags that this module is tested without.
     */
    static String readByArrow(Path path) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of("-cp", classPath, WrittenFile.class.getName(), path.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Prints what a file has. */
    public static void main(String[] path) throws IOException {
        System.out.write(String.valueOf(batches(Path.of(path[0]))).getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static List<List<String>> batches(Path path) throws IOException {
        try (BufferAllocator allocator =
                        new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
                ArrowFileReader reader =
                        new ArrowFileReader(FileChannel.open(path), allocator, CommonsCompressionFactory.INSTANCE)) {
            List<List<String>> batches = new ArrayList<>();
            while (reader.loadNextBatch()) {
                batches.add(StockStream.texts(reader.getVectorSchemaRoot(), reader));
            }
            return batches;
        }
    }

    /** Returns all messages of a file, in order; owned. */
    static List<IpcMessage> read(Path path) throws IOException {
        List<IpcMessage> messages = new ArrayList<>();
        try (IpcFileReader file = IpcFileReader.open(path)) {
            for (IpcMessage message = file.next(); message != null; message = file.next()) {
                messages.add(message);
            }
            return messages;
        } catch (Throwable e) {
            messages.forEach(IpcMessage::release);
            throw e;
        }
    }
}
