package io.bowstring.bench.peers;

import java.util.List;

/** Measures how cost changes when one number grows and all others stay. */
enum Growth {
    SUBSCRIBERS {
        @Override
        List<Integer> all() {
            return List.of(1, 4, 16, 64, 256);
        }

        @Override
        Shape shape(int bodyBytes, int number) {
            return new Shape(bodyBytes, 1, 1, number);
        }
    },
    /** Each topic has a publisher and a subscriber. */
    TOPICS {
        @Override
        List<Integer> all() {
            return List.of(1, 10, 100, 1_000);
        }

        @Override
        Shape shape(int bodyBytes, int number) {
            return new Shape(bodyBytes, number, 1, 1);
        }
    },
    /** All publish to one topic, which has one subscriber. */
    PUBLISHERS {
        @Override
        List<Integer> all() {
            return List.of(1, 4, 16, 32);
        }

        @Override
        Shape shape(int bodyBytes, int number) {
            return new Shape(bodyBytes, 1, number, 1);
        }
    };

    abstract List<Integer> all();

    /** Returns how many there are, one after the other, up to a number. */
    List<Integer> numbers(int max) {
        return all().stream().filter(number -> number <= max).toList();
    }

    /** Returns the shape with that many. */
    abstract Shape shape(int bodyBytes, int number);
}
