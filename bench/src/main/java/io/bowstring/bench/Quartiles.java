package io.bowstring.bench;

/**
 * What a half of all values is between, and the one in the middle. Immutable.
 *
 * @param low a quarter of the values is not above it
 * @param median the one in the middle
 * @param high a quarter of the values is not below it
 */
public record Quartiles(double low, double median, double high) {}
