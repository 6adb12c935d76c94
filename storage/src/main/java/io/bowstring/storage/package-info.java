/**
 * The log on disk: segments that are Arrow IPC streams, and their indexes. A server starts with {@link
 * io.bowstring.storage.FileStorage}.
 *
 * <p>Programs that read such files without a server start with {@link io.bowstring.storage.StoredTopic} or {@link
 * io.bowstring.storage.SegmentEnd}; those that look after them with {@link io.bowstring.storage.StorageCheck} and {@link
 * io.bowstring.storage.StorageRepair}.
 */
@NullMarked
package io.bowstring.storage;

import org.jspecify.annotations.NullMarked;
