package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dictionaries of no values, of all sorts of types, hold before the verifier. */
class EmptyDictionaryTest {
    private static final IpcField TEXT = IpcField.of("t", true, IpcType.UTF8);
    private static final IpcField RUN_ENDS = IpcField.of("run_ends", false, IpcType.INT32);

    @Test
    void isWellFormedForAnyType() {
        assertWellFormed(IpcType.UTF8);
        assertWellFormed(IpcType.BOOL);
        assertWellFormed(IpcType.of(IpcTypeId.NULL));
        assertWellFormed(IpcType.of(IpcTypeId.UTF8_VIEW));
        assertWellFormed(IpcType.of(IpcTypeId.LARGE_BINARY));
        assertWellFormed(IpcType.of(IpcTypeId.LIST), TEXT);
        assertWellFormed(IpcType.of(IpcTypeId.LARGE_LIST_VIEW), TEXT);
        assertWellFormed(IpcType.of(IpcTypeId.FIXED_SIZE_LIST, 3), TEXT);
        assertWellFormed(IpcType.of(IpcTypeId.UNION, 1, 0), TEXT);
        assertWellFormed(IpcType.of(IpcTypeId.STRUCT), TEXT, IpcField.of("v", true, IpcType.of(IpcTypeId.BINARY_VIEW)));
        assertWellFormed(IpcType.of(IpcTypeId.RUN_END_ENCODED), RUN_ENDS, TEXT);
    }

    @Test
    void isWellFormedWhereValuesReferToAnotherDictionary() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(4, IpcType.INT32, false);
        assertWellFormed(IpcType.of(IpcTypeId.STRUCT), new IpcField("e", true, IpcType.UTF8, encoding, List.of()));
    }

    private static void assertWellFormed(IpcType type, IpcField... children) {
        IpcField field = StructureProbe.encoded(7, type, children);
        IpcDictionaryBatch empty = IpcDictionaryBatch.empty(7, field, UnpooledByteBufAllocator.DEFAULT);
        assertThat(empty.id()).isEqualTo(7);
        assertThat(empty.isDelta()).isFalse();
        assertThat(empty.batchMetadata().rowCount()).isZero();
        StructureProbe.assertAccepted(StructureProbe.schema(field), ByteBufUtil.getBytes(empty.frame()));
        empty.release();
    }
}
