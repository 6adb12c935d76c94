package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;

/**
 * How long a server that was killed takes until its topic is open again. Confined to the caller's thread.
 *
 * @param bytes that the files of the topic have
 * @param indexed seconds per GiB where the indexes are there
 * @param bare seconds per GiB where they are lost
 */
record RecoveryFindings(long bytes, Rounds indexed, Rounds bare) {}
