package io.bowstring.codec;

/**
 * Says how much memory one decoder may hold for the message that is arriving. It is asked before the memory is taken; a
 * message that lies whole in one received buffer takes none. Where it says no, the channel is not read until it says yes.
 *
 * <p>One quota belongs to one decoder, see {@link IpcDecoder#IpcDecoder(IpcDecoderConfig, IpcReceiveQuota)}. All methods
 * are called on the channel's event loop and must not block. What an implementation does where memory is short is its
 * own affair: {@link IpcDecoder#fail} ends a decoder that it does not want to wait for.
 */
public interface IpcReceiveQuota {
    /**
     * Asks for memory. What was asked for before is replaced: it is in {@code bytes}, as far as it is still needed.
     *
     * @param bytes how much the incomplete message is to hold in all from now on
     * @param mostBytes how much it may come to hold before it is whole, as far as it is known by now, bytes that are being
     *     copied included; who has that for it now need not keep it waiting half-way
     * @return whether it may, always where both are no more than before; if not, it holds what it held
     */
    boolean tryHold(long bytes, long mostBytes);

    /**
     * Asks to be told when there is memory. Comes once after each {@link #tryHold} that returned false, not before the
     * channel has been stopped.
     *
     * @param again to be run once, by any thread, this one included, when the memory that was asked for last has been
     *     taken for this decoder; it asks for it once more
     */
    void await(Runnable again);

    /** The message is whole, or given up: it holds nothing, and nothing more is waited for. */
    void letGo();
}
