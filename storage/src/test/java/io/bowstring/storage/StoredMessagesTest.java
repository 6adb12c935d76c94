package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class StoredMessagesTest {
    @Test
    void findsADictionaryAfterDamage() throws IOException {
        byte[] noise = new byte[64];
        byte[] stream = Wire.concat(Wire.DICTIONARY_SCHEMA, noise, Wire.DICTIONARY_BATCH);
        try (DiskFile file = new FaultyDisk(new Random(1)).create(Path.of("/segment"))) {
            file.write(0, ByteBuffer.wrap(stream));
            StoredMessages messages = new StoredMessages(file, stream.length, 64);

            IpcMessage schema = messages.next();
            assertThat(schema).isInstanceOf(IpcSchema.class);
            schema.release();
            assertThat(messages.next()).isNull();
            assertThat(messages.tryFind(Wire.DICTIONARY_SCHEMA.length)).isTrue();

            assertThat(messages.position()).isEqualTo(Wire.DICTIONARY_SCHEMA.length + noise.length);
            IpcMessage found = messages.next();
            assertThat(found).isInstanceOf(IpcDictionaryBatch.class);
            found.release();
        }
    }
}
