package io.bowstring.bench;

/**
 * The lower quartile, the median and the upper quartile of some values. Immutable.
 *
 * @param low a quarter of the values is not above it
 * @param median the one in the middle
 * @param high a quarter of the values is not below it
 */
public record Quartiles(double low, double median, double high) {}
