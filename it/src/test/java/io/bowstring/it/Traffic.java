package io.bowstring.it;

/** What an attack has done. Confined to the attacker's thread. */
final class Traffic {
    private long opened;
    private long lost;
    private long sentBytes;
    private long receivedBytes;

    void onOpened() {
        opened++;
    }

    void onLost() {
        lost++;
    }

    void onSent(int bytes) {
        sentBytes += bytes;
    }

    void onReceived(int bytes) {
        receivedBytes += bytes;
    }

    @Override
    public String toString() {
        return "%,d connections, %,d of them ended by the server, %,d KiB sent, %,d KiB received"
                .formatted(opened, lost, sentBytes >> 10, receivedBytes >> 10);
    }
}
