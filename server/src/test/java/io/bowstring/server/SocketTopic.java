package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A topic of a {@link SocketModelTest}: all that was acknowledged to its publishers, as a list, and those who publish and
 * subscribe. One thing happens at a time, so that it is known what each subscriber must get.
 *
 * <p>Confined to the test's thread.
 */
final class SocketTopic implements AutoCloseable {
    private static final int BURST = 6;
    private static final int PUBLISHERS = 3;
    private static final int SUBSCRIBERS = 5;

    private final Server server;
    private final Random random;
    private final boolean isEncoded;
    private final String name;
    private final List<Object> values = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final SocketProducer producer;
    private int delivered;

    SocketTopic(Server server, long seed, boolean isEncoded) throws IOException {
        this.server = server;
        this.random = new Random(isEncoded ? ~seed : seed);
        this.isEncoded = isEncoded;
        this.name = (isEncoded ? "encoded" : "plain") + seed;
        this.producer = new SocketProducer(server, name, isEncoded, random, values);
        publishers.add(new Publisher(false)); // so that there is a schema
        publishers.get(0).send(1);
    }

    /** Does something. */
    void step() throws IOException {
        int dice = random.nextInt(21);
        if (dice < 9) {
            publish();
        } else if (dice < 11) {
            cutPublisher();
        } else if (dice < 14) {
            subscribe();
        } else if (dice < 18) {
            if (!subscribers.isEmpty()) {
                any(subscribers).read();
            }
        } else if (dice < 19 && !subscribers.isEmpty()) {
            subscribers.remove(any(subscribers).leave());
        } else if (dice == 20) {
            producer.publish();
        }
        subscribers.removeIf(subscriber -> subscriber.isOver);
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void publish() throws IOException {
        if (publishers.isEmpty() || publishers.size() < PUBLISHERS && random.nextInt(4) == 0) {
            publishers.add(new Publisher(false));
        }
        any(publishers).send(1 + random.nextInt(BURST));
    }

    private void cutPublisher() throws IOException {
        if (publishers.size() > 1) {
            Publisher publisher = any(publishers);
            publishers.remove(publisher);
            publisher.cut();
        }
    }

    private void subscribe() throws IOException {
        if (subscribers.size() == SUBSCRIBERS) {
            return;
        }
        long first = Topics.await(server, name, topic -> topic.nextOffset() == values.size())
                .firstOffset();
        long near = Math.max(0, (random.nextBoolean() ? first : values.size()) + random.nextInt(9) - 4);
        String from = any(List.of("latest", "earliest", "-3", Long.toString(near)));
        long start = Math.max(first, values.size() - 3);
        start = from.equals("latest")
                ? values.size()
                : from.equals("earliest") ? first : from.equals("-3") ? start : near;
        long end = Math.max(0, values.size() + random.nextInt(20) - 5);
        String until = any(List.of("live", "end", Long.toString(end)));
        end = until.equals("live") ? Long.MAX_VALUE : until.equals("end") ? values.size() : end;

        WireClient client = WireClient.connect(server);
        byte[] request = until.equals("live")
                ? Messages.subscribe(name, "bowstring.from", from, "bowstring.on-lag", "block")
                : Messages.subscribe(
                        name, "bowstring.from", from, "bowstring.on-lag", "block", "bowstring.until", until);
        client.send(request);
        if (start < first || start > values.size()) {
            client.expectRefusal(start < first ? "OFFSET_EXPIRED" : "BAD_REQUEST")
                    .expectFin();
            client.close();
            return;
        }
        Received schema = client.next();
        assertThat(schema.metadata())
                .containsEntry("bowstring.topic", name)
                .containsEntry("bowstring.offset", Long.toString(start));
        subscribers.add(new Subscriber(client, (int) start, end));
    }

    /** Seals the topic; returns how many batches have been delivered when all subscribers have come to their end. */
    int finish() throws IOException {
        Publisher sealing = new Publisher(true);
        sealing.send(2);
        sealing.client.send(Messages.END);
        sealing.expectEnd();
        for (Subscriber subscriber : subscribers) {
            subscriber.end = Math.min(subscriber.end, values.size());
            subscriber.read();
            assertThat(subscriber.isOver).isTrue();
        }
        subscribers.clear();
        for (Publisher publisher : publishers) {
            publisher.expectFailure("TOPIC_SEALED");
        }
        return delivered;
    }

    @Override
    public void close() throws IOException {
        for (Publisher publisher : publishers) {
            publisher.client.close();
        }
        for (Subscriber subscriber : subscribers) {
            subscriber.client.close();
        }
    }

    private final class Publisher {
        private final WireClient client = WireClient.connect(server);
        private final List<Object> dictionary = new ArrayList<>();
        private final long dictionaryId = random.nextInt(3);
        private long sent;

        Publisher(boolean seals) throws IOException {
            List<IpcField> fields = isEncoded ? Messages.encoded(dictionaryId) : Messages.FIELDS;
            String seal = Boolean.toString(seals);
            client.send(Messages.publish(fields, name, "bowstring.ack", "true", "bowstring.seal", seal));
        }

        /** Sends batches and waits until they are acknowledged, behind all that the topic had. */
        void send(int batches) throws IOException {
            byte[][] bytes = new byte[batches][];
            for (int i = 0; i < batches; i++) {
                bytes[i] = batch();
            }
            client.send(bytes);
            sent += batches;
            Received received = client.next();
            while (received.kind() == Received.Kind.SCHEMA
                    || (Long) received.columns().get(0).get(0) < sent) {
                received = client.next();
            }
            assertThat(received.columns())
                    .containsExactly(List.of(sent), List.of(values.size() - 1L), Arrays.asList((Object) null));
        }

        /** Returns a batch, and what of the dictionary it needs, which others may have sent before. */
        private byte[] batch() {
            long number = values.size();
            if (!isEncoded) {
                values.add(number);
                return Messages.batch(number);
            }
            byte[] change = {};
            int dice = random.nextInt(6);
            if (dice > 1 || dictionary.isEmpty()) {
                boolean isDelta = dice < 5 && !dictionary.isEmpty();
                if (!isDelta) {
                    dictionary.clear();
                }
                String text = Long.toString(random.nextBoolean() ? number : random.nextInt(2), 36);
                dictionary.add(text);
                change = Messages.dictionary(dictionaryId, isDelta, text);
            }
            int index = random.nextInt(dictionary.size());
            values.add(dictionary.get(index));
            return Messages.concat(change, Messages.batch(index));
        }

        /** Ends, in order or inside of a batch, which leaves no trace. */
        void cut() throws IOException {
            byte[] torn = Messages.batch(1);
            switch (random.nextInt(3)) {
                case 0 -> {
                    client.send(Messages.END);
                    expectEnd();
                }
                case 1 -> {
                    client.send(Arrays.copyOf(torn, 1 + random.nextInt(torn.length - 1)))
                            .halfClose();
                    expectFailure("BAD_STREAM");
                }
                default -> {
                    client.send(Arrays.copyOf(torn, random.nextInt(torn.length)));
                    client.reset();
                }
            }
            client.close();
        }

        /** Reads the last acknowledgement and the end. */
        void expectEnd() throws IOException {
            Received last = client.next();
            if (last.kind() == Received.Kind.SCHEMA) {
                last = client.next();
            }
            assertThat(last.columns().get(0)).isEqualTo(List.of(sent));
            assertThat(last.columns().get(2)).containsOnlyNulls();
            client.expectEnd();
        }

        /** Reads why publishing has failed: in the last acknowledgement, or where there has been none as a refusal. */
        void expectFailure(String code) throws IOException {
            if (sent == 0) {
                client.expectRefusal(code);
            } else {
                assertThat((String) client.next().columns().get(2).get(0)).startsWith(code);
            }
        }
    }

    private final class Subscriber {
        private final WireClient client;
        private final List<Object> dictionary = new ArrayList<>();
        private int next;
        private long end;
        private boolean isOver;

        Subscriber(WireClient client, int next, long end) {
            this.client = client;
            this.next = next;
            this.end = end;
        }

        /** Reads what must be there, each batch with its offset, value and no gap; and the end where it must come. */
        void read() throws IOException {
            while (next < Math.min(end, values.size())) {
                Received received = client.next();
                if (received.kind() == Received.Kind.BATCH) {
                    int number = received.numbers().get(0).intValue();
                    assertThat(received.offset()).isEqualTo(next);
                    assertThat(received.metadata()).doesNotContainKey("bowstring.gap");
                    assertThat(isEncoded ? dictionary.get(number) : (Object) (long) number)
                            .isEqualTo(values.get(next));
                    next++;
                    delivered++;
                } else {
                    assertThat(received.kind()).isIn(Received.Kind.DICTIONARY, Received.Kind.DELTA);
                    if (received.kind() == Received.Kind.DICTIONARY) {
                        dictionary.clear();
                    }
                    dictionary.addAll(received.columns().get(0));
                }
            }
            if (next >= end) {
                client.expectEnd();
                client.close();
                isOver = true;
            }
        }

        /** Goes away, in order or not. */
        Subscriber leave() throws IOException {
            if (random.nextBoolean()) {
                client.reset();
            }
            client.close();
            return this;
        }
    }
}
