package io.bowstring.it;

import io.bowstring.client.Client;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Deletes all topics of a server, by one connection. Not instantiable. */
final class TopicSweep {
    private TopicSweep() {}

    /** Returns how many there were. */
    static int deleteAll(int port) throws IOException, InterruptedException {
        List<String> topics = topics(port);
        try (MessageSocket socket = new MessageSocket(port)) {
            for (String topic : topics) {
                socket.send(RequestBytes.request("bowstring.delete", topic));
                requireDeleted(socket, topic);
            }
        }
        return topics.size();
    }

    private static List<String> topics(int port) throws InterruptedException {
        List<String> topics = new ArrayList<>();
        try (Client client = Client.connect("bowstring://127.0.0.1:" + port);
                Subscription table = client.topics("")) {
            for (ReceivedBatch batch : table) {
                try (batch) {
                    for (int row = 0; row < batch.root().getRowCount(); row++) {
                        topics.add(
                                batch.root().getVector("topic").getObject(row).toString());
                    }
                }
            }
        }
        return topics;
    }

    private static void requireDeleted(MessageSocket socket, String topic) throws IOException {
        IpcMessage reply = socket.receive();
        try {
            if (!((IpcSchema) reply).schemaMetadata().isEmpty()) {
                throw new AssertionError(topic + ": not deleted: " + ((IpcSchema) reply).schemaMetadata());
            }
        } finally {
            reply.release();
        }
        IpcMessage end = socket.receive();
        end.release();
        if (!(end instanceof IpcEndOfStream)) {
            throw new AssertionError(topic + ": no end after its deletion: " + end);
        }
    }
}
