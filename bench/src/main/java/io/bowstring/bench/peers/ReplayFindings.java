package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;

/**
 * How fast a durable topic is read from disk. Confined to the caller's thread.
 *
 * @param bytes that its files have
 * @param replay bytes per second that a subscriber got
 * @param sendfile bytes per second that a socket got by {@code sendfile} of the same files
 * @param alone delays of a live subscriber
 * @param besideReplay its delays while others replay
 * @param besideSendfile its delays while as many get the same files by {@code sendfile}
 */
record ReplayFindings(
        long bytes, Rounds replay, Rounds sendfile, Delay alone, Delay besideReplay, Delay besideSendfile) {}
