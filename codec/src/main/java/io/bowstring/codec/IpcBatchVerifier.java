package io.bowstring.codec;

/**
 * Holds batches against a schema, as {@link IpcVerification#STRUCTURE} says. A decoder does so by itself; this is for those
 * who have messages from elsewhere and are to trust their metadata.
 *
 * <p>Confined to one thread.
 */
public final class IpcBatchVerifier {
    private final StreamVerifier stream;

    /**
     * Compiles what batches must look like.
     *
     * @param schema borrowed
     * @param limits of which {@code maxDecompressedBytes} counts
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be, or fields share a dictionary
     *     but not the type of its values
     */
    public IpcBatchVerifier(IpcSchema schema, IpcLimits limits) {
        this.stream = new StreamVerifier(schema.fields(), limits);
    }

    /**
     * Checks a record batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcRecordBatch batch) {
        stream.verifyRecordBatch(batch.bytes(), batch.bytes().reader());
    }

    /**
     * Checks a dictionary batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcDictionaryBatch batch) {
        stream.verifyDictionaryBatch(batch.id(), batch.bytes(), batch.bytes().reader());
    }
}
