package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class LogPieceTest {
    private static ByteBuf buffer(byte[]... frames) {
        return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(Wire.concat(frames));
    }

    private static byte[] frame(Chunk chunk, int index) {
        IpcRecordBatch batch = chunk.batch(index);
        byte[] frame = ByteBufUtil.getBytes(batch.frame());
        batch.release();
        return frame;
    }

    @Test
    void hasTheBatchesOfABuffer() {
        int length = Wire.BATCH.length;
        ByteBuf frames = buffer(Wire.END, Wire.BATCH, Wire.BATCH_WITH_ENTRY).skipBytes(Wire.END.length);

        Chunk chunk = Chunk.of(7, frames, new int[] {length, length + Wire.BATCH_WITH_ENTRY.length});

        assertThat(chunk.firstOffset()).isEqualTo(7);
        assertThat(chunk.batchCount()).isEqualTo(2);
        assertThat(chunk.frameBytes()).isEqualTo(length + Wire.BATCH_WITH_ENTRY.length);
        assertThat(frame(chunk, 0)).isEqualTo(Wire.BATCH);
        assertThat(frame(chunk, 1)).isEqualTo(Wire.BATCH_WITH_ENTRY);
        chunk.release();
        assertThat(frames.refCnt()).isZero();
    }

    @Test
    void releasesItsDictionariesAndBatches() {
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        reader.next(Unpooled.wrappedBuffer(Wire.DICTIONARY_SCHEMA)).release();
        ByteBuf bytes = buffer(Wire.DICTIONARY_BATCH);
        IpcDictionaryBatch dictionary = (IpcDictionaryBatch) reader.next(bytes);
        bytes.release();
        ByteBuf frames = buffer(Wire.BATCH);

        LogPiece piece = new LogPiece(List.of(dictionary), Chunk.of(7, frames, new int[] {Wire.BATCH.length}));

        assertThat(piece.dictionaries()).hasSize(1);
        assertThat(DictionaryFrames.text(piece.dictionaries().get(0))).isEqualTo("x+y");
        assertThat(frame(piece.chunk(), 0)).isEqualTo(Wire.BATCH);
        piece.release();
        assertThat(bytes.refCnt()).isZero();
        assertThat(frames.refCnt()).isZero();
    }
}
